package pve

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func ask(t *testing.T, c *Client) error {
	t.Helper()
	_, err := c.Version(context.Background())
	return err
}

func statusServer(t *testing.T, line string) *wire {
	return serveWire(t, func(*http.Request) string { return status(line, "") })
}

// What is wrong with one address sends the call to the next one; what every address would answer does not.
func TestFailover(t *testing.T) {
	untrusted := serveTLS(t, nil)
	for _, tt := range []struct {
		name  string
		first func(t *testing.T) string
		moves bool
	}{
		{"nothing listens", closedPort, true},
		{"untrusted certificate", func(*testing.T) string { return untrusted.URL }, true},
		{"breaks off", func(t *testing.T) string { return serveWire(t, func(*http.Request) string { return "" }).address }, true},
		{"cluster file system down", func(t *testing.T) string {
			return statusServer(t, "500 RPCEnvironment init request failed: Unable to load access control list: Connection refused").address
		}, true},
		{"own daemon down", func(t *testing.T) string { return statusServer(t, "595 Connection refused").address }, true},
		{"reverse proxy", func(t *testing.T) string { return statusServer(t, "502 Bad Gateway").address }, true},
		{"web page", func(t *testing.T) string { return serve(t, replies("<html>")).URL }, true},
		{"redirect", func(t *testing.T) string { return statusServer(t, "301 Moved Permanently").address }, true},
		{"wrong token", func(t *testing.T) string { return statusServer(t, "401 Authentication failed!").address }, false},
		{"no privilege", func(t *testing.T) string { return statusServer(t, "403 Permission check failed").address }, false},
		{"wrong parameter", func(t *testing.T) string { return statusServer(t, "400 Parameter verification failed.").address }, false},
		{"any other failure", func(t *testing.T) string { return statusServer(t, "500 storage 'x' does not exist").address }, false},
		{"too old", func(t *testing.T) string { return statusServer(t, "501 Method 'GET /version' not implemented").address }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			second := serve(t, nil)
			c, _ := connect(t, Config{}, tt.first(t), second.URL)
			err := ask(t, c)
			if tt.moves != (err == nil) {
				t.Fatalf("got %v", err)
			}
			if got := len(second.seen()) == 1; got != tt.moves {
				t.Errorf("the second address was asked: %v", got)
			}
			states := c.EndpointStatus()
			if states[0].Up.Or(tt.moves) == tt.moves || (states[0].LastError != nil) != tt.moves {
				t.Errorf("first address: %+v", states[0])
			}
			if states[1].Up.Or(false) != tt.moves || states[1].Current != tt.moves {
				t.Errorf("second address: %+v", states[1])
			}
		})
	}
}

// A node that is down is not the fault of the address that says so.
func TestNodeDownDoesNotMove(t *testing.T) {
	first, second := statusServer(t, "595 No route to host"), serve(t, nil)
	c, world := connect(t, Config{}, first.address, second.URL)
	_, err := c.PruneList(context.Background(), "pve2", "nas")
	if !IsNodeUnreachable(err) || len(second.seen()) != 0 {
		t.Errorf("%v, %d requests to the second address", err, len(second.seen()))
	}
	if first.requests() != 2 || len(world.waited) != 1 {
		t.Errorf("%d requests, waited %v: once more, after a pause", first.requests(), world.waited)
	}
	if !c.EndpointStatus()[0].Up.Or(false) {
		t.Error("the address answered")
	}
}

func TestStaysAndReturns(t *testing.T) {
	down := true
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		replies(`{"data":{"version":"9.2.11"}}`)(w, r)
	})
	second := serve(t, nil)
	c, world := connect(t, Config{ReturnAfter: time.Minute, Retries: -1}, first.URL, second.URL)
	wantAsked := func(a, b int) {
		t.Helper()
		if err := ask(t, c); err != nil {
			t.Fatal(err)
		}
		if len(first.seen()) != a || len(second.seen()) != b {
			t.Errorf("asked %d and %d times, want %d and %d", len(first.seen()), len(second.seen()), a, b)
		}
	}
	wantAsked(1, 1)
	wantAsked(1, 2) // stays with the one that answered
	world.advance(61 * time.Second)
	wantAsked(2, 3) // tries the first again: still down
	wantAsked(2, 4)
	down = false
	world.advance(61 * time.Second)
	wantAsked(3, 4)
	wantAsked(4, 4)
}

