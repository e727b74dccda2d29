package pve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const testKey = "{\n  \"data\": \"c2VjcmV0LWtleS1tYXRlcmlhbC1vZi10aGUtdGVzdA==\",\n  \"kdf\": null\n}"

// everyWrite calls each method once that changes something, with the secrets that it may have to carry.
func everyWrite(c *Client, password string) map[string]func(context.Context) error {
	set := map[string]string{"storage": "nas"}
	secrets := map[string]string{"server": "nas", "password": password, "encryption-key": testKey}
	return map[string]func(context.Context) error{
		"CreateJob":     func(ctx context.Context) error { return c.CreateJob(ctx, "nightly", set) },
		"UpdateJob":     func(ctx context.Context) error { return c.UpdateJob(ctx, "nightly", set, []string{"comment"}) },
		"DeleteJob":     func(ctx context.Context) error { return c.DeleteJob(ctx, "nightly") },
		"CreateStorage": func(ctx context.Context) error { return c.CreateStorage(ctx, "nas", "pbs", secrets) },
		"UpdateStorage": func(ctx context.Context) error { return c.UpdateStorage(ctx, "nas", secrets, nil, "abc") },
		"UpdateGuest":   func(ctx context.Context) error { return c.UpdateGuest(ctx, "pve1", "lxc", 101, set, "abc") },

		"RestoreVM": func(ctx context.Context) error {
			return last(c.RestoreVM(ctx, "pve1", 9000, map[string]string{"archive": "nas:backup/a", "cipassword": password}))
		},
		"RestoreContainer": func(ctx context.Context) error {
			return last(c.RestoreContainer(ctx, "pve1", 9000, map[string]string{"ostemplate": "nas:backup/a", "password": password}))
		},
		"CreateContainer": func(ctx context.Context) error {
			return last(c.CreateContainer(ctx, "pve1", 9000, map[string]string{"ostemplate": "local:vztmpl/a", "password": password}))
		},
		"StartGuest":       func(ctx context.Context) error { return last(c.StartGuest(ctx, "pve1", "qemu", 9000)) },
		"StopGuest":        func(ctx context.Context) error { return last(c.StopGuest(ctx, "pve1", "qemu", 9000)) },
		"ShutdownGuest":    func(ctx context.Context) error { return last(c.ShutdownGuest(ctx, "pve1", "lxc", 9000, set)) },
		"DestroyGuest":     func(ctx context.Context) error { return last(c.DestroyGuest(ctx, "pve1", "lxc", 9000, set)) },
		"StopTask":         func(ctx context.Context) error { return c.StopTask(ctx, "pve1", recordedTask) },
		"AgentPing":        func(ctx context.Context) error { return c.AgentPing(ctx, "pve1", 9000) },
		"DownloadTemplate": func(ctx context.Context) error { return last(c.DownloadTemplate(ctx, "pve1", "local", "a.tar.zst")) },
		"DownloadURL":      func(ctx context.Context) error { return last(c.DownloadURL(ctx, "pve1", "local", set)) },
		"AddFirewallRule": func(ctx context.Context) error {
			return c.AddFirewallRule(ctx, GuestFirewall("pve1", "lxc", 9000), set)
		},
		"DeleteFirewallRule": func(ctx context.Context) error {
			return c.DeleteFirewallRule(ctx, NodeFirewall("pve1"), 3, "abc")
		},
		"SetFirewallOptions": func(ctx context.Context) error {
			return c.SetFirewallOptions(ctx, ClusterFirewall(), set, []string{"policy_in"}, "abc")
		},
	}
}

func last(_ string, err error) error { return err }

