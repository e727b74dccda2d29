package pve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

const anyTask = "UPID:pve1:000046CA:00052842:6B038A97:vzdump:200:root@pam!full:"

func textReply(body string, headers ...string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s", len(body), strings.Join(append(headers, ""), "\r\n"), body)
}

func TestLogDownload(t *testing.T) {
	log := strings.Repeat("INFO:  10% (3.2 GiB of 32.0 GiB) in 12s, read: 272.9 MiB/s\n", 5000) + "no UTF-8: \xff\xfe\nTASK OK\n"
	for name, reply := range map[string]string{
		"plain":                   textReply(log),
		"compressed":              textReply(gzipped(log), "Content-Encoding: gzip"),
		"compressed without word": textReply(gzipped(log)),
		"compressed twice":        textReply(gzipped(gzipped(log)), "Content-Encoding: gzip"),
	} {
		t.Run(name, func(t *testing.T) {
			w := serveWire(t, func(r *http.Request) string {
				if r.RequestURI != "/api2/json/nodes/pve1/tasks/UPID:pve1:000046CA:00052842:6B038A97:vzdump:200:root@pam%21full:/log?download=1" &&
					r.RequestURI != "/api2/json/nodes/pve1/tasks/"+anyTask+"/log?download=1" {
					t.Errorf("asked for %s", r.RequestURI)
				}
				return reply
			})
			c, _ := connect(t, Config{}, w.address)
			var got bytes.Buffer
			n, err := c.TaskLog(context.Background(), "pve1", anyTask, &got)
			if err != nil || n != int64(len(log)) || got.String() != log {
				t.Errorf("%d bytes, want %d; %v", n, len(log), err)
			}
		})
	}
}

