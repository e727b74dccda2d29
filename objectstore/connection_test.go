package objectstore

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// certificateFiles makes a certificate that signed itself, for 127.0.0.1 unless other names are given, and writes it as MinIO wants to find it.
func certificateFiles(t *testing.T, notAfter time.Time, names ...string) (folder string, pair tls.Certificate) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(notAfter.Unix()), Subject: pkix.Name{CommonName: "store"}, NotBefore: notAfter.Add(-365 * 24 * time.Hour), NotAfter: notAfter,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, DNSNames: names,
	}
	if len(names) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	for name, block := range map[string]*pem.Block{"public.crt": {Type: "CERTIFICATE", Bytes: der}, "private.key": {Type: "PRIVATE KEY", Bytes: text}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

func serveTLS(t *testing.T, pair tls.Certificate) *counted {
	t.Helper()
	c := unstarted(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`)
	}))
	c.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	c.StartTLS()
	t.Cleanup(c.Close)
	return c
}

func TestCertificatesAreCheckedAndLookedAt(t *testing.T) {
	tomorrow := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	yesterday := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	other, _ := certificateFiles(t, tomorrow)
	for _, tt := range []struct {
		name     string
		notAfter time.Time
		names    []string
		ca       string // folder; "own": the server's
		reason   Reason
		hint     string
	}{
		{name: "expires tomorrow", notAfter: tomorrow, ca: "own"},
		{name: "wrong authority", notAfter: tomorrow, ca: other, reason: Untrusted, hint: "set ca_file"},
		{name: "system's authorities", notAfter: tomorrow, reason: Untrusted, hint: "set ca_file"},
		{name: "expired yesterday", notAfter: yesterday, ca: "own", reason: Expired, hint: "renew the server's certificate"},
		{name: "another name", notAfter: tomorrow, names: []string{"minio.example"}, ca: "own", reason: WrongName, hint: "the certificate is for minio.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder, pair := certificateFiles(t, tt.notAfter, tt.names...)
			s := serveTLS(t, pair)
			cfg := Config{Endpoint: s.URL}
			if tt.ca == "own" {
				tt.ca = folder
			}
			if tt.ca != "" {
				cfg.CAFile = filepath.Join(tt.ca, "public.crt")
			}
			c := connect(t, cfg)
			_, err := c.Bucket(t.Context(), bucketName)
			if tt.reason != "" {
				wantReason(t, err, tt.reason, tt.hint)
				if seen := s.seen(); len(seen) > 0 {
					t.Errorf("a server that is not trusted was asked %q", seen)
				}
			} else if err != nil {
				t.Error(err)
			}
			s.seen()
			certificate, err := c.Certificate(t.Context())
			if err != nil || !certificate.NotAfter.Equal(tt.notAfter) {
				t.Errorf("seen %+v, %v; want the end %v", certificate, err, tt.notAfter)
			}
			s.mu.Lock()
			for _, header := range s.headers {
				if header.Get("Authorization") != "" {
					t.Error("the look at the certificate carries credentials")
				}
			}
			s.mu.Unlock()
			wantRequests(t, s, 1)
		})
	}
}

// A renewed certificate is seen at once, although older connections live on.
func TestARenewedCertificateIsSeen(t *testing.T) {
	_, before := certificateFiles(t, time.Now().Add(time.Hour).Truncate(time.Second))
	_, after := certificateFiles(t, time.Now().Add(99*time.Hour).Truncate(time.Second))
	current := before
	s := unstarted(http.NotFoundHandler())
	s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: []tls.Certificate{current}}, nil
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	c := connect(t, Config{Endpoint: s.URL})
	first, err := c.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	current = after
	second, err := c.Certificate(t.Context())
	if err != nil || !second.NotAfter.After(first.NotAfter) {
		t.Errorf("%v, then %v, %v", first.NotAfter, second.NotAfter, err)
	}
}

func TestPlainHTTPHasNoCertificate(t *testing.T) {
	certificate, err := connect(t, Config{Endpoint: "http://127.0.0.1:1"}).Certificate(t.Context())
	if err != nil || !certificate.NotAfter.IsZero() {
		t.Errorf("%+v, %v", certificate, err)
	}
}

func TestServersThatCannotBeAsked(t *testing.T) {
	gone := serve(t, http.NotFoundHandler())
	gone.Close()
	plain := serve(t, http.NotFoundHandler())
	cut := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	stuck := make(chan struct{})
	slow := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stuck:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(stuck) })
	for _, tt := range []struct {
		name, address string
		timeout       time.Duration
		reason        Reason
		hint          string
	}{
		{name: "gone", address: gone.URL, reason: Refused, hint: "is the server running"},
		{name: "no TLS", address: strings.Replace(plain.URL, "http:", "https:", 1), reason: NotTLS, hint: "http://"},
		{name: "cut off", address: cut.URL, reason: Reset, hint: "restarting"},
		{name: "stuck", address: slow.URL, timeout: 200 * time.Millisecond, reason: Timeout, hint: "overloaded"},
		{name: "no such name", address: "http://store.invalid:9000", reason: Unresolved, hint: "resolve"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, kind := range []Kind{MinIO, S3} {
				c := connect(t, Config{Endpoint: tt.address, Kind: kind, Timeout: tt.timeout})
				health, err := c.Health(t.Context())
				wantReason(t, err, tt.reason, tt.hint)
				if health.Up() || health.Live {
					t.Errorf("health %+v", health)
				}
				_, err = c.State(t.Context(), bucketName, stateKey)
				wantReason(t, err, tt.reason, tt.hint)
				_, err = c.Usage(t.Context(), bucketName)
				wantReason(t, err, tt.reason, tt.hint)
			}
		})
	}
}

// A caller that gives up gets its own error: it is not the store's fault.
func TestACallerThatGivesUp(t *testing.T) {
	m := inMemory(t)
	c := connect(t, Config{Endpoint: m.URL})
	ctx := ended(t)
	_, bucket := c.Bucket(ctx, bucketName)
	_, state := c.State(ctx, bucketName, stateKey)
	_, usage := c.Usage(ctx, bucketName)
	_, health := c.Health(ctx)
	_, head := c.StateHead(ctx, bucketName, stateKey)
	for i, err := range []error{bucket, state, usage, health, head, c.ProbeState(ctx, bucketName), c.EnableVersioning(ctx, bucketName)} {
		var e *Error
		if err == nil || errors.As(err, &e) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

func TestConfigurationThatCannotWork(t *testing.T) {
	good := Config{Name: "minio", Kind: MinIO, Endpoint: "https://minio.example:9000", Credentials: key(testAccess, testSecret)}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	notPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(notPEM, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*Config)
		text   string
	}{
		"no address":      {func(c *Config) { c.Endpoint = "minio:9000" }, "the endpoint is not an address"},
		"password in it":  {func(c *Config) { c.Endpoint = "https://a:canary@minio:9000" }, "more than scheme, host and port"},
		"path in it":      {func(c *Config) { c.Endpoint = "https://minio:9000/bucket" }, "more than scheme, host and port"},
		"no kind":         {func(c *Config) { c.Kind = "" }, "there is no kind"},
		"no key":          {func(c *Config) { c.Credentials = nil }, "no access key is given"},
		"no such CA":      {func(c *Config) { c.CAFile = "/nonexistent/ca.pem" }, "ca_file: open /nonexistent/ca.pem"},
		"CA that is none": {func(c *Config) { c.CAFile = notPEM }, "ca_file holds no certificate"},
		"negative limit":  {func(c *Config) { c.MaxPages = -1 }, "a limit is negative"},
	} {
		cfg := good
		tt.change(&cfg)
		_, err := New(cfg)
		if err == nil || !strings.Contains(err.Error(), "store minio: "+tt.text) && !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		hidesSecrets(t, err)
	}
}

func TestCredentialsThatCannotBeRead(t *testing.T) {
	m := inMemory(t)
	failed := ui.Hint(errors.New("secret file is gone"), "create it")
	access, secret, problem := "", "", error(failed)
	c := connect(t, Config{Endpoint: m.URL, Credentials: func() (string, string, error) { return access, secret, problem }})
	_, err := c.Bucket(t.Context(), bucketName)
	if !errors.Is(err, failed) || len(ui.Hints(err)) != 1 {
		t.Errorf("%v", err)
	}
	problem = nil
	if _, err = c.Bucket(t.Context(), bucketName); err == nil || !strings.Contains(err.Error(), "the access key is empty") {
		t.Errorf("%v", err)
	}
	wantRequests(t, m.counted, 0)
	access, secret = testAccess, testSecret // it is there now: no restart is needed
	if _, err = c.Bucket(t.Context(), bucketName); err != nil {
		t.Error(err)
	}
}

// A key that was replaced is used from the next probe on.
func TestAReplacedKeyIsUsed(t *testing.T) {
	m := inMemory(t)
	access := testAccess
	c := connect(t, Config{Endpoint: m.URL, Credentials: func() (string, string, error) { return access, testSecret, nil }})
	for _, access = range []string{testAccess, "another"} {
		if _, err := c.Bucket(t.Context(), bucketName); err != nil {
			t.Fatal(err)
		}
		m.mu.Lock()
		signed := m.headers[len(m.headers)-1].Get("Authorization")
		m.mu.Unlock()
		if !strings.Contains(signed, "Credential="+access+"/") {
			t.Errorf("with key %s the request is signed %q", access, signed)
		}
	}
}
