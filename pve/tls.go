package pve

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// tlsConfig decides whom to trust: the pinned certificate, the given authority, or the system's.
func tlsConfig(cfg Config) (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	pem := cfg.CAPEM
	if cfg.CAFile != "" {
		if len(pem) > 0 {
			return nil, errors.New("a CA file and a CA are both given: give one")
		}
		var err error
		if pem, err = os.ReadFile(cfg.CAFile); err != nil {
			return nil, ui.Hint(fmt.Errorf("ca_file: %w", err), "copy /etc/pve/pve-root-ca.pem of any node there, readable to this program; or give the certificate's fingerprint instead")
		}
	}
	if cfg.Fingerprint != "" {
		if len(pem) > 0 {
			return nil, ui.Hint(errors.New("ca_file and fingerprint exclude each other"), "a fingerprint names one certificate; with several nodes, ca_file is the right one")
		}
		return pinnedConfig(out, cfg.Fingerprint)
	}
	if len(pem) > 0 {
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, ui.Hint(errors.New("ca_file holds no certificate"), "it must be in PEM form, as /etc/pve/pve-root-ca.pem is")
		}
	}
	return out, nil
}

// pinnedConfig trusts one certificate, whoever signed it, whatever names it is for and until when.
func pinnedConfig(out *tls.Config, fingerprint string) (*tls.Config, error) {
	want, err := parseFingerprint(fingerprint)
	if err != nil {
		return nil, err
	}
	// The standard verification cannot succeed with a self-signed certificate. VerifyConnection takes its place, on every connection,
	// a resumed one too.
	out.InsecureSkipVerify = true
	out.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("the server shows no certificate")
		}
		shown := sha256.Sum256(state.PeerCertificates[0].Raw)
		if subtle.ConstantTimeCompare(shown[:], want) != 1 {
			return &fingerprintError{shown: fingerprintOf(state.PeerCertificates[0])}
		}
		return nil
	}
	return out, nil
}

// parseFingerprint reads a SHA-256 fingerprint, in either case, with or without colons.
func parseFingerprint(text string) ([]byte, error) {
	raw, err := hex.DecodeString(strings.NewReplacer(":", "", " ", "").Replace(text))
	switch {
	case err == nil && len(raw) == sha256.Size:
		return raw, nil
	case err == nil && len(raw) == 20:
		err = errors.New("fingerprint is a SHA-1 one")
	default:
		err = errors.New("fingerprint is not 32 hexadecimal bytes")
	}
	return nil, ui.Hint(err, "it is the SHA-256 that this prints on the node: pvenode cert info")
}

// fingerprintOf writes a certificate's SHA-256 as Proxmox VE shows it: AB:CD:...
func fingerprintOf(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}

// fingerprintError says that the server shows another certificate than the pinned one.
type fingerprintError struct{ shown string }

func (e *fingerprintError) Error() string { return "the certificate has the fingerprint " + e.shown }
