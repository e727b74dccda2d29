package pve

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// transport carries a request of go-proxmox to one of the cluster's addresses. It returns a response only for a success: everything else
// is an error of this package, because go-proxmox takes most other statuses for an empty success.
type transport struct {
	base      http.RoundTripper
	endpoints *endpoints
	auth      *authenticator
	limit     *limiter
	retry     retrier
	log       *slog.Logger
	observe   func(endpoint, code string, d time.Duration)
	now       func() time.Time

	timeout time.Duration
	maxBody int64
	maxLog  int64
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	c := callOf(req)
	for done := 0; ; done++ {
		resp, err := t.tryEndpoints(req, c)
		if err == nil || !t.retry.again(done, req.Method, err) {
			return resp, err
		}
		t.log.Debug("a call to Proxmox VE is repeated", "endpoint", c.template, "node", c.node, "err", err)
		if t.retry.pause(req.Context(), done) != nil {
			return nil, err
		}
	}
}

// tryEndpoints asks one address after the other until one answers.
func (t *transport) tryEndpoints(req *http.Request, c *call) (*http.Response, error) {
	order := []*endpoint{c.only}
	if c.only == nil {
		order = t.endpoints.order()
	}
	var failures []error
	for _, target := range order {
		resp, err := t.attempt(req, c, target)
		fault := endpointFault(err)
		if fault || err == nil || answered(err) {
			t.note(target, fault, err)
		}
		if err == nil {
			return resp, nil
		}
		if !fault {
			return nil, err // the cluster's answer: what other addresses lack is not the caller's business
		}
		if failures = append(failures, err); !repeatable(req.Method, err) {
			break
		}
	}
	if len(failures) == 1 {
		return nil, failures[0]
	}
	return nil, errors.Join(failures...)
}

func (t *transport) note(target *endpoint, fault bool, err error) {
	if !fault {
		err = nil // a refusal is an answer
	}
	if t.endpoints.report(target, err) {
		t.log.Info("calls to Proxmox VE now go to another address", "address", target.address)
	}
}

// endpointFault reports that the address itself is at fault, so that another one of the same cluster may answer. A refusal, an unknown
// call and a node that is down are the same everywhere.
func endpointFault(err error) bool {
	var refusal *Error
	if errors.As(err, &refusal) {
		switch {
		case refusal.Status < 400, clusterFilesystemDown(refusal), proxyFailed(refusal) && refusal.Node == "":
			return true
		case refusal.Status >= 502 && refusal.Status <= 504: // a reverse proxy in front of it: Proxmox VE has none of these
			return true
		}
		return false
	}
	var connection *ConnectionError
	if errors.As(err, &connection) {
		// The node that a call is about may be what hangs, and then it hangs for every address.
		return !(connection.sent && connection.Kind == ConnectionTimeout && connection.Node != "")
	}
	return errors.Is(err, errNotAPI)
}

// answered reports that the address answered, if only with a refusal.
func answered(err error) bool {
	var refusal *Error
	var decode *DecodeError
	return !errors.Is(err, errPaused) && (errors.As(err, &refusal) || errors.As(err, &decode))
}

// repeatable reports whether another address may be asked after the failure. A call that waited for its whole deadline is not made
// again: the next one begins elsewhere. What changes something goes elsewhere only if it was not sent.
func repeatable(method string, err error) bool {
	var connection *ConnectionError
	if !errors.As(err, &connection) {
		return method == http.MethodGet
	}
	return !connection.sent || method == http.MethodGet && connection.Kind != ConnectionTimeout
}

// errDeadline is the cause of a context that ended because an attempt took too long.
var errDeadline = errors.New("no answer within the deadline")

// deadline ends an attempt that makes no progress.
type deadline struct {
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	timeout time.Duration
}

func withDeadline(ctx context.Context, timeout time.Duration) (context.Context, *deadline) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &deadline{cancel: cancel, timeout: timeout, timer: time.AfterFunc(timeout, func() { cancel(errDeadline) })}
}

func (d *deadline) extend() { d.timer.Reset(d.timeout) }

func (d *deadline) stop() {
	d.timer.Stop()
	d.cancel(context.Canceled)
}
