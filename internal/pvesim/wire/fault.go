package wire

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault breaks the answers to some requests. The first half says which, the second half how; several ways may be combined.
type Fault struct {
	// Which requests: each field that is set must match.
	Method   string
	Endpoint string // the template
	Node     string // in the path
	Entry    string // the node whose address was called
	Storage  string // in the path
	Contains string // in the path or query
	Skip     int    // let so many matching requests pass first
	Times    int    // then break so many; 0 for all

	// How, instead of an answer.
	Status  int           // answers with this status; 0 for none
	Reason  string        // and this reason phrase
	Body    string        // and this body
	Header  http.Header   // and these headers
	Hang    bool          // answers never: waits until the client goes away
	Abort   bool          // closes the connection without a word
	Huge    int64         // answers 200 with so many bytes of JSON that never ends
	Delay   time.Duration // waits, then goes on
	Trickle time.Duration // waits so long before every single byte of the body
	Cut     float64       // sends only this part of the body, 0 < Cut < 1, and closes the connection
	Change  func(body []byte) []byte
}

// Faults is the list of faults at work. The zero Faults is ready. It is safe for concurrent use.
type Faults struct {
	mu   sync.Mutex
	list []*active
}

// active is a fault with its counters.
type active struct {
	Fault
	seen, used int
}

// Add puts a fault to work and returns how to end it. Where several match, the one added last acts.
func (f *Faults) Add(fault Fault) (remove func()) {
	entry := &active{Fault: fault}
	f.mu.Lock()
	f.list = append(f.list, entry)
	f.mu.Unlock()
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for i, e := range f.list {
			if e == entry {
				f.list = append(f.list[:i:i], f.list[i+1:]...)
				return
			}
		}
	}
}

// Clear ends all faults.
func (f *Faults) Clear() {
	f.mu.Lock()
	f.list = nil
	f.mu.Unlock()
}

// match finds the fault that acts on a request.
func (f *Faults) match(r *Request, storage string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.list) - 1; i >= 0; i-- {
		e := f.list[i]
		if !e.matches(r, storage) {
			continue
		}
		e.seen++
		if e.seen <= e.Skip || e.Times > 0 && e.used >= e.Times {
			continue
		}
		e.used++
		return &e.Fault
	}
	return nil
}

func (f *Fault) matches(r *Request, storage string) bool {
	return (f.Method == "" || f.Method == r.Method) && (f.Endpoint == "" || f.Endpoint == r.Endpoint) &&
		(f.Node == "" || f.Node == r.Node) && (f.Entry == "" || f.Entry == r.Entry) && (f.Storage == "" || f.Storage == storage) &&
		(f.Contains == "" || strings.Contains(r.Path, f.Contains) || strings.Contains(r.Query, f.Contains))
}

// before acts ahead of the answer, and reports whether there will be none.
func (f *Fault) before(h *Handler, out *response) (done bool) {
	ctx := out.request.Context()
	if f.Delay > 0 && h.wait(ctx, f.Delay) != nil {
		panic(http.ErrAbortHandler)
	}
	switch {
	case f.Hang:
		<-ctx.Done()
		panic(http.ErrAbortHandler)
	case f.Abort:
		panic(http.ErrAbortHandler)
	case f.Huge > 0:
		out.huge(f.Huge)
		return true
	case f.Status != 0:
		out.injected(f)
		return true
	}
	return false
}

// change applies Change; a nil fault changes nothing.
func (f *Fault) change(body []byte) []byte {
	if f == nil || f.Change == nil {
		return body
	}
	return f.Change(body)
}

// writes sends a body in a broken way, and reports whether it did.
func (f *Fault) writes(o *response, body []byte, wait func(context.Context, time.Duration) error) bool {
	switch {
	case f == nil:
		return false
	case f.Cut > 0:
		part := body[:int(float64(len(body))*f.Cut)]
		o.note(http.StatusOK, int64(len(part)))
		_, _ = o.rw.Write(part)
		if flusher, ok := o.rw.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	case f.Trickle > 0:
		o.trickle(body, f.Trickle, wait)
		return true
	}
	return false
}
