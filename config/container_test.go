package config_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

const storeInContainer = `
version: 1
clusters:
  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: s}}
stores:
  minio:
    kind: minio
    endpoint: https://minio.home:9000
    access_key_file: minio.access
    secret_key_file: minio.secret
    provisioner: {access_key_file: minio.admin, secret_key_file: minio.admin.secret}
    container:
      node: pve1
      vmid: 130
      storage: local-zfs
      allow: [192.0.2.0/24]
      ssh_public_key_file: minio.ssh.pub
      ssh_private_key_file: minio.ssh
      certificate_file: minio.pem
      key_file: minio.key
      server: {file: minio, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
`

func TestAContainerHasDefaults(t *testing.T) {
	got := *load(t, storeInContainer).Stores[0].Container
	if got.Cluster != "home" || got.Address != "dhcp" || got.Bridge != "vmbr0" || got.Cores != 2 || got.Memory != 2048 || got.Disk != 8 || got.DataDisk != 32 ||
		got.Template != "debian-13-standard" || got.TemplateStorage != "local" || !got.Sets() || strings.Join(got.SSHNetworks(), " ") != "192.0.2.0/24" {
		t.Errorf("%+v", got)
	}
}

// TestFilesOfAContainer: each file is looked at before anything is sent, and what is wrong with it is said without any of its content.
func TestFilesOfAContainer(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", folder)
	container := *load(t, storeInContainer).Stores[0].Container
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, content string) { write(t, filepath.Join(folder, name), content, 0o600) }
	privateText, publicText := string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(key))
	chain, keyText := selfSigned(t)
	_, otherKey := selfSigned(t)

	put("minio.ssh", privateText)
	put("minio.ssh.pub", "# mine\n"+strings.TrimSpace(publicText)+" me@home\n")
	put("minio.pem", chain)
	put("minio.key", keyText)
	if keys, err := container.PublicKeys(); err != nil || keys != strings.TrimSpace(publicText)+" me@home\n" {
		t.Errorf("%q %v", keys, err)
	}
	if signer, err := container.Signer(); err != nil || ssh.FingerprintSHA256(signer.PublicKey()) != ssh.FingerprintSHA256(key) {
		t.Errorf("%v", err)
	}
	if got, secret, err := container.Certificate(); err != nil || string(got) != chain || secret.Reveal() != keyText {
		t.Errorf("%v", err)
	}
	refused(t, put, container, map[string]string{"minio.ssh.pub": privateText, "minio.ssh": publicText, "minio.pem": keyText, "minio.key": otherKey})
}

func refused(t *testing.T, put func(name, content string), container config.StoreContainer, wrong map[string]string) {
	t.Helper()
	for _, name := range []string{"minio.ssh.pub", "minio.ssh", "minio.key", "minio.pem"} {
		put(name, wrong[name])
		var err error
		switch name {
		case "minio.ssh.pub":
			_, err = container.PublicKeys()
		case "minio.ssh":
			_, err = container.Signer()
		default:
			_, _, err = container.Certificate()
		}
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "PRIVATE") || strings.Contains(err.Error(), wrong[name][:20]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func selfSigned(t *testing.T) (chain, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "minio"}, NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"minio.home"}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes}))
}
