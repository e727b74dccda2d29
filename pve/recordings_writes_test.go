package pve

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

// recordedWrites matches the calls that change something and that this package makes.
var recordedWrites = regexp.MustCompile(`^(POST|PUT|DELETE) /api2/json/(cluster/backup|cluster/backup/([^/]+)|storage|storage/([^/]+)|nodes/pve1/(lxc|qemu)/(\d+)/config|nodes/pve1/.*)$`)

// TestRecordedWrites plays back every write of a real Proxmox VE 9.2, byte for byte: the package must send what was recorded, parameter by
// parameter, once, and make of the reply what it says.
func TestRecordedWrites(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "recordings")
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	for line := range strings.Lines(string(index)) {
		column := strings.Split(strings.TrimSpace(line), "\t")
		if len(column) < 4 {
			continue
		}
		number, _, _ := strings.Cut(column[0], "-")
		call := recordedWrites.FindStringSubmatch(column[2])
		if call == nil || number == "0497" { // pvedaemon down: see the test of 595
			continue
		}
		response, request := recording(t, dir, number)
		form := recordedForm(t, request)
		write := writeOf(call, form)
		if write == nil {
			write = guestWriteOf(call, form)
		}
		if write == nil {
			continue
		}
		played++
		t.Run(column[0], func(t *testing.T) { playWrite(t, response, request, form, write) })
	}
	if played < 150 {
		t.Errorf("%d writes were played", played)
	}
}

func recordedForm(t *testing.T, request *http.Request) url.Values {
	t.Helper()
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// writeOf finds the method that makes a recorded call; nil where the package cannot make it, on purpose: without an id or a type.
func writeOf(call []string, form url.Values) func(context.Context, *Client) error {
	set := map[string]string{}
	for name, values := range form {
		set[name] = strings.Join(values, "\n")
	}
	take := func(name string) string {
		value := set[name]
		delete(set, name)
		return value
	}
	method, path, job, storage, kind := call[1], call[2], call[3], call[4], call[5]
	switch {
	case path == "cluster/backup" && form.Has("id"):
		return func(ctx context.Context, c *Client) error { return c.CreateJob(ctx, take("id"), set) }
	case job != "" && method == "PUT":
		remove := splitList(take("delete"))
		return func(ctx context.Context, c *Client) error { return c.UpdateJob(ctx, job, set, remove) }
	case job != "":
		return func(ctx context.Context, c *Client) error { return c.DeleteJob(ctx, job) }
	case path == "storage" && form.Has("storage") && form.Has("type"):
		return func(ctx context.Context, c *Client) error {
			return c.CreateStorage(ctx, take("storage"), take("type"), set)
		}
	case storage != "" && method == "PUT":
		remove, digest := splitList(take("delete")), take("digest")
		return func(ctx context.Context, c *Client) error { return c.UpdateStorage(ctx, storage, set, remove, digest) }
	case kind != "" && method == "PUT" && !form.Has("delete"):
		digest := take("digest")
		vmid := map[string]int{"150": 150, "151": 151, "201": 201, "170": 170}[call[6]]
		return func(ctx context.Context, c *Client) error { return c.UpdateGuest(ctx, "pve1", kind, vmid, set, digest) }
	}
	return nil
}

// guestCall matches the calls that make, start, stop and remove guests, ask them, or change their firewalls.
var guestCall = regexp.MustCompile(`^nodes/(pve1)/(?:(lxc|qemu)(?:/(\d+))?(/.*)?|storage/(local)/download-url)$`)

// guestWriteOf is writeOf for calls about whole guests. A task's id is told apart from no answer at all.
func guestWriteOf(call []string, form url.Values) func(context.Context, *Client) error {
	path, query, _ := strings.Cut(call[2], "?")
	parts := guestCall.FindStringSubmatch(path)
	if parts == nil || parts[4] == "/config" || strings.HasSuffix(path, "/aliases") {
		return nil
	}
	set, asked := map[string]string{}, map[string]string{}
	for name := range form {
		set[name] = form.Get(name)
	}
	if given, err := url.ParseQuery(query); err == nil {
		for name := range given {
			asked[name] = given.Get(name)
		}
	}
	node, kind, action := parts[1], parts[2], call[1]+" "+parts[4]
	vmid, _ := strconv.Atoi(parts[3] + set["vmid"])
	delete(set, "vmid")
	task := func(start func(context.Context, *Client) (string, error)) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			upid, err := start(ctx, c)
			if err == nil && !strings.HasPrefix(upid, "UPID:pve1:") {
				return errors.New("no task is named")
			}
			return err
		}
	}
	switch {
	case parts[5] != "":
		return task(func(ctx context.Context, c *Client) (string, error) { return c.DownloadURL(ctx, node, parts[5], set) })
	case parts[3] == "" && set["restore"] == "1":
		return task(func(ctx context.Context, c *Client) (string, error) { return c.RestoreContainer(ctx, node, vmid, set) })
	case parts[3] == "" && set["ostemplate"] != "":
		return task(func(ctx context.Context, c *Client) (string, error) { return c.CreateContainer(ctx, node, vmid, set) })
	case parts[3] == "" && set["archive"] != "":
		return task(func(ctx context.Context, c *Client) (string, error) { return c.RestoreVM(ctx, node, vmid, set) })
	case action == "POST /status/start":
		return task(func(ctx context.Context, c *Client) (string, error) { return c.StartGuest(ctx, node, kind, vmid) })
	case action == "POST /status/stop":
		return task(func(ctx context.Context, c *Client) (string, error) { return c.StopGuest(ctx, node, kind, vmid) })
	case action == "DELETE ":
		return task(func(ctx context.Context, c *Client) (string, error) {
			return c.DestroyGuest(ctx, node, kind, vmid, asked)
		})
	case action == "POST /agent/ping":
		return func(ctx context.Context, c *Client) error { return c.AgentPing(ctx, node, vmid) }
	case action == "PUT /firewall/options":
		return func(ctx context.Context, c *Client) error {
			return c.SetFirewallOptions(ctx, GuestFirewall(node, kind, vmid), set, nil, "")
		}
	case action == "POST /firewall/rules":
		return func(ctx context.Context, c *Client) error {
			return c.AddFirewallRule(ctx, GuestFirewall(node, kind, vmid), set)
		}
	case action == "DELETE /firewall/rules/0":
		return func(ctx context.Context, c *Client) error {
			return c.DeleteFirewallRule(ctx, GuestFirewall(node, kind, vmid), 0, "")
		}
	}
	return nil
}

