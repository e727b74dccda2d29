package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// simulate starts a cluster of two nodes and four guests, and declares it in a folder of its own.
func simulate(t *testing.T) (cluster *pvesim.Cluster, node *wire.Server, configFile string) {
	t.Helper()
	cluster = pvesim.Scale(pvesim.Options{Now: time.Now, Seed: 1}, 2, 4)
	node, err := cluster.Start("pve1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.Close)
	folder := t.TempDir()
	configFile = filepath.Join(folder, "config.yml")
	put(t, filepath.Join(folder, "ca.pem"), string(node.CAPEM), 0o600)
	put(t, filepath.Join(folder, "home.exporter"), pvesim.ExporterSecret+"\n", 0o600)
	put(t, configFile, declare("home", node.URL), 0o600)
	return cluster, node, configFile
}

func declare(name, url string) string {
	return fmt.Sprintf(`
version: 1
clusters:
  %s:
    endpoints: ["%s"]
    ca_file: ca.pem
    exporter: {token_id: %s, token_secret_file: home.exporter}
`, name, url, pvesim.ExporterToken)
}

func put(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// service is a run of the service under test.
type service struct {
	t      *testing.T
	url    string
	stop   context.CancelFunc
	ended  chan error
	reload chan os.Signal
	log    *logWatch
	http   *http.Client
}

// options for a service on a free port, which logs everything.
func options(configFile, storagePath string) Options {
	none, no := "", false
	return Options{
		ConfigFile: configFile, StoragePath: storagePath, TelemetryPath: "/metrics", Root: "/nowhere", Version: "1.2.3", Now: time.Now,
		Web: &web.FlagConfig{WebListenAddresses: &[]string{"127.0.0.1:0"}, WebSystemdSocket: &no, WebConfigFile: &none},
	}
}

// start runs the service until the test ends it, or ends itself.
func start(t *testing.T, options Options) *service {
	t.Helper()
	s := &service{
		t: t, ended: make(chan error, 1), reload: make(chan os.Signal, 1), log: &logWatch{address: make(chan string, 1)},
		http: &http.Client{Transport: &http.Transport{}},
	}
	options.Reload = s.reload
	options.Logger = logger(s.log)
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	go func() { s.ended <- Run(ctx, options) }()
	t.Cleanup(func() {
		s.stop()
		s.http.CloseIdleConnections()
	})
	select {
	case s.url = <-s.log.address:
	case err := <-s.ended:
		t.Fatalf("ended at once: %v", err)
	}
	return s
}

// end ends the service as a signal does.
func (s *service) end() {
	s.t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Errorf("ended with %v", err)
	}
}

// get asks until the answer contains all that is wanted.
func (s *service) get(path string, status int, wanted ...string) string {
	s.t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for {
		reply, err := s.http.Get(s.url + path)
		if err != nil {
			s.t.Fatal(err)
		}
		body, err := io.ReadAll(reply.Body)
		if err != nil || reply.Body.Close() != nil {
			s.t.Fatal(err)
		}
		missing := ""
		for _, want := range wanted {
			if !strings.Contains(string(body), want) {
				missing = want
			}
		}
		switch {
		case reply.StatusCode == status && missing == "":
			return string(body)
		case time.Now().After(deadline):
			s.t.Fatalf("%s: %d, without %q:\n%s", path, reply.StatusCode, missing, body)
		}
	}
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// logWatch keeps a log and hands out the address that it tells of.
type logWatch struct {
	address chan string
	mu      sync.Mutex
	text    strings.Builder
}

func (l *logWatch) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var entry struct{ Msg, Address string }
	if err := json.Unmarshal(line, &entry); err == nil && entry.Msg == "Listening on" {
		l.address <- "http://" + entry.Address
	}
	return l.text.Write(line)
}

func (l *logWatch) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
