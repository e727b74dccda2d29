package wire

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backend answers a handful of calls without a cluster behind them.
type backend struct{ down bool }

func (b *backend) Guard(f func()) { f() }
func (b *backend) Now() time.Time { return time.Unix(1795394000, 0) }
func (b *backend) Reach(_, node string, _ bool) *Error {
	if node == "dead" {
		return Unreachable("No route to host")
	}
	return nil
}

func (b *backend) Admit(string) *Error {
	if b.down {
		return &Error{Abort: true}
	}
	return nil
}

func (b *backend) Authenticate(header string) (string, *Error) {
	if header == "" {
		return "", Unauthorized("No ticket")
	}
	return "me@pve!tok", nil
}

func (b *backend) Endpoints() []Endpoint {
	rows := func(*Call) (Answer, *Error) {
		return Answer{Data: []map[string]any{{"id": "a", "n": 1}, {"id": "b", "n": 2}}, Total: 2}, nil
	}
	return []Endpoint{
		{Method: "GET", Template: "/rows", Handle: rows},
		{Method: "GET", Template: "/nodes/{node}/rows", OnNode: true, Protected: true, Handle: rows, Params: []Param{{Name: "limit", Kind: Integer, Min: Limit(0)}}},
		{Method: "GET", Template: "/secret", Check: func(*Call) *Error { return Forbidden("/, Sys.Audit") }, Handle: rows},
		{Method: "GET", Template: "/long", Handle: func(*Call) (Answer, *Error) { return Answer{Data: strings.Repeat("x", 5000)}, nil }},
		{Method: "GET", Template: "/file", Handle: func(*Call) (Answer, *Error) {
			return Answer{File: bytes.Repeat([]byte("line\n"), 1000), FileName: "task.log"}, nil
		}},
		{Method: "POST", Template: "/echo", Params: []Param{{Name: "a"}, {Name: "b", Kind: Boolean}}, Handle: func(c *Call) (Answer, *Error) {
			return Answer{Data: map[string]any{"a": c.Get("a"), "b": c.Bool("b"), "all": c.All("a")}}, nil
		}},
	}
}

// fixture is a served backend with everything that a test may want to turn.
type fixture struct {
	*backend
	faults *Faults
	log    *Log
	server *Server
	waited atomic.Int64 // nanoseconds that slow answers would have taken
	client *http.Client
	roots  *x509.CertPool
}

func serveFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{backend: &backend{}, faults: &Faults{}, log: &Log{}, roots: x509.NewCertPool()}
	authority, err := NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	handler := NewHandler(f.backend, "pve1", f.faults, f.log, func(ctx context.Context, d time.Duration) error {
		f.waited.Add(int64(d))
		return ctx.Err()
	})
	if f.server, err = StartServer(handler, "127.0.0.1:0", "pve1", authority); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.server.Close)
	f.roots.AppendCertsFromPEM(f.server.CAPEM)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: f.roots}}
	t.Cleanup(transport.CloseIdleConnections)
	f.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return f
}

// ask sends a GET with a token and returns the answer with its body.
func (f *fixture) ask(t *testing.T, path string) (*http.Response, []byte, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, f.server.URL+"/api2/json"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "PVEAPIToken=x")
	res, err := f.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

