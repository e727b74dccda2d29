package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func flags(config string, addresses ...string) *web.FlagConfig {
	socket := false
	return &web.FlagConfig{WebListenAddresses: &addresses, WebSystemdSocket: &socket, WebConfigFile: &config}
}

// addressLog is a log that hands out the address that the server says it listens on.
type addressLog chan string

func (l addressLog) Write(line []byte) (int, error) {
	var entry struct{ Msg, Address string }
	if err := json.Unmarshal(line, &entry); err == nil && entry.Msg == "Listening on" {
		l <- entry.Address
	}
	return len(line), nil
}

func TestListenServesUntilTheContextEnds(t *testing.T) {
	addresses := make(addressLog, 2)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	held, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(held)
		<-release
		_, _ = io.WriteString(w, "whole")
	})
	ended := make(chan error)
	go func() {
		ended <- Listen(ctx, handler, flags("", "127.0.0.1:0", "[::1]:0"), slog.New(slog.NewJSONHandler(addresses, nil)))
	}()
	address := "http://" + <-addresses
	reply := make(chan string)
	go func() {
		response, err := http.Get(address)
		if err != nil {
			reply <- err.Error()
			return
		}
		defer func() { _ = response.Body.Close() }()
		body, _ := io.ReadAll(response.Body)
		reply <- string(body)
	}()
	<-held
	stop() // while a request is being answered
	close(release)
	if got := <-reply; got != "whole" {
		t.Errorf("the request that ran got %q", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestListenAfterTheEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := Listen(ctx, http.NotFoundHandler(), flags("", "127.0.0.1:0"), slog.New(slog.DiscardHandler)); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestListenErrorsHaveHints(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	broken := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(broken, []byte("tls_server_confg: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		flags *web.FlagConfig
		says  string
		hint  string
	}{
		{"taken", flags("", taken.Addr().String()), "address already in use", "another program listens there"},
		{"no port", flags("", "localhost"), "missing port", "check --web.listen-address"},
		{"not ours", flags("", "192.0.2.1:0"), "cannot assign requested address", "no interface of this machine"},
		{"web config", flags(broken, "127.0.0.1:0"), "field tls_server_confg not found", "its form: https://"},
		{"web config missing", flags(broken+".gone", "127.0.0.1:0"), "no such file", "its form: https://"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			err := Listen(t.Context(), http.NotFoundHandler(), test.flags, slog.New(slog.NewTextHandler(&log, nil)))
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(strings.Join(ui.Hints(err), " "), test.hint) {
				t.Errorf("error %v, hints %q", err, ui.Hints(err))
			}
		})
	}
}