func playWrite(t *testing.T, response string, request *http.Request, form url.Values, write func(context.Context, *Client) error) {
	t.Helper()
	w := serveWire(t, func(got *http.Request) string {
		if got.Method != request.Method || got.URL.Path != request.URL.Path || !reflect.DeepEqual(got.URL.Query(), request.URL.Query()) {
			t.Errorf("%s %s, recorded is %s %s", got.Method, got.RequestURI, request.Method, request.RequestURI)
		}
		if sent := recordedForm(t, got); !reflect.DeepEqual(sent, form) {
			t.Errorf("sent     %v\nrecorded %v", sent, form)
		}
		if kind := got.Header.Get("Content-Type"); len(form) > 0 && kind != "application/x-www-form-urlencoded" {
			t.Errorf("sent as %q", kind)
		}
		return response
	})
	c, _ := connect(t, Config{}, w.address, w.address+"/other")
	err := write(context.Background(), c)
	if w.requests() != 1 {
		t.Errorf("%d requests", w.requests())
	}
	line, _, _ := strings.Cut(response, "\r\n")
	_, line, _ = strings.Cut(line, " ")
	if strings.HasPrefix(line, "200") {
		if err != nil {
			t.Error(err)
		}
		return
	}
	var e *Error
	if !errors.As(err, &e) || line[:3] != strconv.Itoa(e.Status) || MayHaveChanged(err) {
		t.Fatalf("recorded is %s, got %v", line, err)
	}
	_, body, _ := strings.Cut(response, "\r\n\r\n")
	for name := range e.Fields {
		if name != leftOut && !strings.Contains(body, name) {
			t.Errorf("%s is not in %s", name, body)
		}
	}
	if named := strings.Contains(body, `"errors"`) || strings.Contains(line, "500 400 "); named != (len(e.Fields) > 0) {
		t.Errorf("which parameters are wrong: %v in %s", e.Fields, body)
	}
}

