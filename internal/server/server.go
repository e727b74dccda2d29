// Package server answers HTTP: metrics, a page that says in words what is wrong, health, and reload.
//
// It reads what the exporter already has. No request asks a cluster or waits for one, so that neither many scrapes nor slow clients hold a
// refresh. TLS and authentication are the web configuration file's, see [Listen].
package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Exporter is what is served. All its methods may be called at any time, also at the same time.
type Exporter interface {
	// Gatherer returns all metrics, with those of further collectors.
	Gatherer(others ...prometheus.Collector) prometheus.Gatherer
	// Snapshots returns the newest picture of every cluster that was read or remembered.
	Snapshots() []*snapshot.Cluster
	// ObjectStores returns the newest picture of every object store that was asked.
	ObjectStores() []*snapshot.ObjectStore
	// File returns the declared file in effect.
	File() *config.File
	// Reload loads the declared file again; an error changes nothing.
	Reload() error
}

// Options is what a [Server] works with.
type Options struct {
	Exporter Exporter
	// TelemetryPath is the path of the metrics, such as /metrics. At / they take the page's place.
	TelemetryPath string
	// Version is shown on the page.
	Version string
	Logger  *slog.Logger
	Now     func() time.Time
}

// Server answers the requests. Use [New].
type Server struct {
	Options
	handler http.Handler
	reload  atomic.Pointer[reload] // the last one that was asked for
}

// New returns a server. The error, with a hint, is about the telemetry path.
func New(options Options) (*Server, error) {
	if err := checkTelemetryPath(options.TelemetryPath); err != nil {
		return nil, err
	}
	s := &Server{Options: options}
	mux := http.NewServeMux()
	mux.Handle("GET "+exactly(options.TelemetryPath), s.metrics())
	mux.HandleFunc("GET /-/healthy", healthy)
	mux.HandleFunc("GET /-/ready", s.ready)
	mux.HandleFunc("POST /-/reload", s.reloadNow)
	if options.TelemetryPath != "/" {
		mux.HandleFunc("GET /{$}", s.page)
	}
	// A page elsewhere must not make a visitor's browser reload the file.
	s.handler = harden(http.NewCrossOriginProtection().Handler(mux))
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func checkTelemetryPath(telemetry string) error {
	var err error
	switch {
	case !strings.HasPrefix(telemetry, "/"):
		err = errors.New("does not begin with a slash")
	case telemetry != path.Clean(telemetry) || strings.ContainsAny(telemetry, "{}?#% \t"):
		err = errors.New("is not a plain path")
	case strings.HasPrefix(telemetry, "/-/"):
		err = errors.New("is in the part that is kept for health and reload")
	default:
		return nil
	}
	return ui.Hint(fmt.Errorf("telemetry path '%s': %w", telemetry, err), "write it as --web.telemetry-path=/metrics")
}

// exactly keeps the pattern of the root from matching every path.
func exactly(telemetry string) string {
	if telemetry == "/" {
		return "/{$}"
	}
	return telemetry
}

// harden sets the headers that keep a browser from doing anything with a reply but to show it.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src '"+styleHash+"'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
