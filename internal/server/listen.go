package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Bounds on what one client can hold.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = time.Minute
	idleTimeout   = 5 * time.Minute // longer than the usual scrape interval, so that scrapes share a connection
	maxHeader     = 32 << 10
)

// patience is how long requests that run may take to end once the server is to stop.
const patience = 2 * time.Second

// Listen serves a handler on the addresses, or the systemd sockets, of the flags until the context ends. The web configuration file may
// switch TLS and authentication on. An address that cannot be had is an error with a hint.
func Listen(ctx context.Context, handler http.Handler, flags *web.FlagConfig, logger *slog.Logger) error {
	if flags.WebConfigFile != nil {
		if err := web.Validate(*flags.WebConfigFile); err != nil {
			return ui.Hint(fmt.Errorf("web configuration file %s: %w", *flags.WebConfigFile, err),
				"its form: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md")
		}
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelDebug), // clients that go away or speak no TLS
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		end(server)
	})
	err := web.ListenAndServe(server, flags, logger)
	if !stop() {
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return explain(err)
}

// end lets the requests that run end, and cuts those off that do not.
func end(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}

func explain(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return ui.Hint(err, "another program listens there, perhaps this one already: name another address with --web.listen-address")
	case errors.Is(err, syscall.EACCES):
		return ui.Hint(err, "ports below 1024 need privileges: name another one with --web.listen-address")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return ui.Hint(err, "no interface of this machine has that address: check --web.listen-address")
	}
	return ui.Hint(err, "check --web.listen-address and --web.systemd-socket")
}
