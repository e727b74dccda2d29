package provisioner

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// warehouse is a bench with an object store beside its cluster, reached through a proxy that counts.
type warehouse struct {
	*bench
	store *testprogram.Store
	proxy *httptest.Server

	mu       sync.Mutex
	requests []string
}

// newWarehouse starts a cluster, and MinIO or another server.
func newWarehouse(t *testing.T, start func() *testprogram.Store) *warehouse {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs a real server")
	}
	w := &warehouse{store: start()} // which may skip
	w.bench = newBench(t)
	target, err := url.Parse(w.store.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }, // requests are signed for this host
		Transport: transport, ErrorLog: log.New(io.Discard, "", 0),
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	w.proxy = httptest.NewServer(http.HandlerFunc(func(reply http.ResponseWriter, request *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, request.Method+" "+request.URL.RequestURI())
		w.mu.Unlock()
		proxy.ServeHTTP(reply, request)
	}))
	w.proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(w.proxy.Close)
	w.put("minio.admin", w.store.AccessKey+"\n")
	w.put("minio.admin.secret", w.store.SecretKey+"\n")
	w.put("minio.access", "observer\n")
	w.put("minio.secret", "not-used-here\n")
	return w
}

func onMinIO(t *testing.T) *warehouse {
	t.Helper()
	return newWarehouse(t, func() *testprogram.Store { return testprogram.MinIO(t, "") })
}

// declareStore writes a declared file of kind minio or s3, with environments.
func (w *warehouse) declareStore(kind, environments string) {
	w.t.Helper()
	w.declare(fmt.Sprintf(`environments:
%s
stores:
  depot:
    kind: %s
    endpoint: %s
    access_key_file: minio.access
    secret_key_file: minio.secret
    provisioner: {access_key_file: minio.admin, secret_key_file: minio.admin.secret}
`, strings.Trim(environments, "\n"), kind, w.proxy.URL))
}

// seen returns what the store was asked since the last time, and what of it may change something.
func (w *warehouse) seen() (all, writing []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all, w.requests = w.requests, nil
	for _, each := range all {
		if method, _, _ := strings.Cut(each, " "); method != http.MethodGet && method != http.MethodHead {
			writing = append(writing, each)
		}
	}
	return all, writing
}

// settledToo runs once more, and wants nothing to be written anywhere.
func (w *warehouse) settledToo() {
	w.t.Helper()
	w.seen()
	w.settled()
	if _, writing := w.seen(); len(writing) > 0 {
		w.t.Errorf("the second run sent the store %q", writing)
	}
	if !strings.Contains(w.printed, "No changes.") {
		w.t.Errorf("the second run printed:\n%s", w.printed)
	}
}

// client uses the key in two files of the folder.
func (w *warehouse) client(name, secret string) *objectstore.Client {
	w.t.Helper()
	client, err := objectstore.New(objectstore.Config{Name: "depot", Kind: objectstore.MinIO, Endpoint: w.store.URL, Credentials: func() (string, string, error) {
		return w.read(name), w.read(secret), nil
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(client.Close)
	return client
}

func (w *warehouse) admin() *objectstore.Client { return w.client("minio.admin", "minio.admin.secret") }

// read returns a file's content without the line end.
func (w *warehouse) read(name string) string {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.folder, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}
