package config

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"golang.org/x/crypto/ssh"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// StoreContainer is the container that an object store runs in, where provisioning makes it.
type StoreContainer struct {
	Cluster  string `yaml:"cluster" format:"name" unset:"the file's only cluster" doc:"The cluster that it runs in: one of 'clusters'."`
	Node     string `yaml:"node" required:"true" format:"node" example:"pve1" doc:"The node that it is made on. It may be migrated later."`
	VMID     int    `yaml:"vmid" required:"true" min:"100" max:"999999999" example:"130" doc:"Its guest id. An environment must select it, so that it is backed up: name it in that environment's 'guests: {vmids: [...]}'."`
	Hostname string `yaml:"hostname" format:"hostname" example:"minio" unset:"the store's name" doc:"Its host name."`

	Address string   `yaml:"address" default:"dhcp" format:"container-address" example:"192.0.2.30/24" doc:"Its IPv4 address with the length of the network's prefix, or 'dhcp'."`
	Gateway string   `yaml:"gateway" format:"ip-address" example:"192.0.2.1" unset:"none, or the one of DHCP" doc:"The router that it reaches other networks by."`
	DNS     []string `yaml:"dns" format:"ip-address" example:"[192.0.2.1]" unset:"those of the node" doc:"Its name servers."`
	Bridge  string   `yaml:"bridge" default:"vmbr0" format:"bridge" doc:"The bridge of the node that it is connected to."`

	Cores    int    `yaml:"cores" default:"2" min:"1" max:"8192" doc:"How many processor cores it may use."`
	Memory   int    `yaml:"memory" default:"2048" min:"64" max:"4194304" doc:"The memory that it may use, in MiB."`
	Storage  string `yaml:"storage" required:"true" format:"storage" example:"local-zfs" doc:"The storage in Proxmox VE that its two volumes lie on. It must hold container volumes."`
	Disk     int    `yaml:"disk" default:"8" min:"2" max:"131072" doc:"The size of the volume that its system lies on, in GiB."`
	DataDisk int    `yaml:"data_disk" default:"32" min:"1" max:"131072" doc:"The size of the volume that the buckets lie on, in GiB: a mount point of its own, and part of every backup. Where it was enlarged since, it stays as it is."`

	Template        string `yaml:"template" default:"debian-13-standard" format:"template" example:"debian-13-standard_13.1-2_amd64.tar.zst" doc:"The container template that it is made from, or the beginning of its name: then the newest on 'template_storage', else the newest that Proxmox offers, which is downloaded. It needs systemd and an SSH server."`
	TemplateStorage string `yaml:"template_storage" default:"local" format:"storage" doc:"The storage in Proxmox VE that holds container templates."`

	Allow    []string `yaml:"allow" required:"true" format:"network" example:"[192.0.2.0/24]" doc:"The networks that may reach the store and its console, ports 9000 and 9001. Nobody else may."`
	AllowSSH []string `yaml:"allow_ssh" format:"network" example:"[192.0.2.10]" unset:"those of 'allow'" doc:"The networks that may reach its SSH server: the machine that provisions must be in one."`

	SSHPublicKeyFile  Path           `yaml:"ssh_public_key_file" required:"true" format:"path" example:"minio.ssh.pub" doc:"The public SSH keys that may log in as root, one a line, as in 'authorized_keys'. Used when the container is made."`
	SSHPrivateKeyFile SecretFile     `yaml:"ssh_private_key_file" format:"secret-file" example:"minio.ssh" unset:"the server in the container is left to you" doc:"The private key of one of them, without a passphrase. Provisioning logs in with it to set the server up."`
	SSHHostKey        string         `yaml:"ssh_host_key" format:"ssh-fingerprint" example:"SHA256:jJz0dBZ0cU1XxqkK4Hh0gPpZ3vS8mS5v3h1u2s0Qe9A" unset:"as the log of the container's creation says" doc:"The fingerprint of the container's SSH host key. Needed where neither this machine nor the cluster remembers the creation."`
	Server            *ServerProgram `yaml:"server" unset:"the server in the container is left to you" doc:"The server's program. There is no download of MinIO to name here by default: see [minio-container.md](minio-container.md)."`
	RootUserFile      SecretFile     `yaml:"root_user_file" format:"secret-file" example:"minio.admin" unset:"'access_key_file' of the store's 'provisioner'" doc:"The file that holds the name of MinIO's root user, and nothing else."`
	RootPasswordFile  SecretFile     `yaml:"root_password_file" format:"secret-file" example:"minio.admin.secret" unset:"'secret_key_file' of the store's 'provisioner'" doc:"The file that holds the password of MinIO's root user, and nothing else."`
	CertificateFile   Path           `yaml:"certificate_file" format:"path" example:"minio.pem" unset:"it speaks plain http" doc:"The server's TLS certificate with its chain, as a PEM file. It goes with 'key_file'."`
	KeyFile           SecretFile     `yaml:"key_file" format:"secret-file" example:"minio.key" unset:"it speaks plain http" doc:"The private key of the certificate, as a PEM file."`
}

