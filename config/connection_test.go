package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// node makes the root of a machine that is a Proxmox VE node, with a certificate of its own if that has content.
func node(t *testing.T, certificate []byte) string {
	t.Helper()
	root := t.TempDir()
	local := filepath.Join(root, "etc", "pve", "local")
	if err := os.MkdirAll(local, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "etc", "pve", "pve-root-ca.pem"), "authority", 0o640)
	if certificate != nil {
		write(t, filepath.Join(local, "pveproxy-ssl.pem"), string(certificate), 0o640)
	}
	return root
}

func certificate(t *testing.T, names ...string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func cluster(t *testing.T, lines string) config.Cluster {
	t.Helper()
	return load(t, "version: 1\nclusters:\n  home:\n    exporter: {token_id: e@pve!m, token_secret_file: s}\n"+lines).Clusters[0]
}

const pin = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

func TestConnection(t *testing.T) {
	elsewhere, plain, own := t.TempDir(), node(t, nil), node(t, certificate(t, "pve1.example", "pve1"))
	for _, test := range []struct {
		name, lines, root string
		want              config.Connection
	}{
		{"declared", "    endpoints: [https://pve1, https://pve2:443]\n    ca_file: ca.pem\n", plain, config.Connection{Endpoints: []string{"https://pve1:8006", "https://pve2:443"}, CAFile: "/etc/x/ca.pem"}},
		{"declared, with the system's authorities", "    endpoints: [https://pve1]\n", plain, config.Connection{Endpoints: []string{"https://pve1:8006"}}},
		{"pinned, however it is written", "    endpoints: [https://pve1]\n    fingerprint: " + strings.ToLower(strings.ReplaceAll(pin, ":", "")) + "\n", elsewhere, config.Connection{Endpoints: []string{"https://pve1:8006"}, Fingerprint: pin}},
		{"found on a node", "", plain, config.Connection{Endpoints: []string{"https://localhost:8006"}, CAFile: filepath.Join(plain, "etc/pve/pve-root-ca.pem"), Local: true}},
		{"found, with a declared authority", "    ca_file: /ca.pem\n", plain, config.Connection{Endpoints: []string{"https://localhost:8006"}, CAFile: "/ca.pem", Local: true}},
		{"found, pinned", "    fingerprint: \"" + pin + "\"\n", own, config.Connection{Endpoints: []string{"https://localhost:8006"}, Fingerprint: pin, Local: true}},
		{"found, with a certificate of its own", "", own, config.Connection{Endpoints: []string{"https://pve1.example:8006"}, Local: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := cluster(t, test.lines).Connection(test.root)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

// A service that may not read /etc/pve gets the authority as a credential.
func TestAuthorityAsCredential(t *testing.T) {
	credentials := t.TempDir()
	write(t, filepath.Join(credentials, "pve-root-ca.pem"), "authority", 0o400)
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	got, err := cluster(t, "").Connection(node(t, nil))
	if err != nil || got.CAFile != filepath.Join(credentials, "pve-root-ca.pem") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNoConnection(t *testing.T) {
	for name, root := range map[string]string{
		"not on a node":                t.TempDir(),
		"a certificate without a name": node(t, certificate(t)),
		"no certificate":               node(t, []byte("not PEM")),
		"a broken certificate":         node(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}})),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cluster(t, "").Connection(root)
			if hints := ui.Hints(err); err == nil || len(hints) != 1 || !strings.Contains(hints[0], "endpoints: [") || !strings.Contains(err.Error(), "cluster home") {
				t.Errorf("got %+v, %v, hints %q", got, err, hints)
			}
		})
	}
}