// Nothing that may have arrived is sent again, to nobody, whatever went wrong.
func TestWritesAreSentOnce(t *testing.T) {
	for _, tt := range []struct {
		reply   string // empty: the connection is closed without one
		changed bool   // it may have been done
	}{
		{"", true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{\"da", true},
		{"HTTP/1.1 200 OK\r\n\r\n<html>", true},
		{"HTTP/1.1 garbage\r\n\r\n", true},
		{status("429 Too Many Requests", ""), false},
		{status("500 got timeout", ""), false},
		{status("500 RPCEnvironment init request failed: Unable to load access control list: Connection refused", ""), false},
		{status("502 Bad Gateway", ""), true},
		{status("503 Service Unavailable", ""), true},
		{status("504 Gateway Timeout", ""), true},
		{status("595 Connection refused", ""), false},
		{status("595 No route to host", ""), true},
		{status("596 Connection timed out", ""), true},
		{"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere/\r\n\r\n", false},
	} {
		for name := range everyWrite(nil, "") {
			w := serveWire(t, func(*http.Request) string { return tt.reply })
			other := serveWire(t, func(*http.Request) string { return status(ok, `{"data":null}`) })
			c, _ := connect(t, Config{Retries: 3}, w.address, other.address)
			err := everyWrite(c, "p4ssw0rd")[name](context.Background())
			if err == nil || w.requests() != 1 || other.requests() != 0 {
				t.Errorf("%s after %q: sent %d times, and %d times to another address; %v", name, tt.reply, w.requests(), other.requests(), err)
			}
			if MayHaveChanged(err) != tt.changed {
				t.Errorf("%s after %q: it may have been done: %v, want %v (%v)", name, tt.reply, !tt.changed, tt.changed, err)
			}
		}
	}
}

func TestWritesGoElsewhereIfNothingWasSent(t *testing.T) {
	other := serve(t, replies(`{"data":"UPID:pve1:"}`))
	for name := range everyWrite(nil, "") {
		c, _ := connect(t, Config{}, closedPort(t), "http://localhost:1", other.URL)
		if err := everyWrite(c, "p4ssw0rd")[name](context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(other.seen()); n != len(everyWrite(nil, "")) {
		t.Errorf("%d requests arrived", n)
	}
	c, _ := connect(t, Config{}, closedPort(t))
	if err := c.DeleteJob(context.Background(), "a"); err == nil || MayHaveChanged(err) {
		t.Errorf("nothing can have changed: %v", err)
	}
}

// A caller who gives up does not know what became of the request; nor does one whose deadline passed.
func TestWritesWithoutAnAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	other := serve(t, replies(`{"data":null}`))
	c, _ := connect(t, Config{Timeout: 50 * time.Millisecond}, "http://"+listener.Addr().String(), other.URL)
	if err := c.DeleteJob(context.Background(), "a"); err == nil || !MayHaveChanged(err) {
		t.Errorf("after the deadline: %v", err)
	}
	if len(other.seen()) != 0 {
		t.Error("it was sent to another address too")
	}
	waiting, ended := context.WithCancel(context.Background())
	s := serve(t, func(http.ResponseWriter, *http.Request) { ended(); <-waiting.Done() })
	c, _ = connect(t, Config{}, s.URL)
	if err := c.DeleteJob(waiting, "a"); err == nil || !MayHaveChanged(err) {
		t.Errorf("after the caller's end: %v", err)
	}
}

func TestWhatIsSent(t *testing.T) {
	var got []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.RequestURI+" "+string(body))
		replies(`{"data":null}`)(w, r)
	})
	c, _ := connect(t, Config{}, s.URL)
	ctx := context.Background()
	for _, err := range []error{
		c.CreateJob(ctx, "a", map[string]string{"schedule": "mon..fri 22:30", "notes-template": "{{vmid}} a+b", "exclude-path": "/tmp/?*\n/var/cache"}),
		c.UpdateJob(ctx, "a b", map[string]string{"enabled": "0"}, []string{"comment", "bwlimit"}),
		c.UpdateStorage(ctx, "nas", nil, []string{"nodes"}, ""),
		c.UpdateGuest(ctx, "pve1", "qemu", 100, map[string]string{"scsi0": "local:vm-100-disk-0,backup=1"}, "d1"),
		c.UpdateGuest(ctx, "pve1", "lxc", 100, map[string]string{"delete": "net0,net1"}, ""),
		c.DeleteFirewallRule(ctx, NodeFirewall("pve1"), 3, "d2"),
		c.SetFirewallOptions(ctx, ClusterFirewall(), map[string]string{"enable": "1"}, []string{"policy_in"}, "d3"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	wantEqual(t, got, []string{
		"POST /api2/json/cluster/backup exclude-path=%2Ftmp%2F%3F%2A&exclude-path=%2Fvar%2Fcache&id=a&notes-template=%7B%7Bvmid%7D%7D%20a%2Bb&schedule=mon..fri%2022%3A30",
		"PUT /api2/json/cluster/backup/a%20b delete=comment%2Cbwlimit&enabled=0",
		"PUT /api2/json/storage/nas delete=nodes",
		"PUT /api2/json/nodes/pve1/qemu/100/config digest=d1&scsi0=local%3Avm-100-disk-0%2Cbackup%3D1",
		"PUT /api2/json/nodes/pve1/lxc/100/config delete=net0%2Cnet1",
		"DELETE /api2/json/nodes/pve1/firewall/rules/3?digest=d2 ",
		"PUT /api2/json/cluster/firewall/options delete=policy_in&digest=d3&enable=1",
	}, nil)
	for _, err := range []error{
		c.DeleteJob(ctx, ""), c.UpdateStorage(ctx, "..", nil, nil, ""), c.UpdateGuest(ctx, "pve1", "openvz", 1, nil, ""),
		last(c.RestoreVM(ctx, "pve1", 9000, nil)), last(c.RestoreContainer(ctx, "pve1", 9000, nil)), last(c.CreateContainer(ctx, "pve1", 9000, nil)),
		last(c.DestroyGuest(ctx, "pve1", "openvz", 9000, nil)), c.AddFirewallRule(ctx, GuestFirewall("pve1", "openvz", 9000), nil),
	} {
		if err == nil || MayHaveChanged(err) {
			t.Errorf("it was sent: %v", err)
		}
	}
}

// A server that repeats what it got, in every way, makes no password and no key public.
func TestSecretsOfStoragesStaySecret(t *testing.T) {
	for _, password := range []string{"p4ss w0rd+", `it's "quoted" & long`, "Zq", "päss,word"} {
		for _, code := range []int{200, 400, 403, 500, 503} {
			var logged bytes.Buffer
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				form, _ := url.ParseQuery(string(body))
				w.WriteHeader(code)
				_, _ = fmt.Fprintf(w, `{"data":{%[1]q:%[2]q},"message":%[3]q,"errors":{"password":%[1]q,"encryption-key":%[2]q}}`, form.Get("password"), form.Get("encryption-key"), string(body)+form.Get("password"))
			})
			c, _ := connect(t, Config{Logger: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))}, s.URL)
			for name, call := range everyWrite(c, password) {
				err := call(context.Background())
				public := fmt.Sprintf("%v %+v %#v %q %s", err, err, errorsOf(err), ui.Hints(err), logged.String())
				for _, secret := range []string{password, url.QueryEscape(password), strings.ReplaceAll(url.QueryEscape(password), "+", "%20"), "c2VjcmV0LWtleS1tYXRlcmlhbC1vZi10aGUtdGVzdA"} {
					if strings.Contains(public, secret) {
						t.Errorf("%s, %d: %q is in %v", name, code, secret, err)
					}
				}
			}
		}
	}
}