// What the replies of some recordings mean.
func TestWhatRefusedWritesMean(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "recordings")
	for _, tt := range []struct {
		number   string
		is       []string // what the error is
		fields   map[string]string
		contains string
	}{
		{"0110", []string{"exists"}, nil, "500 Job 'nightly' already exists"},
		{"0061", []string{"exists"}, nil, "500 create storage failed: storage ID 'backup1' already defined"},
		{"0086", []string{"conflict"}, nil, "detected modified configuration - file changed by other user? Try again."},
		{"0323", []string{"conflict"}, nil, "detected modified configuration"},
		{"0162", []string{"missing"}, nil, "no such vzdump job"},
		{"0166", []string{"missing"}, map[string]string{"id": "No such job 'excl-only'"}, "500 400 Parameter verification failed."},
		{"0089", []string{"missing"}, nil, "storage 'nope' does not exist"},
		{"0127", nil, map[string]string{"vmid": "property is missing"}, "vmid: property is missing"},
		{"0139", nil, map[string]string{"notes-template": "found unknown: variable 'foo' at char 4"}, "char 4"},
		{"0161", nil, map[string]string{"delete": "unknown option 'bogus'"}, ""},
		{"0088", nil, map[string]string{"path": "property is not defined in schema and the schema does not allow additional properties"}, ""},
		{"0133", nil, map[string]string{"prune-backups": "invalid format - format error prune-backups.keep-last: value must have a minimum value of 0"}, ""},
		{"0116", []string{"forbidden"}, nil, "pool 'nopool' does not exist"},
		{"0163", []string{"forbidden"}, nil, "(/, Sys.Modify)"},
		{"0309", []string{"exists"}, nil, "500 CT 150 already exists on node 'pve1'"},
		{"0364", []string{"exists"}, nil, "VM 210 already exists on node 'pve1'"},
		{"0472", []string{"exists"}, nil, "refusing to override existing file 'alpine_latest.tar'"},
		{"0366", []string{"missing"}, nil, "vzdump-qemu-200-2001_01_01-00_00_00.vma.zst' does not exist"},
		{"0345", []string{"missing"}, nil, "Configuration file 'nodes/pve1/lxc/777.conf' does not exist"},
		{"0329", []string{"already running"}, nil, "500 CT 150 already running"},
		{"0485", []string{"not running"}, nil, "500 CT 170 not running"},
		{"0354", []string{"not running"}, nil, "500 VM 200 is not running"},
		{"0359", []string{"silent"}, nil, "QEMU guest agent is not running"},
		{"0360", []string{"no agent"}, nil, "No QEMU guest agent configured"},
		{"0342", []string{"protected"}, nil, "can't remove CT 151 - protection mode enabled"},
		{"0418", nil, map[string]string{"storage": "storage 'backup1' does not support container directories"}, ""},
		{"0373", nil, map[string]string{"filename": "wrong file extension"}, ""},
	} {
		t.Run(tt.number, func(t *testing.T) {
			response, _ := recording(t, dir, tt.number)
			w := serveWire(t, func(*http.Request) string { return response })
			c, _ := connect(t, Config{}, w.address)
			err := c.UpdateJob(context.Background(), "any", map[string]string{"enabled": "1"}, nil)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			wantContains(t, err.Error(), tt.contains)
			if !maps.Equal(e.Fields, tt.fields) {
				t.Errorf("fields %q, want %q", e.Fields, tt.fields)
			}
			for name, is := range map[string]func(error) bool{
				"exists": IsAlreadyExists, "conflict": IsConflict, "missing": IsNotFound, "forbidden": IsForbidden, "locked": IsGuestLocked,
				"running": IsRunning, "already running": IsAlreadyRunning, "not running": IsNotRunning, "silent": IsAgentSilent, "no agent": IsAgentMissing,
				"protected": IsProtected,
			} {
				if is(err) != slices.Contains(tt.is, name) {
					t.Errorf("%s: %v", name, is(err))
				}
			}
		})
	}
}