// What the cluster answers is the whole error, though the first address was no use.
func TestAnswerAfterFailover(t *testing.T) {
	down, second := closedPort(t), statusServer(t, "403 Permission check failed (/, Sys.Audit)")
	c, _ := connect(t, Config{}, down, second.address)
	err := ask(t, c)
	if !IsForbidden(err) || strings.Contains(err.Error(), down) {
		t.Errorf("got %v", err)
	}
}

func TestAllAddressesDown(t *testing.T) {
	a, b := closedPort(t), closedPort(t)
	c, _ := connect(t, Config{}, a, b)
	err := ask(t, c)
	var e *ConnectionError
	if !errors.As(err, &e) || e.Kind != ConnectionRefused {
		t.Fatalf("got %v", err)
	}
	wantContains(t, err.Error(), a, b)
	if len(ui.Hints(err)) != 2 {
		t.Errorf("one hint for each address: %q", ui.Hints(err))
	}
}

func TestCheckEndpointsAsksAll(t *testing.T) {
	first, third := serve(t, nil), statusServer(t, "401 No ticket")
	c, _ := connect(t, Config{}, first.URL+"/", closedPort(t), third.address)
	var up []bool
	var addresses []string
	for _, e := range c.CheckEndpoints(context.Background()) {
		up, addresses = append(up, e.Up.Or(false)), append(addresses, e.Address)
	}
	if !slices.Equal(up, []bool{true, false, true}) || addresses[0] != first.URL {
		t.Errorf("%v of %v are up", up, addresses)
	}
	if !c.EndpointStatus()[0].Current {
		t.Error("calls go to the first address")
	}
}

// An address may have a path of its own, behind a reverse proxy.
func TestAddressWithAPath(t *testing.T) {
	s := serve(t, nil)
	for _, address := range []string{s.URL + "/cluster%201", s.URL + "/cluster%201/api2/json/"} {
		c, _ := connect(t, Config{}, address)
		if err := ask(t, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range s.seen() {
		if r.RequestURI != "/cluster%201/api2/json/version" {
			t.Errorf("asked for %s", r.RequestURI)
		}
	}
}

// What changes something is sent once, whatever happens to it, and goes elsewhere only if it was not sent.
func TestWritesAreNeverRepeated(t *testing.T) {
	ctx := context.Background()
	for name, reply := range map[string]string{
		"breaks off": "", "reverse proxy": status("502 Bad Gateway", ""), "too many": status("429 Too Many Requests", ""),
		"node down": status("595 No route to host", ""), "cluster file system": status("500 RPCEnvironment init request failed: x", ""),
	} {
		w := serveWire(t, func(*http.Request) string { return reply })
		second := serve(t, replies(`{"data":null}`))
		c, world := connect(t, Config{Retries: 3}, w.address, second.URL)
		for _, write := range []func() error{
			func() error { return c.api.Post(ctx, "/cluster/backup", map[string]string{"id": "x"}, nil) },
			func() error { return c.api.Put(ctx, "/cluster/backup/x", map[string]string{"id": "x"}, nil) },
			func() error { return c.api.Delete(ctx, "/cluster/backup/x", nil) },
		} {
			before := w.requests() + len(second.seen())
			_ = write()
			if sent := w.requests() + len(second.seen()) - before; sent != 1 {
				t.Errorf("%s: sent %d times", name, sent)
			}
		}
		if len(world.waited) != 0 {
			t.Errorf("%s: waited %v", name, world.waited)
		}
	}
	second := serve(t, replies(`{"data":null}`))
	c, _ := connect(t, Config{}, closedPort(t), second.URL)
	if err := c.api.Post(ctx, "/cluster/backup", map[string]string{"id": "x"}, nil); err != nil {
		t.Errorf("nothing was sent to the first address: %v", err)
	}
	if r := second.seen(); len(r) != 1 || r[0].Method != http.MethodPost || !strings.HasSuffix(r[0].URL.Path, "/cluster/backup") {
		t.Errorf("requests %v", r)
	}
}