func TestLogThatIsEmpty(t *testing.T) {
	w := serveWire(t, func(*http.Request) string { return textReply("") })
	c, _ := connect(t, Config{}, w.address)
	if n, err := c.TaskLog(context.Background(), "pve1", anyTask, io.Discard); n != 0 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestLogThatIsGone(t *testing.T) {
	for name, answer := range map[string]func(*http.Request) string{
		"download": func(*http.Request) string {
			return status("500 Could not open file '/var/log/pve/tasks/7/UPID' - No such file or directory", "")
		},
		"pages": func(r *http.Request) string {
			if r.URL.Query().Has("download") {
				return status("400 Parameter verification failed.", unknownParameter)
			}
			return status(ok, `{"data":[{"n":1,"t":"unable to open file - No such file or directory"}],"total":1}`)
		},
	} {
		w := serveWire(t, answer)
		c, _ := connect(t, Config{}, w.address)
		if n, err := c.TaskLog(context.Background(), "pve1", anyTask, io.Discard); n != 0 || !errors.Is(err, ErrNoLog) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
	}
}

const unknownParameter = `{"data":null,"message":"Parameter verification failed.\n","errors":{"download":"property is not defined in schema and the schema does not allow additional properties"}}`

// Before 7.3-5 there is no download: the log is read in pages, and the client remembers that of the node.
func TestLogInPages(t *testing.T) {
	const lines = 12_345
	var want strings.Builder
	for i := range lines {
		fmt.Fprintf(&want, "INFO: line %d\n", i)
	}
	downloads, pages := 0, 0
	w := serveWire(t, func(r *http.Request) string {
		query := r.URL.Query()
		if query.Has("download") {
			downloads++
			return status("400 Parameter verification failed.", unknownParameter)
		}
		pages++
		start, _ := strconv.Atoi(query.Get("start"))
		limit, _ := strconv.Atoi(query.Get("limit"))
		var page []string
		for i := start; i < min(start+limit, lines); i++ {
			page = append(page, fmt.Sprintf(`{"n":%d,"t":"INFO: line %d"}`, i+1, i))
		}
		return status(ok, fmt.Sprintf(`{"total":"%d","data":[%s]}`, lines, strings.Join(page, ",")))
	})
	c, _ := connect(t, Config{}, w.address)
	for range 2 {
		var got strings.Builder
		n, err := c.TaskLog(context.Background(), "pve1", anyTask, &got)
		if err != nil || n != int64(want.Len()) || got.String() != want.String() {
			t.Fatalf("%d bytes, want %d; %v", n, want.Len(), err)
		}
	}
	if downloads != 1 || pages != 6 {
		t.Errorf("%d downloads were tried, %d pages were read", downloads, pages)
	}
	if _, err := c.TaskLog(context.Background(), "pve2", anyTask, io.Discard); err != nil || downloads != 2 {
		t.Errorf("another node may be newer: %d downloads, %v", downloads, err)
	}
}

func TestLogPageOfAnEmptyLog(t *testing.T) {
	w := serveWire(t, func(*http.Request) string { return status(ok, `{"data":[{"n":1,"t":"no content"}],"total":1}`) })
	c, _ := connect(t, Config{}, w.address)
	if lines, total, err := c.TaskLogPage(context.Background(), "pve1", anyTask, 0, 50); len(lines) != 0 || total != 0 || err != nil {
		t.Errorf("%q of %d, %v", lines, total, err)
	}
}

func TestLogThatBreaksOff(t *testing.T) {
	whole := gzipped(strings.Repeat("INFO: some line of some log\n", 1000))
	for name, reply := range map[string]string{
		"plain":      strings.Replace(textReply("INFO: half"), "Content-Length: 10", "Content-Length: 500", 1),
		"compressed": strings.Replace(textReply(whole[:len(whole)/2], "Content-Encoding: gzip"), fmt.Sprint("Content-Length: ", len(whole)/2), fmt.Sprint("Content-Length: ", len(whole)), 1),
	} {
		w := serveWire(t, func(*http.Request) string { return reply })
		c, _ := connect(t, Config{}, w.address)
		var got bytes.Buffer
		n, err := c.TaskLog(context.Background(), "pve1", anyTask, &got)
		var e *ConnectionError
		if !errors.As(err, &e) || e.Kind != ConnectionReset {
			t.Errorf("%s: want a reset, got %v", name, err)
		}
		if n == 0 || n != int64(got.Len()) {
			t.Errorf("%s: %d bytes, %d were written: what came is kept", name, n, got.Len())
		}
		if w.requests() != 1 {
			t.Errorf("%s: %d requests: half a log is not written twice", name, w.requests())
		}
	}
}

func TestLogThatIsDamaged(t *testing.T) {
	whole := gzipped(strings.Repeat("INFO: x\n", 100))
	damaged := whole[:len(whole)-6] + "\x00\x00" + whole[len(whole)-4:] // its checksum
	for _, reply := range []string{
		textReply(damaged), textReply(damaged, "Content-Encoding: gzip"), textReply(whole[:len(whole)-12]), textReply("\x1f\x8bnot so"),
		textReply(whole[:12] + "\xff\xff\xff" + whole[15:]),
	} {
		w := serveWire(t, func(*http.Request) string { return reply })
		c, _ := connect(t, Config{}, w.address)
		_, err := c.TaskLog(context.Background(), "pve1", anyTask, io.Discard)
		var e *DecodeError
		if !errors.As(err, &e) {
			t.Errorf("want a *DecodeError, got %v", err)
		}
	}
}

func TestLogThatIsTooLarge(t *testing.T) {
	const limit = 64 << 10
	exact, large := strings.Repeat("x", limit), strings.Repeat("x", limit+1)
	for _, tt := range []struct {
		reply string
		fits  bool
	}{
		{textReply(exact), true},
		{textReply(gzipped(exact), "Content-Encoding: gzip"), true},
		{textReply(gzipped(exact)), true},
		{textReply(large), false},
		{textReply(gzipped(large), "Content-Encoding: gzip"), false},
		{textReply(gzipped(large)), false},
	} {
		w := serveWire(t, func(*http.Request) string { return tt.reply })
		c, _ := connect(t, Config{MaxLog: limit}, w.address)
		n, err := c.TaskLog(context.Background(), "pve1", anyTask, io.Discard)
		var decode *DecodeError
		if tt.fits && (err != nil || n != limit) || !tt.fits && (!errors.Is(err, ErrTooLarge) || !errors.As(err, &decode)) || n > limit {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
}

// A log that stops coming ends with the deadline, though the caller has none.
func TestLogThatStalls(t *testing.T) {
	hold := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "INFO: first\n")
		w.(http.Flusher).Flush()
		<-hold
	})
	defer close(hold)
	c, _ := connect(t, Config{Timeout: 300 * time.Millisecond}, s.URL)
	var got bytes.Buffer
	_, err := c.TaskLog(context.Background(), "pve1", anyTask, &got)
	var e *ConnectionError
	if !errors.As(err, &e) || e.Kind != ConnectionTimeout || got.String() != "INFO: first\n" {
		t.Errorf("%q, %v", got.String(), err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortBuffer }

func TestLogThatCannotBeWritten(t *testing.T) {
	w := serveWire(t, func(*http.Request) string { return textReply("INFO: x\n") })
	c, _ := connect(t, Config{}, w.address)
	if _, err := c.TaskLog(context.Background(), "pve1", anyTask, fullDisk{}); !errors.Is(err, io.ErrShortBuffer) {
		t.Errorf("the writer's own error is lost: %v", err)
	}
}
