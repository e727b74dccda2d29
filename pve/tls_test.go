package pve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// certificate makes a self-signed one, valid for an hour around a moment.
func certificate(t *testing.T, at time.Time, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pve1"}, NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func serveCertificate(t *testing.T, cert tls.Certificate) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s.recording(nil))
	s.Config.ErrorLog = quietLog
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func pemOf(cert tls.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
}

func leafOf(t *testing.T, cert tls.Certificate) *x509.Certificate {
	t.Helper()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestTrust(t *testing.T) {
	good := certificate(t, time.Now(), "127.0.0.1")
	other := certificate(t, time.Now(), "127.0.0.1")
	named := certificate(t, time.Now(), "pve1.example", "192.0.2.1")
	expired := certificate(t, time.Now().Add(-48*time.Hour), "127.0.0.1")
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pemOf(good), 0o600); err != nil {
		t.Fatal(err)
	}
	print := func(cert tls.Certificate) string { return fingerprintOf(leafOf(t, cert)) }
	for _, tt := range []struct {
		name string
		cert tls.Certificate
		cfg  Config
		kind ConnectionKind // empty: it works
		hint string
	}{
		{name: "authority from a file", cert: good, cfg: Config{CAFile: caFile}},
		{name: "authority as text", cert: good, cfg: Config{CAPEM: pemOf(good)}},
		{name: "fingerprint", cert: good, cfg: Config{Fingerprint: print(good)}},
		{name: "fingerprint in small letters without colons", cert: good, cfg: Config{Fingerprint: strings.ToLower(strings.ReplaceAll(print(good), ":", ""))}},
		{name: "fingerprint of a certificate for another name", cert: named, cfg: Config{Fingerprint: print(named)}},
		{name: "fingerprint of an expired certificate", cert: expired, cfg: Config{Fingerprint: print(expired)}},
		{name: "system's authorities", cert: good, kind: ConnectionUntrusted, hint: "set ca_file to a copy of the cluster's authority, /etc/pve/pve-root-ca.pem on any node"},
		{name: "fingerprint to paste", cert: good, kind: ConnectionUntrusted, hint: `fingerprint: "` + print(good) + `"`},
		{name: "another authority", cert: other, cfg: Config{CAFile: caFile}, kind: ConnectionUntrusted, hint: `fingerprint: "` + print(other) + `"`},
		{name: "another name", cert: named, cfg: Config{CAPEM: pemOf(named)}, kind: ConnectionWrongName, hint: "the certificate is for pve1.example, 192.0.2.1"},
		{name: "expired", cert: expired, cfg: Config{CAPEM: pemOf(expired)}, kind: ConnectionExpired, hint: "pvecm updatecerts"},
		{name: "another fingerprint", cert: good, cfg: Config{Fingerprint: print(other)}, kind: ConnectionWrongFingerprint, hint: `fingerprint: "` + print(good) + `"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serveCertificate(t, tt.cert)
			c, _ := connect(t, tt.cfg, s.URL)
			_, err := c.Version(context.Background())
			if tt.kind == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *ConnectionError
			if !errors.As(err, &e) || e.Kind != tt.kind {
				t.Fatalf("want %s, got %v", tt.kind, err)
			}
			wantContains(t, strings.Join(ui.Hints(err), "\n"), tt.hint)
			if len(s.seen()) != 0 {
				t.Error("the secret was sent to a server that is not trusted")
			}
		})
	}
}

// A server that was trusted once and then shows another certificate is refused on the next connection.
func TestFingerprintIsCheckedOnEveryConnection(t *testing.T) {
	first, second := certificate(t, time.Now()), certificate(t, time.Now())
	certs := make(chan tls.Certificate, 2)
	certs <- first
	certs <- second
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s.recording(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		replies(`{"data":{"version":"9.2.11"}}`)(w, r)
	}))
	s.Config.ErrorLog = quietLog
	s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: []tls.Certificate{<-certs}}, nil
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	c, _ := connect(t, Config{Fingerprint: fingerprintOf(leafOf(t, first))}, s.URL)
	if _, err := c.Version(context.Background()); err != nil {
		t.Fatal(err)
	}
	var e *ConnectionError
	if _, err := c.Version(context.Background()); !errors.As(err, &e) || e.Kind != ConnectionWrongFingerprint {
		t.Errorf("want a refusal, got %v", err)
	}
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestConfigurationThatCannotWork(t *testing.T) {
	good := Config{Endpoints: []string{"https://pve1.example:8006"}, TokenID: testToken, TokenSecret: func() (string, error) { return testSecret, nil }}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*Config)
		text   string
	}{
		"no endpoint":             {func(c *Config) { c.Endpoints = nil }, "no endpoint is given"},
		"endpoint without scheme": {func(c *Config) { c.Endpoints = []string{"pve1:8006"} }, `endpoint "pve1:8006" is not an address`},
		"endpoint of a file":      {func(c *Config) { c.Endpoints = []string{"file:///etc"} }, "is not an address"},
		"plain http":              {func(c *Config) { c.Endpoints = []string{"http://pve1.example:8006"} }, "is plain http"},
		"password in it":          {func(c *Config) { c.Endpoints = []string{"https://root:" + testSecret + "@pve1:8006"} }, "more than host, port and path"},
		"query in it":             {func(c *Config) { c.Endpoints = []string{"https://pve1:8006/?x=1"} }, "more than host, port and path"},
		"no token":                {func(c *Config) { c.TokenID = "" }, `token_id "" is not the name of a token`},
		"user instead of token":   {func(c *Config) { c.TokenID = "root@pam" }, "is not the name of a token"},
		"secret with the token":   {func(c *Config) { c.TokenID += "=" + testSecret }, "holds more than the name of a token"},
		"no secret":               {func(c *Config) { c.TokenSecret = nil }, "no secret is given"},
		"no such CA":              {func(c *Config) { c.CAFile = "/nonexistent/ca.pem" }, "ca_file: open /nonexistent/ca.pem"},
		"CA that is none":         {func(c *Config) { c.CAPEM = []byte("x") }, "ca_file holds no certificate"},
		"CA and fingerprint":      {func(c *Config) { c.CAPEM, c.Fingerprint = []byte("x"), "AB" }, "exclude each other"},
		"short fingerprint":       {func(c *Config) { c.Fingerprint = "AB:CD" }, "not 32 hexadecimal bytes"},
		"SHA-1 fingerprint":       {func(c *Config) { c.Fingerprint = strings.Repeat("AB:", 19) + "AB" }, "is a SHA-1 one"},
		"no fingerprint":          {func(c *Config) { c.Fingerprint = strings.Repeat("XY", 32) }, "not 32 hexadecimal bytes"},
		"negative limit":          {func(c *Config) { c.MaxCallsPerNode = -1 }, "a limit is negative"},
	} {
		cfg := good
		tt.change(&cfg)
		_, err := New(cfg)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		wantContains(t, err.Error(), tt.text)
		if strings.Contains(err.Error()+strings.Join(ui.Hints(err), ""), testSecret) {
			t.Errorf("%s: the secret is in %v", name, err)
		}
	}
}
