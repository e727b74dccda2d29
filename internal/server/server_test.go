package server

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestRoutes(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 1))
	server := newServer(t, exporter, nil)
	for _, test := range []struct {
		method, path string
		status       int
		kind         string // of content
		contains     string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", "<h2>What is wrong now</h2>"},
		{"HEAD", "/", 200, "text/html; charset=utf-8", ""},
		{"GET", "/metrics", 200, "text/plain; version=0.0.4", `pve_backup_up{cluster="home"} 1`},
		{"GET", "/metrics", 200, "text/plain", "go_goroutines "},
		{"GET", "/metrics", 200, "text/plain", "process_start_time_seconds "},
		{"GET", "/-/healthy", 200, "text/plain; charset=utf-8", "healthy\n"},
		{"GET", "/-/ready", 200, "text/plain; charset=utf-8", "ready\n"},
		{"POST", "/-/reload", 200, "text/plain; charset=utf-8", "reloaded\n"},
		{"GET", "/-/reload", 405, "text/plain", ""},
		{"PUT", "/-/reload", 405, "text/plain", ""},
		{"POST", "/metrics", 405, "text/plain", ""},
		{"DELETE", "/", 405, "text/plain", ""},
		{"GET", "/metric", 404, "text/plain", ""},
		{"GET", "/metrics/x", 404, "text/plain", ""},
		{"GET", "/-/", 404, "text/plain", ""},
		{"GET", "/debug/pprof/", 404, "text/plain", ""},
		{"GET", "/favicon.ico", 404, "text/plain", ""},
	} {
		reply := ask(server, test.method, test.path)
		if reply.Code != test.status || !strings.HasPrefix(reply.Header().Get("Content-Type"), test.kind) || !strings.Contains(reply.Body.String(), test.contains) {
			t.Errorf("%s %s: %d %s, want %d %s with %q:\n%.500s", test.method, test.path, reply.Code, reply.Header().Get("Content-Type"),
				test.status, test.kind, test.contains, reply.Body)
		}
		for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy"} {
			if reply.Header().Get(header) == "" {
				t.Errorf("%s %s: no %s", test.method, test.path, header)
			}
		}
		if policy := reply.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s %s: policy %q", test.method, test.path, policy)
		}
	}
	if allow := ask(server, "GET", "/-/reload").Header().Get("Allow"); allow != "POST" {
		t.Errorf("Allow of /-/reload is %q", allow)
	}
}

func TestReadyOnceEveryClusterWasTried(t *testing.T) {
	exporter := newFake(t, twoClusters)
	server := newServer(t, exporter, nil)
	expect := func(status int, text string) {
		t.Helper()
		if reply := ask(server, "GET", "/-/ready"); reply.Code != status || reply.Body.String() != text {
			t.Errorf("%d %q, want %d %q", reply.Code, reply.Body, status, text)
		}
		if reply := ask(server, "GET", "/-/healthy"); reply.Code != http.StatusOK {
			t.Errorf("healthy: %d", reply.Code)
		}
	}
	expect(503, "not ready: not read yet: cluster home, office\n")

	home := cluster("home", 0)
	home.Up, home.Restored = false, true // known from before the start
	exporter.Publish(home)
	expect(503, "not ready: not read yet: cluster office\n")

	office := cluster("office", 0)
	office.Up, office.Sources = false, nil // tried in vain
	exporter.Publish(office)
	expect(200, "ready\n") // a cluster without an exporter's token is not waited for
}

