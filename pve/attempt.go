package pve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// maxErrorBody is enough for every message; the rest of a longer one is dropped.
const maxErrorBody = 64 << 10

// exchange is one HTTP request to one address.
type exchange struct {
	*transport
	call     *call
	target   *endpoint
	parent   context.Context // the caller's
	ctx      context.Context // the attempt's: ends with the deadline too
	deadline *deadline
	release  func() // gives the node's place back
	secret   string
	began    time.Time
}

// attempt asks one address once. An answer is read completely, so that the node's place is free and the deadline done with when it returns;
// only a stream goes on.
func (t *transport) attempt(req *http.Request, c *call, target *endpoint) (*http.Response, error) {
	slot := c.node
	if slot == "" {
		slot = target.address
	}
	release, err := t.limit.acquire(req.Context(), slot)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.at(target.address), err)
	}
	secret, err := t.auth.credentials()
	if err != nil {
		release()
		return nil, err
	}
	x := &exchange{transport: t, call: c, target: target, parent: req.Context(), release: release, secret: secret, began: t.now()}
	x.ctx, x.deadline = withDeadline(req.Context(), t.timeout)
	resp, code, err := x.do(req)
	if err != nil {
		x.finish(code)
		return nil, err
	}
	if !c.stream {
		x.finish(code)
	}
	return resp, nil
}

// finish ends the exchange, once: its code is the HTTP status, or "error".
func (x *exchange) finish(code string) {
	x.deadline.stop()
	x.release()
	took := x.now().Sub(x.began)
	x.observe(x.call.template, code, took)
	x.log.Debug("call to Proxmox VE", "method", x.call.method, "endpoint", x.call.template, "node", x.call.node, "address", x.target.address, "code", code, "seconds", took.Seconds())
}

func (x *exchange) do(req *http.Request) (resp *http.Response, code string, err error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	out, err := x.target.rewrite(req.WithContext(httptrace.WithClientTrace(x.ctx, trace)))
	if err != nil {
		return nil, "error", err
	}
	out.Header.Set("Authorization", x.auth.header(x.secret))
	if req.Body != nil {
		out.Header.Set("Content-Type", "application/x-www-form-urlencoded") // go-proxmox says JSON to every body
	}
	resp, err = x.base.RoundTrip(out)
	if err != nil {
		return nil, "error", x.broken(err, connected.Load())
	}
	x.call.answeredBy = x.target.address
	code = strconv.Itoa(resp.StatusCode)
	switch {
	case resp.StatusCode >= 300:
		return nil, code, x.refused(resp)
	case x.call.stream:
		err = x.openStream(resp)
	default:
		err = x.readJSON(resp)
	}
	if err != nil {
		return nil, "error", err
	}
	return resp, code, nil
}

// broken says why there is no answer, or no complete one; connected, that there was a connection for the request. The caller's own end is the
// caller's error and nobody's fault.
func (x *exchange) broken(err error, connected bool) error {
	if x.parent.Err() != nil {
		return fmt.Errorf("%s: %w", x.call.at(x.target.address), x.parent.Err())
	}
	if errors.Is(context.Cause(x.ctx), errDeadline) {
		err = errDeadline
	}
	if text := err.Error(); x.tells(text) {
		err = errors.New(x.words(text)) // net/http quotes a status line that it cannot read
	}
	failure := x.call.connectionError(x.target.address, err)
	failure.sent = failure.sent || connected
	return failure.advise()
}

// refused reads a reply that is not a success.
func (x *exchange) refused(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the status says enough when the body breaks off
	_ = resp.Body.Close()
	e := &Error{
		Status: resp.StatusCode, Reason: x.words(strings.TrimPrefix(resp.Status, strconv.Itoa(resp.StatusCode))),
		Method: x.call.method, Endpoint: x.call.template, Path: x.call.path, Node: x.call.node,
		Address: x.target.address, Location: x.words(resp.Header.Get("Location")),
	}
	var reply struct {
		Message string
		Errors  map[string]any
	}
	if json.Unmarshal(body, &reply) == nil {
		message, fields := parameterErrors(reply.Message, reply.Errors)
		e.Message = x.words(message)
		for name, text := range fields {
			if e.Fields == nil {
				e.Fields = make(map[string]string)
			}
			e.Fields[x.words(name)] = x.words(fmt.Sprint(text))
		}
	}
	if e.Status == http.StatusUnauthorized {
		x.auth.refuse(x.secret, e.advise())
	}
	return e.advise()
}

// words makes the server's text fit for an error: one line, of bounded length, and without secrets, should the server repeat them.
func (x *exchange) words(text string) string {
	return clean(hide(text, x.secret, x.call.secrets))
}

// tells reports that a text holds a secret.
func (x *exchange) tells(text string) bool { return hide(text, x.secret, x.call.secrets) != text }

// readJSON replaces the body by its bytes, after a look at what go-proxmox would pass over.
func (x *exchange) readJSON(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, x.maxBody+1))
	_ = resp.Body.Close()
	switch {
	case err != nil:
		return x.broken(err, true)
	case int64(len(body)) > x.maxBody:
		return x.call.decodeError(fmt.Errorf("%w of %d bytes", ErrTooLarge, x.maxBody)).advise()
	}
	found, err := inspect(body)
	if err == nil && !found.data && x.call.method == http.MethodGet && !(found.null && x.call.emptyReply) {
		err = errors.New("it has no data")
	}
	if err != nil {
		return x.call.decodeError(err).advise()
	}
	x.call.total = found.total
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// openStream hands the body on, bounded in length and in the time between two pieces.
func (x *exchange) openStream(resp *http.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind == "text/html" || kind == "application/json" {
		_ = resp.Body.Close()
		return x.call.decodeError(fmt.Errorf("%w: want a text, found %s", errNotAPI, kind)).advise()
	}
	resp.Body = &streamBody{exchange: x, body: resp.Body, left: x.maxLog, code: strconv.Itoa(resp.StatusCode)}
	return nil
}

// clean turns text from outside into one line of bounded length that cannot drive a terminal.
func clean(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text))
	const limit = 1000
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "..."
	}
	return text
}
