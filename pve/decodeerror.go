package pve

import (
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// ErrTooLarge is what a [DecodeError] wraps when a reply is larger than the configured limit.
var ErrTooLarge = errors.New("larger than the limit")

// errNotAPI is what a DecodeError wraps when the reply is not JSON at all: some other web server answers there.
var errNotAPI = errors.New("not the API of Proxmox VE")

// DecodeError is a reply with a success status whose body is not what Proxmox VE sends.
type DecodeError struct {
	Method   string
	Endpoint string // the path's template
	Path     string
	Node     string // the node that the path names, or empty
	Address  string // the API address that answered
	Err      error  // what is wrong with the body; it never quotes it
}

// Error names the call, the address and what is wrong with the body.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("%s %s on %s: unexpected reply: %v", e.Method, e.Path, e.Address, e.Err)
}

// Unwrap returns what is wrong with the body.
func (e *DecodeError) Unwrap() error { return e.Err }

func (c *call) decodeError(err error) *DecodeError {
	return &DecodeError{Method: c.method, Endpoint: c.template, Path: c.path, Node: c.node, Address: c.answeredBy, Err: err}
}

func (e *DecodeError) advise() error {
	switch {
	case errors.Is(e.Err, errNotAPI):
		return ui.Hint(e, "something else than Proxmox VE answers at this address; its API is usually at port 8006")
	case errors.Is(e.Err, ErrTooLarge):
		return ui.Hint(e, "no reply of a healthy cluster is that large; if yours is, raise the limit")
	}
	return e
}
