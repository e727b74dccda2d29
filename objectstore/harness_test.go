package objectstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testAccess = "observer-canary"
	testSecret = "hunter2-canary-of-the-store"
	bucketName = "tfstate-lab"
	stateKey   = "terraform.tfstate"
)

var quiet = log.New(io.Discard, "", 0)

// counted is a server that counts what it is asked.
type counted struct {
	*httptest.Server

	mu       sync.Mutex
	requests []string
	headers  []http.Header
}

// serve counts what a handler is asked.
func serve(t *testing.T, handler http.Handler) *counted {
	t.Helper()
	c := unstarted(handler)
	c.Start()
	t.Cleanup(c.Close)
	return c
}

func unstarted(handler http.Handler) *counted {
	c := &counted{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.requests = append(c.requests, r.Method+" "+r.URL.RequestURI())
		c.headers = append(c.headers, r.Header.Clone())
		c.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	c.Config.ErrorLog = quiet
	return c
}

// seen returns what was asked since the last time.
func (c *counted) seen() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.requests
	c.requests, c.headers = nil, nil
	return seen
}

// inFront puts a counting proxy in front of a real server. Requests are signed for the address of the server, so that is what it is told.
func inFront(t *testing.T, address string) *counted {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		Transport: transport, ErrorLog: quiet,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the server is gone: so is the connection
	}
	return serve(t, proxy)
}

// memory is an S3 server in this process, with one versioned bucket. Its clock stands still unless it is set.
type memory struct {
	*counted
	now time.Time
}

// Now, Since: gofakes3.TimeSource.
func (m *memory) Now() time.Time                  { return m.now }
func (m *memory) Since(t time.Time) time.Duration { return m.now.Sub(t) }

func inMemory(t *testing.T) *memory {
	t.Helper()
	m := &memory{now: time.Now().Truncate(time.Second)}
	fake := gofakes3.New(s3mem.New(s3mem.WithTimeSource(m)), gofakes3.WithLogger(gofakes3.DiscardLog()), gofakes3.WithTimeSource(m), gofakes3.WithTimeSkewLimit(0))
	m.counted = serve(t, fake.Server())
	admin := administrator(t, m.URL, testAccess, testSecret)
	if err := admin.MakeBucket(t.Context(), bucketName, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := admin.EnableVersioning(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	m.seen()
	return m
}

// connect makes a client that is closed with the test.
func connect(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.Name == "" {
		cfg.Name = "minio"
	}
	if cfg.Kind == "" {
		cfg.Kind = S3
	}
	if cfg.Credentials == nil {
		cfg.Credentials = key(testAccess, testSecret)
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute // a busy machine
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func key(access, secret string) func() (string, string, error) {
	return func() (string, string, error) { return access, secret, nil }
}

// put writes an object as Terraform would.
func put(t *testing.T, api *minio.Client, bucket, key, content string) {
	t.Helper()
	_, err := api.PutObject(t.Context(), bucket, key, strings.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, api *minio.Client, bucket, key string) {
	t.Helper()
	if err := api.RemoveObject(t.Context(), bucket, key, minio.RemoveObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

// wantReason asserts what an error says, and that it shows no secret.
func wantReason(t *testing.T, err error, reason Reason, hint string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Reason != reason {
		t.Errorf("want %s, got %v", reason, err)
		return
	}
	if hints := strings.Join(ui.Hints(err), "\n"); !strings.Contains(hints, hint) || hint != "" && hints == "" {
		t.Errorf("hints %q, want %q", hints, hint)
	}
	hidesSecrets(t, err)
}

func hidesSecrets(t *testing.T, err error) {
	t.Helper()
	var all bytes.Buffer
	ui.PrintError(&all, "test", err)
	if strings.Contains(all.String(), "canary") || strings.ContainsRune(all.String(), '\x1b') {
		t.Errorf("the error shows what it must not: %q", all.String())
	}
}

func wantRequests(t *testing.T, c *counted, most int) {
	t.Helper()
	if seen := c.seen(); len(seen) > most {
		t.Errorf("%d requests, at most %d are promised:\n%s", len(seen), most, strings.Join(seen, "\n"))
	}
}

var errEnded = errors.New("ended by the test")

// ended is a context that is over.
func ended(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errEnded)
	return ctx
}
