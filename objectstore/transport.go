package objectstore

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxBody is far more than a page of a listing or the metrics of thousands of buckets have.
const maxBody = 16 << 20

var errTooLong = errors.New("the reply is longer than any should be")

// transport counts the requests of an errand, and notes what became of them: minio-go hides some of that.
type transport struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	e := errandOf(request.Context())
	if e == nil {
		return nil, errors.New("a request outside of any probe") // a mistake of this package
	}
	if e.left <= 0 {
		return nil, errSpent
	}
	e.left--
	e.sent, e.cause = true, nil
	sent := time.Now()
	reply, err := t.base.RoundTrip(request)
	if err != nil {
		e.cause = err
		return nil, err
	}
	if date, err := http.ParseTime(reply.Header.Get("Date")); err == nil {
		e.behind = date.Sub(sent)
	}
	if reply.StatusCode >= 300 && reply.StatusCode < 400 && reply.StatusCode != http.StatusNotModified {
		reply.Body.Close()
		e.cause = &redirectError{status: reply.StatusCode, to: reply.Header.Get("Location")}
		return nil, e.cause
	}
	reply.Body = &boundedBody{ReadCloser: reply.Body, e: e, left: maxBody}
	return reply, nil
}

// redirectError says that the server points elsewhere. Nobody follows: the other place has not been declared.
type redirectError struct {
	status int
	to     string
}

func (e *redirectError) Error() string {
	return fmt.Sprintf("status %d, it points to %q", e.status, e.to)
}

// boundedBody is a reply's body that cannot be endless.
type boundedBody struct {
	io.ReadCloser
	e    *errand
	left int
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.e.cause = errTooLong
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		b.e.cause = err
	}
	return n, err
}
