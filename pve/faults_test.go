package pve

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const ok = "200 OK"

// A reply that is not Proxmox VE's is an error that says so and names the call, for every method; nothing panics and nothing is empty.
func TestRepliesThatAreNoReplies(t *testing.T) {
	zeros := gzipped(strings.Repeat(" ", 1<<20))
	for _, tt := range []struct {
		name, reply, text string
		log               bool // a task log may well look like that
	}{
		{name: "web page", reply: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!DOCTYPE html><title>Login</title>", text: "not the API of Proxmox VE"},
		{name: "empty body", reply: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n", text: "not the API of Proxmox VE"},
		{name: "array", reply: status(ok, `[1,2]`), text: "not the API of Proxmox VE"},
		{name: "null data", reply: status(ok, `{"data":null}`), text: "it has no data"},
		{name: "no data", reply: status(ok, `{"total":3}`), text: "it has no data"},
		{name: "data is a text", reply: status(ok, `{"data":"gone"}`), text: "found a string"},
		{name: "data is a number", reply: status(ok, `{"data":7}`), text: "found a number"},
		{name: "cut", reply: status(ok, `{"data":[{"upid":"UPID:pve1:000`), text: "unexpected end of JSON"},
		{name: "cut in a name", reply: status(ok, `{"`), text: "unexpected reply"},
		{name: "cut in an escape", reply: status(ok, `{"data":"\`), text: "unexpected"},
		{name: "junk behind it", reply: status(ok, `{"data":[]}{"data":[]}`), text: "unexpected reply"},
		{name: "same member twice", reply: status(ok, `{"data":[{"id":"a","id":"b"}]}`), text: `member "id" is there twice`},
		{name: "same strange member twice", reply: status(ok, `{"data":[{"`+testSecret+`":1,"`+testSecret+`":2}]}`), text: "a member is there twice"},
		{name: "same data twice", reply: status(ok, `{"data":[],"data":[]}`), text: `member "data" is there twice`},
		{name: "nested without end", reply: status(ok, `{"data":`+strings.Repeat("[", 5000)), text: "nested too deeply"},
		{name: "total is no number", reply: status(ok, `{"data":[],"total":"many"}`), text: "total: want a whole number"},
		{name: "too large", reply: status(ok, `{"data":"`+strings.Repeat("x", 70_000)+`"}`), text: "larger than the limit of 65536 bytes"},
		{name: "too large when unpacked", reply: fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(zeros), zeros), text: "larger than the limit of 65536 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := serveWire(t, func(*http.Request) string { return tt.reply })
			c, _ := connect(t, Config{MaxBody: 64 << 10}, w.address)
			// What a container that is off says, and the text of a configuration.
			legal := map[string]string{"null data": "ContainerInterfaces", "data is a text": "ExtractConfig"}
			for name, call := range everyMethod(c) {
				err := call(context.Background())
				if legal[tt.name] == name {
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
					continue
				}
				var decode *DecodeError
				if !errors.As(err, &decode) || decode.Endpoint == "" || decode.Address != w.address {
					t.Errorf("%s: want a *DecodeError with its endpoint, got %v", name, err)
					continue
				}
				if name != "TaskLog" {
					wantContains(t, err.Error(), tt.text, decode.Path)
				}
			}
		})
	}
}

// Entries of a list that are not what they should be name the place and the member, not the value.
func TestEntriesThatAreWrong(t *testing.T) {
	for _, tt := range []struct{ call, data, text string }{
		{"Jobs", `[{"id":"a"},{"id":["x"]}]`, "entry 2: id: want a string, found an array"},
		{"Jobs", `[{"schedule":"daily"}]`, "entry 1: id is missing"},
		{"Jobs", `[{"id":"a","vmid":"100,abc"}]`, "vmid: want a list of guest ids"},
		{"Jobs", `[{"id":"a","enabled":"perhaps"}]`, "enabled: want a boolean"},
		{"Jobs", `[{"id":"a","prune-backups":{"keep-last":{}}}]`, "prune-backups: want a string, found an object"},
		{"Jobs", `["a"]`, "want objects, found a string"},
		{"Jobs", `[null]`, "entry 1: id is missing"},
		{"Jobs", `{"id":"a"}`, "want a list, found an object"},
		{"NodeTasks", `[{"upid":"UPID:x","starttime":"soon"}]`, "starttime: want a whole number"},
		{"NodeTasks", `[{"upid":"UPID:x","starttime":1.5}]`, "starttime: want a whole number"},
		{"NodeTasks", `[{"upid":"UPID:x","endtime":1e40}]`, "endtime: want a whole number"},
		{"PruneList", `[{"volid":"a:b","vmid":{"id":1}}]`, "vmid: want a number, found an object"},
		{"Content", `[{"volid":"a:b","verification":"ok"}]`, "verification: want an object, found a string"},
		{"Resources", `[{"type":"qemu"}]`, "entry 1: id is missing"},
		{"IncludedVolumes", `{"children":[{"id":"x"}]}`, "children: entry 1: id: want a whole number"},
		{"Permissions", `{"/":["Sys.Audit"]}`, "the privileges of a path: want an object, found an array"},
		{"Permissions", `[]`, "want an object, found an array"},
		{"Version", `{"version":"Proxmox"}`, "version: not one of Proxmox VE"},
		{"NodeTime", `{"timezone":"UTC"}`, "time is missing"},
		{"ScheduleAnalyze", `[{"utc":"Mon Nov 23 22:30:00 2026"}]`, "timestamp is missing"},
	} {
		w := serveWire(t, func(*http.Request) string { return status(ok, `{"data":`+tt.data+`}`) })
		c, _ := connect(t, Config{}, w.address)
		err := everyMethod(c)[tt.call](context.Background())
		var decode *DecodeError
		if !errors.As(err, &decode) {
			t.Errorf("%s of %s: want a *DecodeError, got %v", tt.call, tt.data, err)
			continue
		}
		wantContains(t, err.Error(), tt.text)
	}
}

// A connection that breaks off before the reply is complete is tried once more, and then an error.
func TestConnectionsThatBreakOff(t *testing.T) {
	for name, reply := range map[string]string{
		"at once":     "",
		"in the head": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
		"in the body": "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: application/json\r\n\r\n{\"data\":[",
	} {
		t.Run(name, func(t *testing.T) {
			w := serveWire(t, func(*http.Request) string { return reply })
			c, world := connect(t, Config{}, w.address)
			_, err := c.Jobs(context.Background())
			var e *ConnectionError
			if !errors.As(err, &e) || e.Kind != ConnectionReset || e.Endpoint != "/cluster/backup" {
				t.Errorf("want a reset, got %v", err)
			}
			if w.requests() != 2 || len(world.waited) != 1 {
				t.Errorf("%d requests, waited %v", w.requests(), world.waited)
			}
		})
	}
}

func TestNoAnswerInTime(t *testing.T) {
	hold := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold) // before the server's own end, which waits for its requests
	c, _ := connect(t, Config{Timeout: 300 * time.Millisecond}, s.URL)
	_, err := c.PruneList(context.Background(), "pve1", "nas")
	var e *ConnectionError
	if !errors.As(err, &e) || e.Kind != ConnectionTimeout || e.Node != "pve1" {
		t.Fatalf("want a timeout, got %v", err)
	}
	wantContains(t, strings.Join(ui.Hints(err), "\n"), "node pve1 is busy, or one of its storages hangs")
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests: what waited in vain is not asked again", n)
	}
	if up, known := c.EndpointStatus()[0].Up.Get(); known {
		t.Errorf("the address is not to blame for a node, but is up: %v", up)
	}
	if _, err := c.Jobs(context.Background()); !errors.As(err, &e) || e.Kind != ConnectionTimeout {
		t.Fatalf("want a timeout, got %v", err)
	}
	if c.EndpointStatus()[0].Up.Or(true) {
		t.Error("the address is to blame when no node is named")
	}
}

// A call that its caller ends is the caller's error, and tells nothing of the address.
func TestCallerEnds(t *testing.T) {
	arrived := make(chan struct{})
	hold := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request) { close(arrived); <-hold })
	defer close(hold)
	c, _ := connect(t, Config{}, s.URL, closedPort(t))
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-arrived; cancel() }()
	_, err := c.Jobs(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("want the caller's end, got %v", err)
	}
	for _, e := range c.EndpointStatus() {
		if e.Up.Known() {
			t.Errorf("%+v: nothing was learned", e)
		}
	}
}

func TestConnectionFailures(t *testing.T) {
	notHTTP := serveWire(t, func(*http.Request) string { return "SSH-2.0-OpenSSH_9.2\r\n" })
	plain := serve(t, nil)
	for _, tt := range []struct {
		name, address string
		kind          ConnectionKind
		hint          string
	}{
		{"nothing listens", closedPort(t), ConnectionRefused, "Proxmox VE's own port is 8006, as in https://127.0.0.1:8006"},
		{"no such name", "https://pve1.invalid:8006", ConnectionUnresolved, "IP address"},
		{"plain http", strings.Replace(plain.URL, "http:", "https:", 1), ConnectionNotTLS, "https"},
		{"another protocol", notHTTP.address, ConnectionFailed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := connect(t, Config{}, tt.address)
			_, err := c.Version(context.Background())
			var e *ConnectionError
			if !errors.As(err, &e) || e.Kind != tt.kind {
				t.Fatalf("want %s, got %v", tt.kind, err)
			}
			wantContains(t, err.Error(), "GET /version on "+tt.address)
			wantContains(t, strings.Join(ui.Hints(err), "\n"), tt.hint)
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := serve(t, nil)
	for _, code := range []int{301, 302, 303, 307, 308} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL+r.URL.Path, code) })
		c, _ := connect(t, Config{}, s.URL)
		for name, call := range everyMethod(c) {
			err := call(context.Background())
			var e *Error
			if !errors.As(err, &e) || e.Status != code || !strings.HasPrefix(e.Location, elsewhere.URL) {
				t.Errorf("%s: want the redirect as an error, got %v", name, err)
			}
			wantContains(t, strings.Join(ui.Hints(err), "\n"), "redirects are not followed", elsewhere.URL)
		}
	}
	if n := len(elsewhere.seen()); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}
