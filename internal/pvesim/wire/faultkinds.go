package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// injected answers with a fault's own status, reason and body.
func (o *response) injected(f *Fault) {
	for name, values := range f.Header {
		o.rw.Header()[name] = values
	}
	reason := f.Reason
	if reason == "" {
		reason = http.StatusText(f.Status)
	}
	if reason == "" {
		reason = "injected fault"
	}
	if f.Body == "" && len(f.Header) == 0 {
		o.fail(&Error{Status: f.Status, Reason: reason, Silent: f.Status == http.StatusUnauthorized || f.Status >= 595})
		return
	}
	header := o.headers()
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "text/html; charset=UTF-8")
	}
	header.Set("Content-Length", strconv.Itoa(len(f.Body)))
	o.note(f.Status, int64(len(f.Body)))
	o.rw.WriteHeader(f.Status)
	_, _ = o.rw.Write([]byte(f.Body))
}

// huge streams a JSON array that goes on for size bytes and is never closed.
func (o *response) huge(size int64) {
	o.headers().Set("Content-Type", "application/json;charset=UTF-8")
	o.note(http.StatusOK, size)
	chunk := bytes.Repeat([]byte(`{"id":"filler","vmid":1},`), 2000)
	n, err := o.rw.Write([]byte(`{"data":[`))
	for written := int64(n); err == nil && written < size; {
		n, err = o.rw.Write(chunk)
		written += int64(n)
	}
	panic(http.ErrAbortHandler)
}

// trickle sends a body one byte at a time.
func (o *response) trickle(body []byte, pause time.Duration, wait func(context.Context, time.Duration) error) {
	flusher, _ := o.rw.(http.Flusher)
	o.note(http.StatusOK, int64(len(body)))
	for i := range body {
		if wait(o.request.Context(), pause) != nil {
			return
		}
		if _, err := o.rw.Write(body[i : i+1]); err != nil {
			return
		}
		if flusher != nil {
			flusher.Flush()
		}
	}
}

// BrokenJSON drops the last character of a body.
func BrokenJSON(body []byte) []byte { return body[:len(body)-1] }

// NullData replaces the answer's data by null.
func NullData([]byte) []byte { return []byte(`{"data":null}`) }

// EmptyBody sends nothing at all.
func EmptyBody([]byte) []byte { return []byte{} }

// HTMLPage is what a reverse proxy or a captive portal would say, with status 200.
func HTMLPage([]byte) []byte {
	return []byte("<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n")
}

// DuplicateKeys gives every object a first member that is named twice.
func DuplicateKeys(body []byte) []byte {
	body = bytes.ReplaceAll(body, []byte(`[{"`), []byte(`[{"id":"duplicate","id":"duplicate","`))
	return bytes.ReplaceAll(body, []byte(`},{"`), []byte(`},{"id":"duplicate","id":"duplicate","`))
}

// WrongTypes turns every value below data into one of another type: numbers into objects, texts into lists, lists into texts.
func WrongTypes(body []byte) []byte {
	var frame map[string]any
	if json.Unmarshal(body, &frame) != nil {
		return body
	}
	frame["data"] = twist(frame["data"], true)
	twisted, err := json.Marshal(frame)
	if err != nil {
		return body
	}
	return twisted
}

// twist changes the types below value; top keeps the outermost list and its objects, so that the members are reached.
func twist(value any, top bool) any {
	switch v := value.(type) {
	case map[string]any:
		for name := range v {
			v[name] = twist(v[name], false)
		}
		return v
	case []any:
		if !top {
			return "a list"
		}
		for i := range v {
			v[i] = twist(v[i], true)
		}
		return v
	case float64:
		return map[string]any{"value": v}
	case string:
		return []any{v}
	case nil:
		return true
	}
	return nil
}
