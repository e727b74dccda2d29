package setup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// The server's own address, as it is seen from within, and where it says that it is alive.
const (
	within     = "127.0.0.1:9000"
	healthPath = "/minio/health/live"
)

// healthTimeout is how long a server that was started may take until it answers.
const healthTimeout = time.Minute

// Healthy waits until the server answers that it is alive. It is asked through the SSH connection, so that no firewall has a say in it, and with the
// certificate that was installed.
func (s Server) Healthy(ctx context.Context, shell *Shell) error {
	return s.healthyAt(ctx, shell, within)
}

func (s Server) healthyAt(ctx context.Context, shell *Shell, address string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return shell.client.DialContext(ctx, network, address)
		},
		DisableKeepAlives: true,
	}
	url := "http://" + address + healthPath
	if s.Certificate != "" {
		trust, name, err := trusted(s.Certificate)
		if err != nil {
			return err
		}
		transport.TLSClientConfig = trust
		url = "https://" + name + healthPath
	}
	client := &http.Client{Transport: transport}
	pause := time.NewTicker(time.Second)
	defer pause.Stop()
	for {
		err := ask(ctx, client, url)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ui.Hint(fmt.Errorf("the server runs and does not answer that it is alive: %w", err), "in the container: journalctl --unit %s --no-pager", unitName)
		case <-pause.C:
		}
	}
}

func ask(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	reply, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = reply.Body.Close() }()
	if reply.StatusCode != http.StatusOK {
		return errors.New(reply.Status)
	}
	return nil
}

// trusted trusts the certificate that was installed, whoever signed it, under a name that it has.
func trusted(chain string) (*tls.Config, string, error) {
	pool := x509.NewCertPool()
	block, _ := pem.Decode([]byte(chain))
	if block == nil {
		return nil, "", errors.New("there is no certificate")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, "", err
	}
	pool.AddCert(leaf)
	name := ""
	switch {
	case len(leaf.DNSNames) > 0:
		name = leaf.DNSNames[0]
	case len(leaf.IPAddresses) > 0:
		name = leaf.IPAddresses[0].String()
	default:
		return nil, "", ui.Hint(errors.New("the certificate names no host"), "make one with a subject alternative name: no client accepts it otherwise")
	}
	return &tls.Config{RootCAs: pool, ServerName: name, MinVersion: tls.VersionTLS12}, name, nil
}
