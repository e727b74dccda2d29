package objectstore

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"
)

// Certificate is what the server shows of itself.
type Certificate struct {
	NotBefore, NotAfter time.Time // of the server's own certificate, not of those that signed it; zero where the endpoint is plain http
	Names               []string  // names and addresses that it is for
}

// Certificate looks at the server's certificate, on a connection of its own: the others may be older than the last renewal. It does not check it, so that
// one that is not trusted or has expired is known as well, and sends no credentials. One request; its reply does not matter.
func (c *Client) Certificate(ctx context.Context) (Certificate, error) {
	if c.endpoint.Scheme != "https" {
		return Certificate{}, nil
	}
	ctx, e := c.begin(ctx, 1, "look at the certificate")
	defer e.stop()
	var seen Certificate
	look := newTransport(c.cfg.Timeout, &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // it only looks
		VerifyConnection: func(state tls.ConnectionState) error {
			leaf := state.PeerCertificates[0] // TLS has no server without one
			seen = Certificate{NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, Names: namesOf(leaf)}
			return nil
		},
	})
	look.DisableKeepAlives = true // nobody would close it
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, c.endpoint.String()+"/", http.NoBody)
	if err != nil {
		return Certificate{}, err
	}
	reply, err := (&transport{base: look}).RoundTrip(request)
	if err == nil {
		_ = reply.Body.Close() // it is empty
	}
	if !seen.NotAfter.IsZero() {
		return seen, nil
	}
	return Certificate{}, e.explain(err)
}
