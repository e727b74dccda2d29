package pve

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		line    string
		retries int // as configured
		sent    int
	}{
		{"429 Too Many Requests", 0, 2},
		{"502 Bad Gateway", 0, 2},
		{"503 Service Unavailable", 0, 2},
		{"504 Gateway Timeout", 0, 2},
		{"595 Connection refused", 0, 2},
		{"596 Connection timed out", 0, 2},
		{"599 Too many redirections", 0, 2},
		{"599 Too many redirections", 3, 4},
		{"503 Service Unavailable", -1, 1},
		{"400 Parameter verification failed.", 0, 1},
		{"401 No ticket", 0, 1},
		{"403 Permission check failed", 0, 1},
		{"404 Not Found", 0, 1},
		{"500 got timeout", 0, 1},
		{"501 Method not implemented", 0, 1},
		{"600 beyond", 0, 1},
	} {
		t.Run(fmt.Sprintf("%s %d", tt.line, tt.retries), func(t *testing.T) {
			w := serveWire(t, func(*http.Request) string { return status(tt.line, "") })
			c, world := connect(t, Config{Retries: tt.retries}, w.address)
			if err := ask(t, c); err == nil {
				t.Fatal("want an error")
			}
			if w.requests() != tt.sent || len(world.waited) != tt.sent-1 {
				t.Errorf("sent %d times, want %d; waited %v", w.requests(), tt.sent, world.waited)
			}
			for i, d := range world.waited {
				if full := min(firstBackoff<<i, maxBackoff); d < full/2 || d > full {
					t.Errorf("waited %s before repetition %d, want between %s and %s", d, i+1, full/2, full)
				}
			}
		})
	}
}

// A single failure is not noticed by the caller.
func TestRetryThatSucceeds(t *testing.T) {
	var once sync.Once
	w := serveWire(t, func(*http.Request) string {
		reply := status("200 OK", `{"data":{"version":"9.2.11"}}`)
		once.Do(func() { reply = status("596 Connection timed out", "") })
		return reply
	})
	c, _ := connect(t, Config{}, w.address)
	if v, err := c.Version(context.Background()); err != nil || v.Major != 9 {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestSleepEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := sleep(ctx, time.Hour); err == nil {
		t.Error("it slept for an hour")
	}
	if err := sleep(context.Background(), 0); err != nil {
		t.Error(err)
	}
}

// Each HTTP request is reported once, under the endpoint's template.
func TestObserve(t *testing.T) {
	var mu sync.Mutex
	seen := make(map[string]int)
	observe := func(endpoint, code string, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if took < 0 {
			t.Error("negative duration")
		}
		seen[endpoint+" "+code]++
	}
	w := serveWire(t, func(r *http.Request) string {
		switch r.URL.Path {
		case "/api2/json/version":
			return status("200 OK", `{"data":{"version":"9.2.11"}}`)
		case "/api2/json/nodes/pve1/tasks/UPID:x:/log":
			return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nTASK OK\n"
		case "/api2/json/cluster/backup":
			return status("200 OK", "<html>")
		}
		return status("595 No route to host", "")
	})
	c, _ := connect(t, Config{Observe: observe}, closedPort(t), w.address)
	ctx := context.Background()
	_, _ = c.Version(ctx)
	_, _ = c.TaskLog(ctx, "pve1", "UPID:x:", io.Discard)
	_, _, _ = c.NodeTasks(ctx, "pve2", TaskQuery{})
	_, _ = c.Jobs(ctx)
	want := map[string]int{
		"/version error": 1, "/version 200": 1, "/nodes/{node}/tasks/{upid}/log 200": 1, "/nodes/{node}/tasks 595": 2,
		"/cluster/backup error": 2, // one for each address
	}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}
