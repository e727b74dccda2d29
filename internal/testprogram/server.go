package testprogram

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Patience is how long anything may take on a busy machine.
const Patience = 3 * time.Minute

// FreeAddress returns an address of this machine, host and port, at which nobody listens.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Server is a program that runs until the test ends.
type Server struct {
	mu   sync.Mutex
	said bytes.Buffer
}

// Write takes what the program says.
func (s *Server) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(text)
}

// Said returns what the program has said so far, on both outputs.
func (s *Server) Said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// Start runs a program until the test ends, and shows what it said if the test failed. That it is ready is for [Until] to find out.
func Start(t testing.TB, path string, arguments ...string) *Server {
	t.Helper()
	server := &Server{}
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Stdout, command.Stderr = server, server
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()         // with that
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(path), server.Said())
		}
	})
	return server
}

// Until asks an address by GET, until it answers 200 with what is wanted, and returns that.
func Until(t testing.TB, url string, wanted func(body string) bool) string {
	t.Helper()
	last := ""
	Eventually(t, func(ctx context.Context) bool {
		var status int
		status, last = get(ctx, t, url)
		return status == http.StatusOK && wanted(last)
	}, func() string { return url + " never answered as wanted, last:\n" + last })
	return last
}

// Eventually asks again and again until the answer is yes. The test fails with what otherwise returns when that takes longer than [Patience].
func Eventually(t testing.TB, yes func(context.Context) bool, otherwise func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for !yes(ctx) {
		select {
		case <-ctx.Done():
			t.Fatal(otherwise())
		case <-again.C:
		}
	}
}

// get returns status 0 while nobody answers.
func get(ctx context.Context, t testing.TB, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return 0, ""
	}
	return reply.StatusCode, string(text)
}