// ServerProgram is an executable file, and where it comes from.
type ServerProgram struct {
	URL    string `yaml:"url" format:"download-address" example:"https://builds.example/minio" unset:"'file' is used" doc:"Where provisioning downloads it from."`
	File   Path   `yaml:"file" format:"path" example:"minio" unset:"'url' is used" doc:"The file, on the machine that provisions."`
	SHA256 string `yaml:"sha256" required:"true" format:"sha256" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" doc:"The SHA-256 of the file, in hexadecimal. Nothing else is installed."`
}

// Sets reports whether provisioning sets the server in the container up, and not only the container.
func (c StoreContainer) Sets() bool { return c.Server != nil && !c.SSHPrivateKeyFile.IsZero() }

// SSHNetworks are the networks that may reach its SSH server.
func (c StoreContainer) SSHNetworks() []string {
	if len(c.AllowSSH) > 0 {
		return c.AllowSSH
	}
	return c.Allow
}

// PublicKeys reads the public keys, each checked, as Proxmox VE takes them: one a line.
func (c StoreContainer) PublicKeys() (string, error) {
	text, err := os.ReadFile(c.SSHPublicKeyFile.Resolve())
	if err != nil {
		return "", ui.Hint(fmt.Errorf("%s: %w", c.SSHPublicKeyFile.Position(), err), "make a pair of keys: ssh-keygen -t ed25519 -N '' -f minio.ssh")
	}
	var keys []byte
	for rest := text; len(bytes.TrimSpace(rest)) > 0; {
		key, comment, _, left, err := ssh.ParseAuthorizedKey(rest)
		if err != nil {
			return "", ui.Hint(fmt.Errorf("%s: %s holds something that is no public SSH key", c.SSHPublicKeyFile.Position(), c.SSHPublicKeyFile.Name()),
				"name the file that ends with .pub; the other one is the private key")
		}
		line := bytes.TrimRight(ssh.MarshalAuthorizedKey(key), "\n")
		if comment != "" {
			line = append(append(line, ' '), comment...)
		}
		keys, rest = append(append(keys, line...), '\n'), left
	}
	if len(keys) == 0 {
		return "", ui.Hint(fmt.Errorf("%s: %s holds no public SSH key", c.SSHPublicKeyFile.Position(), c.SSHPublicKeyFile.Name()), "make a pair of keys: ssh-keygen -t ed25519 -N '' -f minio.ssh")
	}
	return string(keys), nil
}

// Signer reads the private SSH key.
func (c StoreContainer) Signer() (ssh.Signer, error) {
	secret, err := c.SSHPrivateKeyFile.read(asIs(func(content []byte) error {
		_, err := ssh.ParsePrivateKey(content)
		return err
	}, "is no private SSH key that can be used without a passphrase", "make a pair of keys: ssh-keygen -t ed25519 -N '' -f minio.ssh"))
	if err != nil {
		return nil, err
	}
	return ssh.ParsePrivateKey([]byte(secret.Reveal()))
}

// Certificate reads the certificate with its chain, and its private key, both as PEM; neither where none is declared.
func (c StoreContainer) Certificate() (chain []byte, key Secret, err error) {
	if c.CertificateFile.IsZero() {
		return nil, Secret{}, nil
	}
	if chain, err = os.ReadFile(c.CertificateFile.Resolve()); err != nil {
		return nil, Secret{}, ui.Hint(fmt.Errorf("%s: %w", c.CertificateFile.Position(), err), "name the PEM file of the server's certificate")
	}
	if block, _ := pem.Decode(chain); block == nil || block.Type != "CERTIFICATE" {
		return nil, Secret{}, ui.Hint(fmt.Errorf("%s: %s holds no certificate", c.CertificateFile.Position(), c.CertificateFile.Name()), "name the PEM file of the server's certificate")
	} else if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		return nil, Secret{}, ui.Hint(fmt.Errorf("%s: %s: %w", c.CertificateFile.Position(), c.CertificateFile.Name(), err), "name the PEM file of the server's certificate")
	}
	key, err = c.KeyFile.read(asIs(func(content []byte) error {
		_, err := tls.X509KeyPair(chain, content)
		return err
	}, "is not the private key of the certificate", "name the PEM file of the key that the certificate was made for, without a passphrase"))
	return chain, key, err
}

// asIs takes a file of several lines that passes a check. The check's own words are not passed on: they could show some of it.
func asIs(check func(content []byte) error, problem, hint string) func(content []byte) (string, error) {
	return func(content []byte) (string, error) {
		if check(content) != nil {
			return "", ui.Hint(errors.New(problem), "%s", hint)
		}
		return string(content), nil
	}
}
