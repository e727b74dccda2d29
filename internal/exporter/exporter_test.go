package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a simulated cluster and a folder with a declared file that names it.
type bench struct {
	t       *testing.T
	dir     string
	cluster *pvesim.Cluster
	server  *wire.Server
	log     *bytes.Buffer
	mu      sync.Mutex
}

func (b *bench) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(text)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	cluster := pvesim.Scale(pvesim.Options{Now: time.Now, Seed: 1}, 2, 8)
	server, err := cluster.Start("pve1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	b := &bench{t: t, dir: t.TempDir(), cluster: cluster, server: server, log: &bytes.Buffer{}}
	b.put("ca.pem", string(server.CAPEM))
	b.put("secret", pvesim.ExporterSecret)
	b.declare("home")
	return b
}

func (b *bench) put(name, content string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// declare writes a file that gives the cluster each of these names.
func (b *bench) declare(names ...string) {
	text := "version: 1\nclusters:\n"
	for _, name := range names {
		text += fmt.Sprintf("  %s: {endpoints: [%q], ca_file: ca.pem, exporter: {token_id: %q, token_secret_file: secret}}\n", name, b.server.URL, pvesim.ExporterToken)
	}
	b.put("config.yml", text)
}

func (b *bench) options() Options {
	return Options{
		ConfigFile: filepath.Join(b.dir, "config.yml"), Root: os.DevNull, Now: time.Now,
		Logger: slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func (b *bench) new() *Exporter {
	b.t.Helper()
	e, err := New(b.options())
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

func metrics(t *testing.T, e *Exporter) string {
	t.Helper()
	families, err := e.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line) {
			t.Errorf("not among the metrics: %s", line)
		}
	}
}

func TestOnceReadsEveryCluster(t *testing.T) {
	b := newBench(t)
	b.declare("home", "office")
	e := b.new()
	if err := e.Once(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantLines(t, metrics(t, e), `pve_backup_up{cluster="home"} 1`, `pve_backup_up{cluster="office"} 1`,
		`pve_backup_guest_covered{cluster="office",environment="unassigned",id="qemu/100"} 1`,
		`pve_backup_exporter_config_last_reload_successful 1`)
}

func TestOnceTellsWhatCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		name    string
		spoil   func(*bench)
		want    string
		wantNew bool // it is wrong already without asking anybody
	}{
		{"wrong token", func(b *bench) { b.put("secret", "00000000-0000-0000-0000-000000000000") }, "401", false},
		{"no server", func(b *bench) { b.server.Close() }, "refused", false},
		{"unknown authority", func(b *bench) {
			b.put("config.yml", fmt.Sprintf("version: 1\nclusters: {home: {endpoints: [%q], exporter: {token_id: %q, token_secret_file: secret}}}\n", b.server.URL, pvesim.ExporterToken))
		}, "certificate", false},
		{"no secret file", func(b *bench) { os.Remove(filepath.Join(b.dir, "secret")) }, "secret", false},
		{"empty secret file", func(b *bench) { b.put("secret", "") }, "empty", false},
		{"malformed file", func(b *bench) { b.put("config.yml", "version: 1\nclusters: [") }, "config.yml", true},
		{"missing file", func(b *bench) { os.Remove(filepath.Join(b.dir, "config.yml")) }, "config.yml", true},
		{"missing authority", func(b *bench) { os.Remove(filepath.Join(b.dir, "ca.pem")) }, "ca.pem", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			test.spoil(b)
			e, err := New(b.options())
			if (err != nil) != test.wantNew {
				t.Fatalf("New: got %v", err)
			}
			if err == nil {
				err = e.Once(context.Background())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want something about %q", err, test.want)
			}
			if len(ui.Hints(err)) == 0 {
				t.Errorf("no hint: %v", err)
			}
			if strings.Contains(err.Error()+strings.Join(ui.Hints(err), ""), pvesim.ExporterSecret) || strings.Contains(b.log.String(), pvesim.ExporterSecret) {
				t.Error("the secret is told")
			}
		})
	}
}

// running runs an exporter until the test ends, and waits for its first pictures.
func running(t *testing.T, e *Exporter) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	until(t, func() bool { return strings.Contains(metrics(t, e), "pve_backup_guest_observed") })
}

func until(t *testing.T, reached func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for !reached() {
		if time.Now().After(deadline) {
			t.Fatal("it never came to that")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestABadFileChangesNothing(t *testing.T) {
	b := newBench(t)
	e := b.new()
	running(t, e)
	for name, text := range map[string]string{
		"malformed":         "version: 1\nclusters: [",
		"unknown key":       "version: 1\nclustres: {}\n",
		"no cluster":        "version: 1\nclusters: {}\n",
		"missing authority": fmt.Sprintf("version: 1\nclusters: {home: {endpoints: [%q], ca_file: gone.pem, exporter: {token_id: a@pve!b, token_secret_file: secret}}}\n", b.server.URL),
	} {
		b.put("config.yml", text)
		if err := e.Reload(); err == nil {
			t.Errorf("%s: loaded", name)
		}
		wantLines(t, metrics(t, e), `pve_backup_exporter_config_last_reload_successful 0`, `pve_backup_up{cluster="home"} 1`)
	}
	b.declare("home")
	if err := e.Reload(); err != nil {
		t.Fatal(err)
	}
	wantLines(t, metrics(t, e), `pve_backup_exporter_config_last_reload_successful 1`)
}

func TestAReloadAddsAndRemovesClusters(t *testing.T) {
	b := newBench(t)
	e := b.new()
	running(t, e)
	b.declare("home", "office")
	if err := e.Reload(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return strings.Contains(metrics(t, e), `pve_backup_up{cluster="office"} 1`) })
	b.declare("office")
	if err := e.Reload(); err != nil {
		t.Fatal(err)
	}
	if text := metrics(t, e); strings.Contains(text, `cluster="home"`) {
		t.Error("the removed cluster still has series")
	}
}

func TestReloadsAndScrapesAtOnce(t *testing.T) {
	b := newBench(t)
	e := b.new()
	running(t, e)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for j := range 5 {
				b.mu.Lock()
				b.declare([]string{"home", "office"}[(i+j)%2])
				b.mu.Unlock()
				_ = e.Reload() // a file that is being written may be refused
			}
		})
		group.Go(func() {
			for range 50 {
				if _, err := e.Gatherer().Gather(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestTheMemoryIsKeptAtTheEnd(t *testing.T) {
	b := newBench(t)
	options := b.options()
	options.StoragePath = t.TempDir()
	e, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("while it runs", func(t *testing.T) { running(t, e) })
	keeper, err := state.NewKeeper(state.Open(options.StoragePath))
	if err != nil {
		t.Fatal(err)
	}
	memory, err := keeper.Cluster("home")
	if err != nil || len(memory.Guests) != 8 || memory.Snapshot == nil {
		t.Errorf("got %d guests, %v", len(memory.Guests), err)
	}
	if err := e.Reload(); !errors.Is(err, errNotRunning) {
		t.Errorf("a reload after the end: got %v", err)
	}
}

func TestACorruptStateFileIsNotFatal(t *testing.T) {
	b := newBench(t)
	options := b.options()
	options.StoragePath = t.TempDir()
	if err := os.WriteFile(filepath.Join(options.StoragePath, "state.json"), []byte("\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.log.String(), "set aside") {
		t.Errorf("nobody is told: %s", b.log)
	}
	if err := e.Once(context.Background()); err != nil {
		t.Error(err)
	}
}
