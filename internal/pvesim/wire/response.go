package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// gzipFrom is the length from which bodies are compressed.
const gzipFrom = 1024

// response writes one answer.
type response struct {
	rw        http.ResponseWriter
	request   *http.Request
	now       time.Time
	protected bool
	note      func(status int, bytes int64) // counts the request, once
}

// envelope is the frame of every JSON answer.
type envelope struct {
	Data  any `json:"data"`
	Total int `json:"total,omitempty"`
}

// send writes a good answer, or what a fault makes of it.
func (o *response) send(a Answer, f *Fault, wait func(context.Context, time.Duration) error) {
	if a.File != nil {
		o.rw.Header().Set("Content-Disposition", `attachment; filename="`+a.FileName+`"`)
		o.body("text/plain", f.change(a.File), len(a.File) > gzipFrom, f, wait)
		return
	}
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(envelope{a.Data, a.Total}); err != nil {
		o.fail(Failure("encoding the answer failed: " + err.Error()))
		return
	}
	text := f.change(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
	zipped := len(text) > gzipFrom && strings.Contains(o.request.Header.Get("Accept-Encoding"), "gzip")
	o.body("application/json;charset=UTF-8", text, zipped, f, wait)
}

// body writes the headers and the body of a 200.
func (o *response) body(kind string, text []byte, zipped bool, f *Fault, wait func(context.Context, time.Duration) error) {
	header := o.headers()
	header.Set("Content-Type", kind)
	if zipped {
		header.Set("Content-Encoding", "gzip")
		text = compress(text)
	}
	header.Set("Content-Length", strconv.Itoa(len(text)))
	if f.writes(o, text, wait) {
		return
	}
	o.note(http.StatusOK, int64(len(text)))
	_, _ = o.rw.Write(text)
}

// headers fills in what every answer carries.
func (o *response) headers() http.Header {
	header := o.rw.Header()
	date := o.now.UTC().Format(http.TimeFormat)
	header.Set("Cache-Control", "max-age=0")
	header.Set("Date", date)
	header.Set("Pragma", "no-cache")
	header.Set("Server", "pve-api-daemon/3.0")
	header.Set("Expires", date)
	if o.protected {
		header["Connection"] = []string{"close", "Keep-Alive"}
	}
	return header
}

// fail writes an error: the reason in the status line, and a JSON body unless the error is a silent one.
func (o *response) fail(e *Error) {
	if e.Abort {
		panic(http.ErrAbortHandler)
	}
	header := o.headers()
	var text []byte
	if !e.Silent {
		header.Set("Content-Type", "application/json;charset=UTF-8")
		text = errorBody(e)
		header.Set("Content-Length", strconv.Itoa(len(text)))
	}
	o.note(e.Status, int64(len(text)))
	if o.hijack(e, header, text) {
		return
	}
	o.rw.WriteHeader(e.Status)
	_, _ = o.rw.Write(text)
}

// errorBody is the JSON of an error. A message ends with a newline, unless it came from the dispatcher itself.
func errorBody(e *Error) []byte {
	message := e.Detail
	if message == "" {
		message = e.Reason + "\n"
	}
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(struct {
		Data    any               `json:"data"`
		Message string            `json:"message"`
		Errors  map[string]string `json:"errors,omitempty"`
	}{nil, message, e.Fields})
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// hijack writes an error with its own reason phrase, which net/http cannot do. It reports whether it could take the connection.
func (o *response) hijack(e *Error, header http.Header, text []byte) bool {
	hijacker, ok := o.rw.(http.Hijacker)
	if !ok || e.Reason == http.StatusText(e.Status) {
		return false
	}
	conn, buffered, err := hijacker.Hijack()
	if err != nil {
		return false
	}
	defer conn.Close()
	header["Connection"] = []string{"close"}
	if o.protected && !e.Silent {
		header["Connection"] = []string{"close", "Keep-Alive"}
	}
	reason := strings.NewReplacer("\r", " ", "\n", " ").Replace(strings.TrimSpace(e.Reason))
	fmt.Fprintf(buffered, "HTTP/1.1 %d %s\r\n", e.Status, reason)
	_ = header.Write(buffered)
	_, _ = buffered.WriteString("\r\n")
	_, _ = buffered.Write(text)
	_ = buffered.Flush()
	return true
}

// compress packs a body as fast as possible: the simulation is not here to save bandwidth.
func compress(text []byte) []byte {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
	_, _ = w.Write(text)
	_ = w.Close()
	return buf.Bytes()
}
