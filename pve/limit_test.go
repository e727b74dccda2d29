package pve

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestCallsPerNode makes many calls at once and counts how many a node works on at a time: the server holds every request until as many
// have arrived as may.
func TestCallsPerNode(t *testing.T) {
	const width, calls = 2, 10
	var mu sync.Mutex
	now, most := make(map[string]int), make(map[string]int)
	full := make(map[string]chan struct{})
	for _, node := range []string{"pve1", "pve2"} {
		full[node] = make(chan struct{})
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		node := strings.Split(r.URL.Path, "/")[4]
		mu.Lock()
		now[node]++
		if most[node] = max(most[node], now[node]); now[node] == width && most[node] == width {
			select {
			case <-full[node]:
			default:
				close(full[node])
			}
		}
		mu.Unlock()
		<-full[node] // both places are taken before either is given back
		mu.Lock()
		now[node]--
		mu.Unlock()
		replies(`{"data":[]}`)(w, r)
	})
	c, _ := connect(t, Config{MaxCallsPerNode: width}, s.URL)
	var all sync.WaitGroup
	for range calls {
		for node := range full {
			all.Go(func() {
				if _, err := c.PruneList(context.Background(), node, "local"); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for node := range full {
		if most[node] != width {
			t.Errorf("%s worked on %d calls at a time, want %d", node, most[node], width)
		}
	}
}

// A call that waits for its place ends when its caller does.
func TestWaitingForAPlaceEnds(t *testing.T) {
	hold := make(chan struct{})
	arrived := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-hold
		replies(`{"data":[]}`)(w, r)
	})
	c, _ := connect(t, Config{MaxCallsPerNode: 1}, s.URL)
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := c.PruneList(context.Background(), "pve1", "local"); err != nil {
			t.Error(err)
		}
	})
	<-arrived
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.PruneList(ctx, "pve1", "local"); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("got %v", err)
	}
	close(hold)
	first.Wait()
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// A stream keeps its place until it is closed, and an error gives it back.
func TestPlacesAreGivenBack(t *testing.T) {
	w := serveWire(t, func(r *http.Request) string {
		if strings.HasSuffix(r.URL.Path, "/log") {
			return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\nINFO: cut"
		}
		return status("500 no", "")
	})
	c, _ := connect(t, Config{MaxCallsPerNode: 1}, w.address)
	for range 3 {
		for name, call := range everyMethod(c) {
			if err := call(context.Background()); err == nil {
				t.Errorf("%s: want an error", name)
			}
		}
	}
}
