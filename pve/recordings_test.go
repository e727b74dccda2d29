package pve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

const recordedTask = "UPID:pve1:000046CA:00052842:6B038A97:vzdump:200:root@pam!full:"

// playback is one recorded exchange and what a method makes of it.
type playback struct {
	name  string // of the recording, by its number
	other bool   // the client's query differs on purpose
	call  func(*Client) (any, error)
	check func(t *testing.T, got any)
}

// TestRecordings plays back what a real Proxmox VE 9.2 sent, byte for byte, and compares what each method makes of it. The client's request must
// be the recorded one.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "recordings")
	for _, tt := range slices.Concat(recordedInventory(), recordedPlans(), recordedGuestReads(), recordedTasks(t), recordedRefusals()) {
		t.Run(tt.name, func(t *testing.T) {
			response, request := recording(t, dir, tt.name)
			w := serveWire(t, func(got *http.Request) string {
				compareRequest(t, got, request, !tt.other)
				return response
			})
			c, _ := connect(t, Config{Retries: -1}, w.address)
			got, err := tt.call(c)
			if err != nil {
				got = err
			}
			if tt.check != nil {
				tt.check(t, got)
			} else if err != nil {
				t.Error(err)
			}
			if w.requests() != 1 {
				t.Errorf("%d requests", w.requests())
			}
		})
	}
}

// recording reads an exchange. One that the recorder could not write down (plain http) has no request.
func recording(t *testing.T, dir, number string) (response string, request *http.Request) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, number+"-*.response.txt"))
	if err != nil || len(found) != 1 {
		t.Fatalf("recording %s: %v %v", number, found, err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if asked, err := os.ReadFile(strings.Replace(found[0], ".response.", ".request.", 1)); err == nil {
		if request, err = http.ReadRequest(bufio.NewReader(bytes.NewReader(asked))); err != nil {
			t.Fatal(err)
		}
	}
	return string(raw), request
}

func compareRequest(t *testing.T, got, want *http.Request, query bool) {
	if want == nil || want.URL.Path == "/api2/json/nope" || want.Method != got.Method {
		return
	}
	if got.URL.Path != want.URL.Path {
		t.Errorf("asked for %s, recorded is %s", got.URL.Path, want.URL.Path)
	}
	if !query {
		return
	}
	values, err := url.ParseQuery(want.URL.RawQuery)
	if err != nil || !reflect.DeepEqual(got.URL.Query(), values) {
		t.Errorf("asked for %s, recorded is %s", got.URL.RawQuery, want.URL.RawQuery)
	}
}

func equals(want any) func(*testing.T, any) {
	return func(t *testing.T, got any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func refusal(status int, text string) func(*testing.T, any) {
	return func(t *testing.T, got any) {
		t.Helper()
		err, _ := got.(error)
		var e *Error
		if !errors.As(err, &e) || e.Status != status || e.Text() != text {
			t.Errorf("want %d %s, got %v", status, text, got)
		}
	}
}

func nodeTasks(query TaskQuery) func(*Client) (any, error) {
	return func(c *Client) (any, error) {
		tasks, _, err := c.NodeTasks(context.Background(), "pve1", query)
		return tasks, err
	}
}

func taskStatus(upid string) func(*Client) (any, error) {
	return func(c *Client) (any, error) { return c.TaskStatus(context.Background(), "pve1", upid) }
}

func taskLog(upid string) func(*Client) (any, error) {
	return func(c *Client) (any, error) {
		var log bytes.Buffer
		n, err := c.TaskLog(context.Background(), "pve1", upid, &log)
		if n != int64(log.Len()) {
			return nil, io.ErrShortWrite
		}
		return log.String(), err
	}
}

func pruneList(c *Client) (any, error) { return c.PruneList(context.Background(), "pve1", "backup1") }
func content(c *Client) (any, error)   { return c.Content(context.Background(), "pve1", "backup1") }

func analyze(schedule string) func(*Client) (any, error) {
	return func(c *Client) (any, error) {
		return c.ScheduleAnalyze(context.Background(), schedule, 1795392000, 3)
	}
}

func playAnyPath(ctx context.Context, c *Client, path string) (any, error) {
	ask, err := newCall(http.MethodGet, path)
	if err != nil {
		return nil, err
	}
	return c.get(ctx, ask, nil)
}
