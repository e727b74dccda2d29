package objectstore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// trustOf decides whose certificates are accepted: those of the given authority, or of the system's.
func trustOf(caFile string) (*tls.Config, error) {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return trust, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, ui.Hint(fmt.Errorf("ca_file: %w", err), "copy the authority's certificate there, readable to this program; of a certificate that signed itself, the certificate")
	}
	trust.RootCAs = x509.NewCertPool()
	if !trust.RootCAs.AppendCertsFromPEM(pem) {
		return nil, ui.Hint(errors.New("ca_file holds no certificate"), "it must be in PEM form: it begins with -----BEGIN CERTIFICATE-----")
	}
	return trust, nil
}