func TestSecretOfAStorageInAStatusLine(t *testing.T) {
	for _, line := range []string{"%s\r\n\r\n", "HTTP/1.1 %s\r\n\r\n", "HTTP/1.1 200 OK\r\n%s\r\n\r\n", "HTTP/1.1 500 %s\r\n\r\n"} {
		w := serveWire(t, func(r *http.Request) string { return fmt.Sprintf(line, "p4ssw0rd of the storage") })
		c, _ := connect(t, Config{}, w.address)
		err := c.CreateStorage(context.Background(), "nas", "cifs", map[string]string{"password": "p4ssw0rd"})
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %+v", err, errorsOf(err), c.EndpointStatus()), "p4ssw0rd") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestGuestLockedAndChanged(t *testing.T) {
	for _, tt := range []struct {
		line             string
		locked, conflict bool
	}{
		{"500 VM is locked (backup)", true, false},
		{"500 CT is locked (snapshot)", true, false},
		{"500 checksum missmatch (file change by other user?)", false, true},
		{"500 checksum mismatch (file change by other user?)", false, true},
		{"500 detected modified configuration - file changed by other user? Try again.", false, true},
		{"500 got timeout", false, false},
	} {
		w := serveWire(t, func(*http.Request) string { return status(tt.line, "") })
		c, _ := connect(t, Config{}, w.address)
		err := c.UpdateGuest(context.Background(), "pve1", "qemu", 100, map[string]string{"onboot": "1"}, "d")
		if IsGuestLocked(err) != tt.locked || IsConflict(err) != tt.conflict || IsAlreadyExists(err) {
			t.Errorf("%s: locked %v, conflict %v", tt.line, IsGuestLocked(err), IsConflict(err))
		}
		if tt.locked && !strings.Contains(strings.Join(ui.Hints(err), " "), "backup of this guest") {
			t.Errorf("no advice: %q", ui.Hints(err))
		}
	}
}

func TestReadingBeforeWriting(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api2/json/cluster/backup/a":
			replies(`{"data":{"id":"a","type":"vzdump","schedule":"daily","enabled":0,"vmid":"100"}}`)(w, r)
		case "/api2/json/nodes/pve1/lxc/101/config":
			replies(`{"data":{"mp0":"nas:1,mp=/data","cores":2,"digest":"d1"}}`)(w, r)
		case "/api2/json/nodes/pve1/lxc/101/pending":
			replies(`{"data":[{"key":"mp0","value":"a","pending":"b"},{"key":"tags","value":"x","delete":1},{"key":"cores","value":2},{"key":"swap","pending":0}]}`)(w, r)
		default:
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"data":null,"message":"Parameter verification failed.\n","errors":{"id":"No such job 'b'"}}`)
		}
	})
	c, _ := connect(t, Config{}, s.URL)
	ctx := context.Background()
	job, found, err := c.Job(ctx, "a")
	if err != nil || !found || job.ID != "a" || job.Enabled || job.VMIDs[0] != 100 {
		t.Errorf("job %+v %v %v", job, found, err)
	}
	if _, found, err := c.Job(ctx, "b"); found || err != nil {
		t.Errorf("a job that is not there: %v %v", found, err)
	}
	settings, err := c.GuestSettings(ctx, "pve1", "lxc", 101)
	wantEqual(t, settings, GuestSettings{Values: map[string]string{"mp0": "nas:1,mp=/data", "cores": "2"}, Digest: "d1"}, err)
	pending, err := c.GuestPending(ctx, "pve1", "lxc", 101)
	wantEqual(t, pending, []PendingValue{
		{Key: "mp0", Value: "a", Pending: "b", HasPending: true},
		{Key: "tags", Value: "x", Delete: true},
		{Key: "cores", Value: "2"},
		{Key: "swap", Pending: "0", HasPending: true},
	}, err)
	if _, err := c.GuestPending(ctx, "pve1", "openvz", 101); err == nil {
		t.Error("openvz was accepted")
	}
}