// raw sends a request as bytes and returns the header's lines and the rest.
func (f *fixture) raw(t *testing.T, request string) (status string, header textproto.MIMEHeader, body string) {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(f.server.URL, "https://"), &tls.Config{RootCAs: f.roots, ServerName: "pve1"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	reader := textproto.NewReader(bufio.NewReader(conn))
	if status, err = reader.ReadLine(); err != nil {
		t.Fatal(err)
	}
	if header, err = reader.ReadMIMEHeader(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(reader.R)
	return status, header, string(rest)
}

func TestBytesOnTheWire(t *testing.T) {
	const head = " HTTP/1.1\r\nHost: pve1\r\nAuthorization: PVEAPIToken=x\r\n"
	tests := []struct {
		name, request, status string
		connection            []string
		body                  string
	}{
		{"a protected call leaves two connection headers", "GET /api2/json/nodes/pve1/rows" + head + "\r\n", "HTTP/1.1 200 OK", []string{"close", "Keep-Alive"}, `{"data":[{"id":"a","n":1},{"id":"b","n":2}],"total":2}`},
		{"a wrong path is no 404", "GET /api2/json/nope" + head + "\r\n", "HTTP/1.1 501 Method 'GET /nope' not implemented", []string{"close"}, `{"data":null,"message":"Method 'GET /nope' not implemented"}`},
		{"a missing credential has no body", "GET /api2/json/rows HTTP/1.1\r\nHost: pve1\r\n\r\n", "HTTP/1.1 401 No ticket", []string{"close"}, ""},
		{"a missing privilege is named in the status line", "GET /api2/json/secret" + head + "\r\n", "HTTP/1.1 403 Permission check failed (/, Sys.Audit)", []string{"close"}, `{"data":null,"message":"Permission check failed (/, Sys.Audit)\n"}`},
		{"a dead node has no body", "GET /api2/json/nodes/dead/rows" + head + "\r\n", "HTTP/1.1 595 No route to host", []string{"close"}, ""},
		{"a wrong parameter", "GET /api2/json/nodes/pve1/rows?limit=x" + head + "\r\n", "HTTP/1.1 400 Parameter verification failed.", []string{"close", "Keep-Alive"}, `{"data":null,"message":"Parameter verification failed.\n","errors":{"limit":"type check ('integer') failed - got 'x'"}}`},
		{"HEAD is not available", "HEAD /api2/json/rows" + head + "\r\n", "HTTP/1.1 501 method 'HEAD' not available", []string{"close"}, ""},
		{"a slash too many does not matter", "GET /api2/json//rows/" + head + "Connection: close\r\n\r\n", "HTTP/1.1 200 OK", []string{"close"}, `{"data":[{"id":"a","n":1},{"id":"b","n":2}],"total":2}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := serveFixture(t)
			status, header, body := f.raw(t, tt.request)
			if status != tt.status || body != tt.body || strings.Join(header.Values("Connection"), ",") != strings.Join(tt.connection, ",") {
				t.Errorf("got %q %q\n%s\nwant %q %q\n%s", status, header.Values("Connection"), body, tt.status, tt.connection, tt.body)
			}
			if header.Get("Server") != "pve-api-daemon/3.0" || header.Get("Pragma") != "no-cache" || header.Get("Expires") != "Mon, 23 Nov 2026 00:33:20 GMT" {
				t.Errorf("headers %v", header)
			}
			if body == "" && header.Get("Content-Type") != "" {
				t.Errorf("an empty answer has no content type, got %q", header.Get("Content-Type"))
			}
		})
	}
}

func TestConnectionsOfPlainCallsStayOpen(t *testing.T) {
	f := serveFixture(t)
	for range 3 {
		if res, _, err := f.ask(t, "/rows"); err != nil || res.Close {
			t.Fatalf("the connection was closed: %v", err)
		}
	}
}

func TestCompression(t *testing.T) {
	f := serveFixture(t)
	const head = " HTTP/1.1\r\nHost: pve1\r\nAuthorization: PVEAPIToken=x\r\nConnection: close\r\n"
	tests := []struct {
		name, request string
		zipped        bool
	}{
		{"long and accepted", "GET /api2/json/long" + head + "Accept-Encoding: gzip\r\n\r\n", true},
		{"long and not accepted", "GET /api2/json/long" + head + "\r\n", false},
		{"short", "GET /api2/json/rows" + head + "Accept-Encoding: gzip\r\n\r\n", false},
		{"a file, accepted or not", "GET /api2/json/file" + head + "\r\n", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, header, body := f.raw(t, tt.request)
			if got := header.Get("Content-Encoding") == "gzip"; got != tt.zipped {
				t.Fatalf("compressed %v, want %v", got, tt.zipped)
			}
			if !tt.zipped {
				return
			}
			reader, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := io.ReadAll(reader); err != nil || len(plain) < 5000 {
				t.Errorf("%d bytes, %v", len(plain), err)
			}
		})
	}
}

func TestBodiesOfWrites(t *testing.T) {
	f := serveFixture(t)
	tests := []struct{ name, kind, body, status, want string }{
		{"form", "application/x-www-form-urlencoded", "a=1&a=2&b=1", "200 OK", `{"a":"1","all":["1","2"],"b":true}`},
		{"json", "application/json", `{"a":["x","y"],"b":true}`, "200 OK", `{"a":"x","all":["x","y"],"b":true}`},
		{"broken json", "application/json", `{"a":`, "500 malformed JSON string, neither tag, array, object, number, string or atom, at character offset 5 (before \"(end of string)\")", ""},
		{"another type", "text/plain", "a=1", "506 upload 'Content-Type 'text/plain' not implemented", ""},
		{"a parameter that does not exist", "application/json", `{"c":1}`, "400 Parameter verification failed.", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequest(http.MethodPost, f.server.URL+"/api2/json/echo", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", tt.kind)
			r.Header.Set("Authorization", "PVEAPIToken=x")
			res, err := f.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil || res.Status != tt.status {
				t.Fatalf("status %q, want %q (%v)", res.Status, tt.status, err)
			}
			if tt.want != "" && string(body) != `{"data":`+tt.want+"}" {
				t.Errorf("got %s", body)
			}
		})
	}
}

func TestWholeAPIDown(t *testing.T) {
	f := serveFixture(t)
	f.down = true
	if _, _, err := f.ask(t, "/rows"); !errors.Is(err, io.EOF) {
		t.Errorf("want a closed connection, got %v", err)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	f := serveFixture(t)
	for _, path := range []string{"/rows", "/rows", "/nope", "/nodes/pve1/rows?limit=3"} {
		if _, _, err := f.ask(t, path); err != nil {
			t.Fatal(err)
		}
	}
	counts := f.log.Counts()
	if counts["GET /rows"] != 2 || counts["GET "] != 1 || counts["GET /nodes/{node}/rows"] != 1 || f.log.Total() != 4 {
		t.Errorf("counts %v of %d", counts, f.log.Total())
	}
	last := f.log.Requests()[3]
	if last.Node != "pve1" || last.Query != "limit=3" || last.Status != 200 || last.Bytes == 0 || last.Entry != "pve1" {
		t.Errorf("the last request is kept as %+v", last)
	}
	if statuses := f.log.Statuses(); statuses[200] != 3 || statuses[501] != 1 {
		t.Errorf("statuses %v", statuses)
	}
	f.log.Reset()
	if f.log.Total() != 0 || f.log.Bytes() != 0 || len(f.log.Requests()) != 0 {
		t.Error("Reset must forget all")
	}
}

// decodes reports whether a body is whole JSON.
func decodes(body []byte) bool { return json.Valid(body) }
