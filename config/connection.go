package config

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const (
	localEndpoint = "https://localhost:8006"
	// rootCA signed the certificates that a cluster makes for its nodes; they are good for localhost. Only root and group www-data may read it.
	rootCA = "etc/pve/pve-root-ca.pem"
	// ownCertificate is served in place of the node's own, if somebody uploaded or ordered one.
	ownCertificate = "etc/pve/local/pveproxy-ssl.pem"
)

// Connection is how a cluster's API is reached and its certificate is checked.
type Connection struct {
	Endpoints   []string // https://host:port, tried in order
	CAFile      string   // where the PEM file lies; empty: the authorities that the system trusts
	Fingerprint string   // SHA-256, upper case with colons; empty: CAFile decides
	Local       bool     // the address was not declared but found, on the node itself
}

// Connection returns what the file declares of the cluster's API or, where it names no endpoint and the program runs on a Proxmox VE node, what
// the node knows: itself, and the authority of its cluster. The root is the folder to look for /etc/pve in: "/" but for tests. The error
// carries a hint; it says that neither is to be had.
func (c Cluster) Connection(root string) (Connection, error) {
	connection := Connection{Endpoints: c.Endpoints, CAFile: c.CAFile.Resolve(), Fingerprint: c.Fingerprint}
	if len(c.Endpoints) > 0 {
		return connection, nil
	}
	authority := filepath.Join(root, rootCA)
	if _, err := os.Stat(authority); err != nil {
		return Connection{}, ui.Hint(fmt.Errorf("cluster %s: no endpoint is declared, and this machine is not a Proxmox VE node", c.Name),
			"name the nodes' addresses in the file, such as `endpoints: [https://pve1:8006]`")
	}
	connection.Endpoints, connection.Local = []string{localEndpoint}, true
	if connection.CAFile != "" || connection.Fingerprint != "" {
		return connection, nil
	}
	served, err := os.ReadFile(filepath.Join(root, ownCertificate))
	if errors.Is(err, fs.ErrNotExist) {
		connection.CAFile = authority
		if given, ok := credential(filepath.Base(rootCA)); ok {
			connection.CAFile = given
		}
		return connection, nil
	}
	return c.ownCertificate(connection, served, err)
}

// ownCertificate completes a local connection where the node serves a certificate that its cluster did not sign: it is asked for by the name
// that the certificate is for, and checked like any other certificate of the internet.
func (c Cluster) ownCertificate(connection Connection, served []byte, err error) (Connection, error) {
	if err == nil {
		var host string
		if host, err = certificateHost(served); err == nil {
			connection.Endpoints = []string{"https://" + host + ":8006"}
			return connection, nil
		}
	}
	return Connection{}, ui.Hint(fmt.Errorf("cluster %s: this node serves a certificate of its own, which cannot be read: %w", c.Name, err),
		"declare the address that the certificate is for, such as `endpoints: [https://pve1.example:8006]`, or its `fingerprint`")
}

func certificateHost(pemData []byte) (string, error) {
	block, _ := pem.Decode(pemData)
	if block == nil {
		return "", errors.New("no PEM data")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", err
	}
	if len(certificate.DNSNames) == 0 {
		return "", errors.New("it names no host")
	}
	return certificate.DNSNames[0], nil
}
