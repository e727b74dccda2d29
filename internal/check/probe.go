package check

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// step is how far a probe came before it failed.
type step string

// The steps of a probe, in order.
const (
	stepResolve   step = "resolve"
	stepConnect   step = "connect"
	stepHandshake step = "handshake"
	stepTrust     step = "trust"
)

// probe is what the network says of one API address. Nothing is sent there but a TLS handshake: no secret, no request.
type probe struct {
	address   string // as declared
	host      string
	addresses []string // that the host's name has
	// proxy is the proxy that calls to the address go through, without its credentials. Then nothing else is known.
	proxy       string
	certificate *x509.Certificate // shown by the server; nil when there was no handshake
	failed      step              // empty when all went well
	err         error
}

// probeTimeout is how long connecting and the handshake may take each: what the client allows, too.
const probeTimeout = 5 * time.Second

// probeAll looks at all addresses side by side.
func probeAll(ctx context.Context, connection config.Connection, trusted *trust, now time.Time) []probe {
	probes := make([]probe, len(connection.Endpoints))
	var group sync.WaitGroup
	for i, address := range connection.Endpoints {
		group.Go(func() { probes[i] = probeOne(ctx, address, trusted, now) })
	}
	group.Wait()
	return probes
}

func probeOne(ctx context.Context, address string, trusted *trust, now time.Time) probe {
	p := probe{address: address}
	target, err := url.Parse(address)
	if err != nil {
		return p.fail(stepResolve, err)
	}
	p.host = target.Hostname()
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: target}); err == nil && proxy != nil {
		p.proxy = proxy.Host
		return p
	}
	if p.addresses, err = net.DefaultResolver.LookupHost(ctx, p.host); err != nil {
		return p.fail(stepResolve, err)
	}
	port := target.Port()
	if port == "" {
		port = "443"
	}
	connection, err := (&net.Dialer{Timeout: probeTimeout}).DialContext(ctx, "tcp", net.JoinHostPort(p.host, port))
	if err != nil {
		return p.fail(stepConnect, err)
	}
	defer func() { _ = connection.Close() }()
	chain, err := shake(ctx, connection, p.host)
	if err != nil {
		return p.fail(stepHandshake, err)
	}
	p.certificate = chain[0]
	if err := trusted.verify(p.host, chain, now); err != nil {
		return p.fail(stepTrust, err)
	}
	return p
}

func (p probe) fail(at step, err error) probe {
	p.failed, p.err = at, err
	return p
}

// shake returns the certificates that a server shows, the node's own first.
func shake(ctx context.Context, connection net.Conn, host string) ([]*x509.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	//nolint:gosec // nothing is sent over this connection: it is there to see the certificate, which verify judges
	session := tls.Client(connection, &tls.Config{ServerName: host, InsecureSkipVerify: true})
	if err := session.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	chain := session.ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return nil, errors.New("the server shows no certificate")
	}
	return chain, nil
}

// trust decides about certificates as the client does, but tells more about them. A nil trust takes every certificate.
type trust struct {
	fingerprint string         // AB:CD:..., the only certificate that counts
	roots       *x509.CertPool // nil for the system's
}

// errFingerprint says that a server shows another certificate than the declared one.
var errFingerprint = errors.New("the certificate is not the pinned one")

// trustOf reads what the declared file says about certificates.
func trustOf(connection config.Connection) (*trust, error) {
	t := &trust{fingerprint: connection.Fingerprint}
	if connection.CAFile == "" {
		return t, nil
	}
	data, err := os.ReadFile(connection.CAFile)
	if err != nil {
		return nil, err
	}
	t.roots = x509.NewCertPool()
	if !t.roots.AppendCertsFromPEM(data) {
		return nil, errors.New("no certificate in it")
	}
	return t, nil
}

func (t *trust) verify(host string, chain []*x509.Certificate, now time.Time) error {
	if t == nil {
		return nil
	}
	if t.fingerprint != "" {
		if fingerprintOf(chain[0]) != t.fingerprint {
			return errFingerprint
		}
		return nil
	}
	intermediates := x509.NewCertPool()
	for _, certificate := range chain[1:] {
		intermediates.AddCert(certificate)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: t.roots, Intermediates: intermediates, DNSName: host, CurrentTime: now})
	return err
}

// fingerprintOf writes a certificate's SHA-256 as the declared file has it: AB:CD:...
func fingerprintOf(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}
