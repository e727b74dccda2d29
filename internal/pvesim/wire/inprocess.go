package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
)

// InProcess carries requests to a handler without a network: thousands of simulated hours take no handshakes. It is an
// http.RoundTripper, safe for concurrent use. An answer that breaks off is an error, as on a connection; nothing ever hangs halfway.
type InProcess struct{ Handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t InProcess) RoundTrip(request *http.Request) (answer *http.Response, err error) {
	out := &recorder{ResponseRecorder: httptest.NewRecorder()}
	defer func() {
		switch broken := recover(); broken {
		case nil:
		case http.ErrAbortHandler:
			answer, err = nil, errAborted
		default:
			panic(broken)
		}
	}()
	t.Handler.ServeHTTP(out, request)
	if out.taken == nil {
		answer = out.Result()
		answer.Request = request
		return answer, nil
	}
	answer, err = http.ReadResponse(bufio.NewReader(out.taken), request)
	if err != nil {
		return nil, fmt.Errorf("in-process answer: %w", err)
	}
	return answer, nil
}

var errAborted = errors.New("connection closed without an answer")

// recorder also gives its connection away, which is how answers with a reason phrase of their own are written.
type recorder struct {
	*httptest.ResponseRecorder
	taken *bytes.Buffer
}

// Hijack implements http.Hijacker.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.taken = &bytes.Buffer{}
	return noConnection{}, bufio.NewReadWriter(bufio.NewReader(r.taken), bufio.NewWriter(r.taken)), nil
}

// noConnection can only be closed.
type noConnection struct{ net.Conn }

// Close implements net.Conn.
func (noConnection) Close() error { return nil }
