package pve

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// ConnectionKind says why an address could not be asked.
type ConnectionKind string

// The kinds of a [ConnectionError].
const (
	ConnectionRefused          ConnectionKind = "refused"       // nothing listens there
	ConnectionReset            ConnectionKind = "reset"         // it broke off before the reply was complete
	ConnectionTimeout          ConnectionKind = "timeout"       // no answer within the deadline
	ConnectionUnresolved       ConnectionKind = "unresolved"    // the name has no address
	ConnectionNoRoute          ConnectionKind = "no_route"      // the network does not lead there
	ConnectionNotTLS           ConnectionKind = "not_tls"       // it answers in plain HTTP
	ConnectionUntrusted        ConnectionKind = "untrusted"     // certificate of an unknown authority
	ConnectionWrongName        ConnectionKind = "wrong_name"    // certificate for other names
	ConnectionExpired          ConnectionKind = "expired"       // certificate that is not valid now
	ConnectionWrongFingerprint ConnectionKind = "fingerprint"   // another certificate than the pinned one
	ConnectionBadHandshake     ConnectionKind = "bad_handshake" // any other failure of TLS
	ConnectionFailed           ConnectionKind = "failed"        // anything else
)

// ConnectionError says that an address could not be asked, or that its reply broke off.
type ConnectionError struct {
	Kind        ConnectionKind
	Address     string // the API address
	Method      string
	Endpoint    string // the path's template
	Path        string
	Node        string // the node that the path names, or empty
	Fingerprint string // SHA-256 of the certificate that was shown, as AB:CD:..., where the kind is about it
	Names       string // the names that the certificate is for, for ConnectionWrongName
	Err         error

	sent bool // the request may have reached the server
}

var connectionTexts = map[ConnectionKind]string{
	ConnectionRefused:          "connection refused",
	ConnectionReset:            "the connection broke off",
	ConnectionTimeout:          "no answer in time",
	ConnectionNotTLS:           "the server answers in plain http",
	ConnectionUntrusted:        "the certificate is signed by an unknown authority",
	ConnectionWrongName:        "the certificate is for another name",
	ConnectionExpired:          "the certificate has expired or is not yet valid",
	ConnectionWrongFingerprint: "the certificate is not the pinned one",
}

// Error names the call, the address and the reason.
func (e *ConnectionError) Error() string {
	text, plain := connectionTexts[e.Kind]
	if !plain {
		text = e.Err.Error()
	}
	return fmt.Sprintf("%s %s on %s: %s", e.Method, e.Path, e.Address, text)
}

// Unwrap returns the cause.
func (e *ConnectionError) Unwrap() error { return e.Err }

// connectionError turns what the network or TLS says into a kind.
func (c *call) connectionError(address string, err error) *ConnectionError {
	e := &ConnectionError{Kind: kindOf(err), Address: address, Method: c.method, Endpoint: c.template, Path: c.path, Node: c.node, Err: err}
	var opErr *net.OpError
	transfer := errors.As(err, &opErr) && opErr.Op != "dial"
	switch e.Kind {
	case ConnectionTimeout: // a handshake that takes too long has no operation
		e.sent = transfer || errors.Is(err, errDeadline)
	case ConnectionReset, ConnectionFailed:
		e.sent = transfer || opErr == nil
	}
	var verification *tls.CertificateVerificationError
	var pinned *fingerprintError
	switch {
	case errors.As(err, &pinned):
		e.Fingerprint = pinned.shown
	case errors.As(err, &verification) && len(verification.UnverifiedCertificates) > 0:
		leaf := verification.UnverifiedCertificates[0]
		e.Fingerprint, e.Names = fingerprintOf(leaf), namesOf(leaf)
	}
	return e
}

func kindOf(err error) ConnectionKind {
	if kind, ok := tlsKind(err); ok {
		return kind
	}
	var dns *net.DNSError
	var netErr net.Error
	switch {
	case errors.As(err, &dns):
		return ConnectionUnresolved
	case errors.Is(err, syscall.ECONNREFUSED):
		return ConnectionRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return ConnectionNoRoute
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, errDeadline), errors.As(err, &netErr) && netErr.Timeout():
		return ConnectionTimeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return ConnectionReset
	}
	return ConnectionFailed
}

func tlsKind(err error) (ConnectionKind, bool) {
	var (
		pinned    *fingerprintError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		other     *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &pinned):
		return ConnectionWrongFingerprint, true
	case errors.As(err, &name):
		return ConnectionWrongName, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return ConnectionExpired, true
	case errors.As(err, &authority):
		return ConnectionUntrusted, true
	case errors.As(err, &record):
		if string(record.RecordHeader[:]) == "HTTP/" {
			return ConnectionNotTLS, true
		}
		return ConnectionBadHandshake, true
	case errors.As(err, &alert), errors.As(err, &invalid), errors.As(err, &other):
		return ConnectionBadHandshake, true
	}
	return "", false
}
