package pve

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testToken  = "exporter@pve!metrics"
	testSecret = "8d9c2f60-1b7e-4c0a-9f3e-5a4b3c2d1e0f" // what must appear nowhere but in the header
)

// server answers over HTTP and counts. Its handler may be nil: then everything is the version.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func (s *server) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.requests...)
}

func serve(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(s.recording(handler))
	t.Cleanup(s.Close)
	return s
}

func serveTLS(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s.recording(handler))
	s.Config.ErrorLog = quietLog
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *server) recording(handler http.HandlerFunc) http.Handler {
	if handler == nil {
		handler = replies(`{"data":{"version":"9.2.11","release":"9.2"}}`)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Clone(context.Background()))
		s.mu.Unlock()
		handler(w, r)
	})
}

func replies(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		_, _ = io.WriteString(w, body)
	}
}

// wire is a server on a bare socket, for what net/http would not send: reason phrases, doubled headers, replies that break off.
type wire struct {
	address string
	mu      sync.Mutex
	count   int
}

func (w *wire) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// serveWire answers each request with the bytes that answer returns, and closes the connection.
func serveWire(t *testing.T, answer func(*http.Request) string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: "http://" + listener.Addr().String()}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { w.answer(conn, answer) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})
	return w
}

func (w *wire) answer(conn net.Conn, answer func(*http.Request) string) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	w.mu.Lock()
	w.count++
	w.mu.Unlock()
	_, _ = io.WriteString(conn, answer(req))
}

// status is a reply as pveproxy writes one: the reason phrase is the message.
func status(line, body string) string {
	reply := "HTTP/1.1 " + line + "\r\nConnection: close\r\nConnection: Keep-Alive\r\nServer: pve-api-daemon/3.0\r\n"
	if body != "" {
		reply += fmt.Sprintf("Content-Length: %d\r\nContent-Type: application/json;charset=UTF-8\r\n", len(body))
	}
	return reply + "\r\n" + body
}

// world is the client's clock, and a record of what it waited for instead of waiting.
type world struct {
	mu     sync.Mutex
	time   time.Time
	waited []time.Duration
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

func (w *world) wait(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waited = append(w.waited, d)
	return ctx.Err()
}

// connect makes a client of the addresses that never really waits. It ends with the test.
func connect(t testing.TB, cfg Config, addresses ...string) (*Client, *world) {
	t.Helper()
	w := &world{time: time.Unix(1795392000, 0)}
	cfg.Endpoints = addresses
	if cfg.TokenID == "" {
		cfg.TokenID = testToken
	}
	if cfg.TokenSecret == nil {
		cfg.TokenSecret = func() (string, error) { return testSecret, nil }
	}
	c, err := newClient(cfg, clock{now: w.now, wait: w.wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, w
}

// closedPort is an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return "http://" + listener.Addr().String()
}

// everyMethod calls each reading method once.
func everyMethod(c *Client) map[string]func(context.Context) error {
	drop := func(_ any, err error) error { return err }
	const upid = "UPID:pve1:00001D70:00045579:6B03887B:vzdump::root@pam:"
	return map[string]func(context.Context) error{
		"Version":         func(ctx context.Context) error { return drop(c.Version(ctx)) },
		"Resources":       func(ctx context.Context) error { return drop(c.Resources(ctx)) },
		"ClusterStatus":   func(ctx context.Context) error { return drop(c.ClusterStatus(ctx)) },
		"ClusterTasks":    func(ctx context.Context) error { return drop(c.ClusterTasks(ctx)) },
		"Jobs":            func(ctx context.Context) error { return drop(c.Jobs(ctx)) },
		"Permissions":     func(ctx context.Context) error { return drop(c.Permissions(ctx)) },
		"Storages":        func(ctx context.Context) error { return drop(c.Storages(ctx)) },
		"NodeTasks":       func(ctx context.Context) error { _, _, err := c.NodeTasks(ctx, "pve1", TaskQuery{}); return err },
		"TaskStatus":      func(ctx context.Context) error { return drop(c.TaskStatus(ctx, "pve1", upid)) },
		"TaskLog":         func(ctx context.Context) error { return drop(c.TaskLog(ctx, "pve1", upid, io.Discard)) },
		"TaskLogPage":     func(ctx context.Context) error { _, _, err := c.TaskLogPage(ctx, "pve1", upid, 0, 10); return err },
		"NodeTime":        func(ctx context.Context) error { return drop(c.NodeTime(ctx, "pve1")) },
		"NodeStorages":    func(ctx context.Context) error { return drop(c.NodeStorages(ctx, "pve1")) },
		"VZDumpDefaults":  func(ctx context.Context) error { return drop(c.VZDumpDefaults(ctx, "pve1", "local")) },
		"PruneList":       func(ctx context.Context) error { return drop(c.PruneList(ctx, "pve1", "local")) },
		"Content":         func(ctx context.Context) error { return drop(c.Content(ctx, "pve1", "local")) },
		"IncludedVolumes": func(ctx context.Context) error { return drop(c.IncludedVolumes(ctx, "nightly")) },
		"ScheduleAnalyze": func(ctx context.Context) error { return drop(c.ScheduleAnalyze(ctx, "daily", 1795392000, 3)) },
		"GuestConfig":     func(ctx context.Context) error { return drop(c.GuestConfig(ctx, "pve1", "qemu", 100)) },
		"Pools":           func(ctx context.Context) error { return drop(c.Pools(ctx)) },

		"GuestStatus":         func(ctx context.Context) error { return drop(c.GuestStatus(ctx, "pve1", "lxc", 100)) },
		"AgentOSInfo":         func(ctx context.Context) error { return drop(c.AgentOSInfo(ctx, "pve1", 100)) },
		"ContainerInterfaces": func(ctx context.Context) error { return drop(c.ContainerInterfaces(ctx, "pve1", 100)) },
		"ExtractConfig":       func(ctx context.Context) error { return drop(c.ExtractConfig(ctx, "pve1", "nas:backup/a")) },
		"NodeStatus":          func(ctx context.Context) error { return drop(c.NodeStatus(ctx, "pve1")) },
		"Templates":           func(ctx context.Context) error { return drop(c.Templates(ctx, "pve1", "local")) },
		"AvailableTemplates":  func(ctx context.Context) error { return drop(c.AvailableTemplates(ctx, "pve1")) },
		"FirewallRules":       func(ctx context.Context) error { return drop(c.FirewallRules(ctx, GuestFirewall("pve1", "lxc", 100))) },
		"FirewallOptions":     func(ctx context.Context) error { return drop(c.FirewallOptions(ctx, ClusterFirewall())) },
		"WaitTask":            func(ctx context.Context) error { return drop(c.WaitTask(ctx, "pve1", upid, time.Second)) },
	}
}

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

var quietLog = log.New(io.Discard, "", 0) // handshakes that fail on purpose
