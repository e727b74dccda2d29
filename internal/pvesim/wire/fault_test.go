package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const plainRows = `{"data":[{"id":"a","n":1},{"id":"b","n":2}],"total":2}`

func TestFaultsThatAnswer(t *testing.T) {
	tests := []struct {
		name   string
		fault  Fault
		status string
		body   string
	}{
		{"a status of the server", Fault{Status: 503}, "503 Service Unavailable", `{"data":null,"message":"Service Unavailable\n"}`},
		{"a status with a reason", Fault{Status: 500, Reason: "got timeout"}, "500 got timeout", `{"data":null,"message":"got timeout\n"}`},
		{"a refused token", Fault{Status: 401, Reason: "Authentication failed!"}, "401 Authentication failed!", ""},
		{"a proxy's status", Fault{Status: 596, Reason: "Broken pipe"}, "596 Broken pipe", ""},
		{"too many requests", Fault{Status: 429}, "429 Too Many Requests", `{"data":null,"message":"Too Many Requests\n"}`},
		{"a page", Fault{Status: 200, Body: "<html>hello</html>"}, "200 OK", "<html>hello</html>"},
		{"a redirect", Fault{Status: 302, Header: http.Header{"Location": {"https://example.org/"}}}, "302 Found", ""},
		{"broken JSON", Fault{Change: BrokenJSON}, "200 OK", plainRows[:len(plainRows)-1]},
		{"null", Fault{Change: NullData}, "200 OK", `{"data":null}`},
		{"nothing", Fault{Change: EmptyBody}, "200 OK", ""},
		{"wrong types", Fault{Change: WrongTypes}, "200 OK", `{"data":[{"id":["a"],"n":{"value":1}},{"id":["b"],"n":{"value":2}}],"total":2}`},
		{"keys twice", Fault{Change: DuplicateKeys}, "200 OK", `{"data":[{"id":"duplicate","id":"duplicate","id":"a","n":1},{"id":"duplicate","id":"duplicate","id":"b","n":2}],"total":2}`},
		{"one byte at a time", Fault{Trickle: time.Second}, "200 OK", plainRows},
		{"slow", Fault{Delay: time.Minute}, "200 OK", plainRows},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := serveFixture(t)
			remove := f.faults.Add(tt.fault)
			res, body, err := f.ask(t, "/rows")
			if err != nil {
				t.Fatal(err)
			}
			if res.Status != tt.status || string(body) != tt.body {
				t.Errorf("got %q\n%s\nwant %q\n%s", res.Status, body, tt.status, tt.body)
			}
			if want := tt.fault.Delay + tt.fault.Trickle*time.Duration(len(plainRows)); tt.fault.Status == 0 && f.waited.Load() != int64(want) {
				t.Errorf("waited %v, want %v", time.Duration(f.waited.Load()), want)
			}
			remove()
			if _, body, err := f.ask(t, "/rows"); err != nil || string(body) != plainRows {
				t.Errorf("after the fault: %s %v", body, err)
			}
		})
	}
}

func TestFaultsThatBreakTheConnection(t *testing.T) {
	t.Run("cut body", func(t *testing.T) {
		f := serveFixture(t)
		f.faults.Add(Fault{Cut: 0.5})
		if _, body, err := f.ask(t, "/rows"); !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != plainRows[:len(plainRows)/2] {
			t.Errorf("got %q %v", body, err)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		f := serveFixture(t)
		f.faults.Add(Fault{Abort: true})
		if _, _, err := f.ask(t, "/rows"); !errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a body without end", func(t *testing.T) {
		f := serveFixture(t)
		f.faults.Add(Fault{Huge: 1 << 20})
		if _, body, err := f.ask(t, "/rows"); err == nil || len(body) < 1<<20 || decodes(body) {
			t.Errorf("got %d bytes, %v", len(body), err)
		}
	})
	t.Run("hang until the client leaves", func(t *testing.T) {
		f := serveFixture(t)
		f.faults.Add(Fault{Hang: true})
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.server.URL+"/api2/json/rows", nil)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			res, err := f.client.Do(r)
			if err == nil {
				res.Body.Close()
			}
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("hang until the server closes", func(t *testing.T) {
		f := serveFixture(t)
		hung := make(chan struct{})
		f.faults.Add(Fault{Hang: true, Delay: time.Nanosecond})
		done := make(chan error, 1)
		go func() {
			close(hung)
			_, _, err := f.ask(t, "/rows")
			done <- err
		}()
		<-hung
		f.server.Close()
		if err := <-done; err == nil {
			t.Error("a closed server must not answer")
		}
	})
}

func TestFaultsActWhereTheyShould(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		want  []int // statuses of /rows, /nodes/pve1/rows, /nodes/pve2/rows, /rows again
	}{
		{"everywhere", Fault{}, []int{503, 503, 503, 503}},
		{"an endpoint", Fault{Endpoint: "/nodes/{node}/rows"}, []int{200, 503, 503, 200}},
		{"a node", Fault{Node: "pve2"}, []int{200, 200, 503, 200}},
		{"a method", Fault{Method: "POST"}, []int{200, 200, 200, 200}},
		{"an entry", Fault{Entry: "pve1"}, []int{503, 503, 503, 503}},
		{"another entry", Fault{Entry: "pve9"}, []int{200, 200, 200, 200}},
		{"a part of the path", Fault{Contains: "pve1"}, []int{200, 503, 200, 200}},
		{"twice", Fault{Times: 2}, []int{503, 503, 200, 200}},
		{"not the first two", Fault{Skip: 2}, []int{200, 200, 503, 503}},
		{"once after one", Fault{Skip: 1, Times: 1}, []int{200, 503, 200, 200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := serveFixture(t)
			tt.fault.Status = 503
			f.faults.Add(tt.fault)
			for i, path := range []string{"/rows", "/nodes/pve1/rows", "/nodes/pve2/rows", "/rows"} {
				res, _, err := f.ask(t, path)
				if err != nil {
					t.Fatal(err)
				}
				if res.StatusCode != tt.want[i] {
					t.Errorf("request %d: status %d, want %d", i, res.StatusCode, tt.want[i])
				}
			}
		})
	}
}

func TestTheNewestFaultActs(t *testing.T) {
	f := serveFixture(t)
	f.faults.Add(Fault{Status: 500})
	remove := f.faults.Add(Fault{Status: 503})
	for i, want := range []int{503, 500, 200} {
		res, _, err := f.ask(t, "/rows")
		if err != nil || res.StatusCode != want {
			t.Errorf("step %d: %v %v, want %d", i, res, err, want)
		}
		if i == 0 {
			remove()
		} else {
			f.faults.Clear()
		}
	}
}

func TestCertificateIsSignedByTheClustersAuthority(t *testing.T) {
	f := serveFixture(t)
	if !bytes.Contains(f.server.CAPEM, []byte("BEGIN CERTIFICATE")) || strings.Count(f.server.Fingerprint, ":") != 31 {
		t.Errorf("fingerprint %q", f.server.Fingerprint)
	}
	plain := &http.Client{Transport: &http.Transport{}}
	defer plain.CloseIdleConnections()
	if res, err := plain.Get(f.server.URL); err == nil {
		res.Body.Close()
		t.Error("nobody else knows that authority")
	}
}