func TestReload(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 0))
	var log bytes.Buffer
	server := newServer(t, exporter, func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })

	exporter.reloadErr = errors.Join(
		ui.Hint(errors.New("config.yml:3:5: unknown key 'endpoint'"), "did you mean endpoints?"),
		ui.Hint(errors.New("config.yml:9:1: no <cluster>"), "name one"))
	reply := ask(server, "POST", "/-/reload")
	want := "pve-backup-exporter: error: config.yml:3:5: unknown key 'endpoint'\nhint: did you mean endpoints?\n" +
		"pve-backup-exporter: error: config.yml:9:1: no <cluster>\nhint: name one\n"
	if reply.Code != 500 || reply.Body.String() != want {
		t.Errorf("%d %q, want 500 %q", reply.Code, reply.Body, want)
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "unknown key 'endpoint'") || !strings.Contains(log.String(), "did you mean endpoints?") {
		t.Errorf("the log says %q", log.String())
	}
	if page := ask(server, "GET", "/").Body.String(); !strings.Contains(page, "The declared file could not be loaded") || !strings.Contains(page, "unknown key &#39;endpoint&#39;") {
		t.Errorf("the page does not tell of the reload:\n%s", page)
	}

	exporter.reloadErr = nil
	if reply := ask(server, "POST", "/-/reload"); reply.Code != 200 {
		t.Errorf("%d %q", reply.Code, reply.Body)
	}
	if page := ask(server, "GET", "/").Body.String(); strings.Contains(page, "could not be loaded") {
		t.Error("the page tells of a reload that was mended")
	}
}

// A page that a visitor of another site opens must not reach the exporter with the visitor's browser.
func TestReloadIsRefusedToOtherSites(t *testing.T) {
	exporter := newFake(t, oneCluster)
	server := newServer(t, exporter, nil)
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.example"}} {
		if reply := ask(server, "POST", "/-/reload", headers...); reply.Code != http.StatusForbidden {
			t.Errorf("%v: %d", headers, reply.Code)
		}
	}
	ask(server, "GET", "/-/reload")
	if exporter.reloads != 0 {
		t.Errorf("%d reloads", exporter.reloads)
	}
	if reply := ask(server, "POST", "/-/reload", "Origin", "http://exporter.example:10221"); reply.Code != 200 || exporter.reloads != 1 {
		t.Errorf("%d, %d reloads", reply.Code, exporter.reloads)
	}
}

func TestTelemetryPath(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 1))
	for _, path := range []string{"", "metrics", "/-/healthy", "/-/x", "/{name}", "/a//b", "/a/", "/a?b", "/a b", "/../x"} {
		_, err := New(Options{Exporter: exporter, TelemetryPath: path, Logger: slog.New(slog.DiscardHandler)})
		if err == nil || len(ui.Hints(err)) == 0 {
			t.Errorf("%q: %v", path, err)
		}
	}
	elsewhere := newServer(t, exporter, func(o *Options) { o.TelemetryPath = "/pve/backups" })
	if reply := ask(elsewhere, "GET", "/pve/backups"); !strings.Contains(reply.Body.String(), "pve_backup_up") {
		t.Errorf("%d %.200s", reply.Code, reply.Body)
	}
	if page := ask(elsewhere, "GET", "/").Body.String(); !strings.Contains(page, `href="/pve/backups"`) {
		t.Error("the page does not lead to the metrics")
	}
	root := newServer(t, exporter, func(o *Options) { o.TelemetryPath = "/" })
	if reply := ask(root, "GET", "/"); !strings.Contains(reply.Body.String(), "pve_backup_up") {
		t.Errorf("%d %.200s", reply.Code, reply.Body)
	}
	if reply := ask(root, "GET", "/other"); reply.Code != 404 {
		t.Errorf("%d", reply.Code)
	}
}

// failing is a collector with a good and a bad metric.
type failing struct{}

var flawed = prometheus.NewDesc("flawed", "Cannot be collected.", nil, nil)

func (failing) Describe(ch chan<- *prometheus.Desc) { ch <- flawed }
func (failing) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(flawed, errors.New("does not work"))
}

func TestAScrapeServesWhatItCan(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.broken = failing{}
	exporter.Publish(cluster("home", 1))
	var log bytes.Buffer
	server := newServer(t, exporter, func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	if reply := ask(server, "GET", "/metrics"); reply.Code != 200 || !strings.Contains(reply.Body.String(), `pve_backup_up{cluster="home"} 1`) {
		t.Errorf("%d %.300s", reply.Code, reply.Body)
	}
	if !strings.Contains(log.String(), "does not work") || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("the log says %q", log.String())
	}
}
