package pvesim_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newReader(text []byte) io.Reader { return bytes.NewReader(text) }

// serve starts a node's API for the length of the test and returns a client that trusts it.
func serve(t testing.TB, c *pvesim.Cluster, node string) (client *http.Client, base string) {
	t.Helper()
	server, err := c.Start(node)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(server.CAPEM) {
		t.Fatal("the authority's certificate is not readable")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, server.URL
}

// get asks for a path with a token and returns the body of a 200.
func get(t testing.TB, client *http.Client, base, path, token, secret string) []byte {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, base+"/api2/json"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "PVEAPIToken="+token+"="+secret)
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", path, res.Status, body)
	}
	return body
}
