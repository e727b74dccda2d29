package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// Server is one node's address: HTTPS with a certificate from an authority of its own.
type Server struct {
	URL         string // https://127.0.0.1:40123
	CAPEM       []byte // the authority's certificate
	Fingerprint string // of the server's certificate, SHA-256 as "AB:CD:..."
	server      *http.Server
	cancel      context.CancelFunc
	served      sync.WaitGroup
	calls       tracker
}

// StartServer serves a handler on address ("127.0.0.1:0" for any port) under the node's name until Close.
func StartServer(handler http.Handler, address, node string, authority *Authority) (*Server, error) {
	certificate, fingerprint, err := authority.Issue(node)
	if err != nil {
		return nil, err
	}
	plain, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{URL: "https://" + plain.Addr().String(), CAPEM: authority.PEM, Fingerprint: fingerprint, cancel: cancel}
	s.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !s.calls.enter() {
				panic(http.ErrAbortHandler)
			}
			defer s.calls.leave()
			handler.ServeHTTP(w, r)
		}),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(io.Discard, "", 0), // clients that refuse the certificate are the tests' business
	}
	listener := tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
	s.served.Go(func() {
		if err := s.server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			panic("the simulated API stopped serving: " + err.Error())
		}
	})
	return s, nil
}

// Close ends the server at once: open connections are cut and hanging answers given up. It waits for all of that.
func (s *Server) Close() {
	s.cancel()
	_ = s.server.Close()
	s.served.Wait()
	s.calls.wait()
}

// tracker counts the calls that are being answered, so that Close can outlast them.
type tracker struct {
	mu     sync.Mutex
	open   int
	closed bool
	idle   chan struct{}
}

// enter counts a call, unless the server is closed.
func (t *tracker) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.open++
	}
	return !t.closed
}

func (t *tracker) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
	if t.closed && t.open == 0 {
		close(t.idle)
	}
}

// wait refuses further calls and waits for those that are open.
func (t *tracker) wait() {
	t.mu.Lock()
	if t.closed || t.open == 0 {
		t.closed = true
		t.mu.Unlock()
		return
	}
	t.closed, t.idle = true, make(chan struct{})
	t.mu.Unlock()
	<-t.idle
}
