package pve

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Every refusal must be an error that keeps the server's words: go-proxmox alone takes most of these for an empty success.
func TestRefusals(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name, line, body string
		call             func(*Client) error
		status           int
		text             string
		hint             string
		is               func(error) bool
	}{
		{
			name: "wrong token, empty body", line: "401 Authentication failed!", status: 401, text: "GET /version on http://",
			hint: "journalctl -u pveproxy", is: IsUnauthorized,
		},
		{
			name: "privilege", line: "403 Permission check failed (/nodes/pve1, Sys.Audit)", body: `{"message":"Permission check failed (/nodes/pve1, Sys.Audit)\n","data":null}`,
			status: 403, text: ": 403 Permission check failed (/nodes/pve1, Sys.Audit)", hint: "give the token the privilege Sys.Audit on /nodes/pve1", is: IsForbidden,
		},
		{
			name: "parameter", line: "400 Parameter verification failed.", body: `{"data":null,"errors":{"upid":"no such task"},"message":"Parameter verification failed.\n"}`,
			status: 400, text: "400 Parameter verification failed.; upid: no such task", is: IsNotFound,
		},
		{
			name: "missing object", line: "500 storage 'x' does not exist", body: `{"data":null,"message":"storage 'x' does not exist\n"}`,
			status: 500, text: "500 storage 'x' does not exist", is: IsNotFound,
		},
		{
			name: "node down", line: "595 No route to host", status: 595, text: "595 No route to host", hint: "node pve2 is down", is: IsNodeUnreachable,
			call: func(c *Client) error { _, _, err := c.NodeTasks(ctx, "pve2", TaskQuery{}); return err },
		},
		{
			name: "node slow", line: "596 Connection timed out", status: 596, hint: "node pve2", is: IsNodeUnreachable,
			call: func(c *Client) error { _, err := c.PruneList(ctx, "pve2", "nas"); return err },
		},
		{
			name: "node unknown", line: "500 hostname lookup 'ghost' failed - failed to get address info for: ghost: Name or service not known", status: 500,
			is:   IsNodeUnreachable,
			call: func(c *Client) error { _, err := c.NodeTime(ctx, "ghost"); return err },
		},
		{name: "own daemon down", line: "595 Connection refused", status: 595, hint: "systemctl status pvedaemon", is: func(err error) bool { return !IsNodeUnreachable(err) }},
		{name: "too old", line: "501 Method 'GET /version' not implemented", status: 501, hint: "too old", is: IsNotImplemented},
		{name: "another server", line: "404 Not Found", body: `<html>`, status: 404, hint: "something else", is: IsNotFound},
		{name: "success without a body, badly wrapped", line: "404 Not Found", body: `{"data":null}`, status: 404},
		{name: "reverse proxy", line: "502 Bad Gateway", body: `{"data":null}`, status: 502},
		{name: "reverse proxy busy", line: "503 Service Unavailable", body: `{"data":[]}`, status: 503},
		{name: "reverse proxy slow", line: "504 Gateway Timeout", body: `{"data":null}`, status: 504},
		{name: "plain text", line: "506 upload 'Content-Type 'text/plain' not implemented", body: "upload not implemented", status: 506, text: "506 upload 'Content-Type"},
		{
			name: "cluster file system down", status: 500, hint: "systemctl status pve-cluster",
			line: "500 RPCEnvironment init request failed: Unable to load access control list: Connection refused",
		},
		{name: "errors that are no texts", line: "400 Bad", body: `{"errors":{"a":{"b":1},"c":7}}`, status: 400, text: "c: 7"},
		{name: "control characters", line: "500 a\x1b[31mred", status: 500, text: "500 a [31mred"},
		{name: "not modified", line: "304 Not Modified", status: 304, hint: "redirects are not followed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := serveWire(t, func(*http.Request) string { return status(tt.line, tt.body) })
			c, _ := connect(t, Config{}, w.address)
			if tt.call == nil {
				tt.call = func(c *Client) error { _, err := c.Version(ctx); return err }
			}
			err := tt.call(c)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("want an *Error, got %v", err)
			}
			if e.Status != tt.status {
				t.Errorf("status %d, want %d", e.Status, tt.status)
			}
			wantContains(t, err.Error(), tt.text)
			wantContains(t, strings.Join(ui.Hints(err), "\n"), tt.hint)
			if tt.is != nil && !tt.is(err) {
				t.Errorf("not recognised: %v", err)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("control characters in %q", err)
			}
		})
	}
}

func TestErrorNamesCallAndNode(t *testing.T) {
	w := serveWire(t, func(*http.Request) string { return status("595 No route to host", "") })
	c, _ := connect(t, Config{}, w.address)
	_, err := c.PruneList(context.Background(), "pve2", "nas")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	want := Error{
		Status: 595, Reason: "No route to host", Method: "GET", Endpoint: "/nodes/{node}/storage/{storage}/prunebackups",
		Path: "/nodes/pve2/storage/nas/prunebackups", Node: "pve2", Address: w.address,
	}
	if e.Error() != want.Error() || e.Endpoint != want.Endpoint || e.Node != want.Node || e.Address != want.Address {
		t.Errorf("got %+v, want %+v", *e, want)
	}
}

// No status of any method may pass for an empty success.
func TestEveryMethodReportsEveryStatus(t *testing.T) {
	for _, line := range []string{"404 Not Found", "500 no", "502 Bad Gateway", "503 x", "504 x", "595 Connection refused", "596 x", "599 x"} {
		w := serveWire(t, func(*http.Request) string { return status(line, `{"data":null}`) })
		c, _ := connect(t, Config{Retries: -1}, w.address)
		for name, call := range everyMethod(c) {
			var e *Error
			if err := call(context.Background()); !errors.As(err, &e) || !strings.HasPrefix(line, e.Error()[strings.Index(e.Error(), ": ")+2:]) {
				t.Errorf("%s after %q: %v", name, line, err)
			}
		}
	}
}

// A name that came from a reply must not lead to another path than the one that was meant.
func TestNamesCannotClimb(t *testing.T) {
	s := serve(t, nil)
	c, _ := connect(t, Config{}, s.URL)
	for _, name := range []string{"", ".", ".."} {
		if _, err := c.PruneList(context.Background(), name, "local"); err == nil {
			t.Errorf("node %q was accepted", name)
		}
	}
	if _, err := c.PruneList(context.Background(), "pve1", "a/../../x?y#z"); err == nil {
		t.Error("want the server's reply to be refused, it is no list")
	}
	requests := s.seen()
	if len(requests) != 1 || requests[0].RequestURI != "/api2/json/nodes/pve1/storage/a%2F..%2F..%2Fx%3Fy%23z/prunebackups?prune-backups=keep-all%3D1" {
		t.Errorf("requests: %v", requests)
	}
}

func TestOnlyReads(t *testing.T) {
	s := serve(t, nil)
	c, _ := connect(t, Config{}, s.URL)
	calls := everyMethod(c)
	for _, call := range calls {
		_ = call(context.Background()) // most find the reply wrong: only the request matters
	}
	if got := len(s.seen()); got != len(calls) {
		t.Errorf("%d requests for %d calls", got, len(calls))
	}
	for _, r := range s.seen() {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s: DELETE of prunebackups would prune", r.Method, r.URL)
		}
	}
}
