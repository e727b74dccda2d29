package wire

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// prefix is where the API lives.
const prefix = "/api2/json"

// Backend is the cluster behind the wire. All its methods run inside Guard, except Guard and Now.
type Backend interface {
	// Guard runs f while the cluster's state is its own, brought up to the present.
	Guard(f func())
	// Now is the cluster's clock.
	Now() time.Time
	// Admit refuses everything while the whole API is broken; entry is the node whose address was called.
	Admit(entry string) *Error
	// Authenticate returns the identity behind an Authorization header.
	Authenticate(header string) (who string, failure *Error)
	// Reach tells whether a node's daemons can be reached from the entry node; protected calls need one daemon more.
	Reach(entry, node string, protected bool) *Error
	// Endpoints lists what the API can do.
	Endpoints() []Endpoint
}

// Handler is the API of a simulated cluster as an http.Handler. Make one with NewHandler.
type Handler struct {
	backend Backend
	router  *router
	entry   string
	wait    func(context.Context, time.Duration) error
	faults  *Faults
	log     *Log
}

// NewHandler returns the API as the node entry serves it; it asks for the endpoints once, and must be called inside Guard where these depend
// on the backend's state. Slow answers wait with wait, which tests replace by one that needs no time.
func NewHandler(b Backend, entry string, faults *Faults, log *Log, wait func(context.Context, time.Duration) error) *Handler {
	return &Handler{backend: b, router: newRouter(b.Endpoints()), entry: entry, wait: wait, faults: faults, log: log}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	parts := split(r.URL.EscapedPath())
	endpoint, values := h.router.find(r.Method, parts)
	record := Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Entry: h.entry, Node: values["node"], UPID: values["upid"]}
	if endpoint != nil {
		record.Endpoint = endpoint.Template
	}
	out := &response{rw: rw, request: r, now: h.backend.Now(), protected: endpoint != nil && endpoint.Protected}
	out.note = func(status int, bytes int64) {
		// Noted before the answer leaves, so that a client that has it also finds its request counted.
		record.Status, record.Bytes, out.note = status, bytes, func(int, int64) {}
		h.log.add(record)
	}
	defer func() { out.note(0, 0) }()
	if endpoint != nil && endpoint.OnNode && values["node"] != h.entry {
		out.protected = true
	}
	fault := h.faults.match(&record, values["storage"])
	record.Fault = fault != nil
	if fault != nil && fault.before(h, out) {
		return
	}
	call := &Call{Request: r, Endpoint: endpoint, Entry: h.entry, values: values}
	var answer Answer
	var failure *Error
	h.backend.Guard(func() { answer, failure = h.answer(call, parts) })
	if failure != nil {
		out.fail(failure)
		return
	}
	out.send(answer, fault, h.wait)
}

// answer runs the steps that every call goes through, in PVE's order.
func (h *Handler) answer(call *Call, parts []string) (Answer, *Error) {
	if failure := h.backend.Admit(h.entry); failure != nil {
		return Answer{}, failure
	}
	r := call.Request
	who, failure := h.backend.Authenticate(r.Header.Get("Authorization"))
	if failure != nil {
		return Answer{}, failure
	}
	if r.Method == http.MethodHead {
		return Answer{}, &Error{Status: http.StatusNotImplemented, Reason: "method 'HEAD' not available", Silent: true}
	}
	call.Who, call.Now = who, h.backend.Now()
	if call.Endpoint == nil {
		reason := "Method '" + r.Method + " /" + strings.Join(parts, "/") + "' not implemented"
		return Answer{}, &Error{Status: http.StatusNotImplemented, Reason: reason, Detail: reason}
	}
	if failure := call.read(); failure != nil {
		return Answer{}, failure
	}
	if check := call.Endpoint.Check; check != nil {
		if failure := check(call); failure != nil {
			return Answer{}, failure
		}
	}
	node := h.entry
	if call.Endpoint.OnNode {
		node = call.Get("node")
	}
	if failure := h.backend.Reach(h.entry, node, call.Endpoint.Protected); failure != nil {
		return Answer{}, failure
	}
	if failure := call.verify(); failure != nil {
		return Answer{}, failure
	}
	return call.Endpoint.Handle(call)
}

// split returns the unescaped segments below the API's prefix; empty ones do not count.
func split(escaped string) []string {
	rest, ok := strings.CutPrefix(escaped, prefix)
	if !ok {
		rest = escaped
	}
	var parts []string
	for part := range strings.SplitSeq(rest, "/") {
		if part != "" {
			parts = append(parts, unescape(part))
		}
	}
	return parts
}
