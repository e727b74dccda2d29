package once

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// simulate starts a cluster and declares it as home, and beside it, where wanted, one that does not answer as office.
func simulate(t *testing.T, office bool) (cluster *pvesim.Cluster, configFile string) {
	t.Helper()
	cluster = pvesim.Scale(pvesim.Options{Now: time.Now, Seed: 1}, 2, 4)
	node, err := cluster.Start("pve1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.Close)
	folder := t.TempDir()
	text := "version: 1\nclusters:\n"
	add := func(name, url string) {
		text += fmt.Sprintf("  %s:\n    endpoints: [%q]\n    ca_file: ca.pem\n    exporter: {token_id: %s, token_secret_file: secret}\n", name, url, pvesim.ExporterToken)
	}
	add("home", node.URL)
	if office {
		add("office", "https://127.0.0.1:1")
	}
	for name, content := range map[string]string{"config.yml": text, "ca.pem": string(node.CAPEM), "secret": pvesim.ExporterSecret + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cluster, filepath.Join(folder, "config.yml")
}

// look runs once and returns what was printed and said.
func look(t *testing.T, configFile string) (metrics, talk string, err error) {
	t.Helper()
	var printed, said bytes.Buffer
	err = Run(t.Context(), Options{
		ConfigFile: configFile, Root: "/nowhere", Metrics: &printed, Talk: &said, Now: time.Now,
		Logger: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	return printed.String(), said.String(), err
}

func TestPrintsTheMetrics(t *testing.T) {
	_, configFile := simulate(t, false)
	metrics, talk, err := look(t, configFile)
	if err != nil || talk != "" {
		t.Fatalf("%v, said %q", err, talk)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(metrics))
	if err != nil {
		t.Fatal(err)
	}
	for name, series := range map[string]int{
		"pve_backup_up": 1, "pve_backup_guest_info": 4, "pve_backup_guest_last_success_timestamp_seconds": 5, "pve_backup_exporter_build_info": 1,
	} {
		if got := len(families[name].GetMetric()); got != series {
			t.Errorf("%s has %d series, want %d", name, got, series)
		}
	}
}

func TestAClusterThatCannotBeReadIsAnErrorAndTheOthersArePrinted(t *testing.T) {
	_, configFile := simulate(t, true)
	metrics, talk, err := look(t, configFile)
	if err == nil || !strings.HasPrefix(err.Error(), "cluster office: ") || strings.Contains(err.Error(), "home") || len(ui.Hints(err)) == 0 {
		t.Errorf("got %v, hints %q", err, ui.Hints(err))
	}
	for _, want := range []string{`pve_backup_up{cluster="home"} 1`, `pve_backup_up{cluster="office"} 0`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if talk != "" {
		t.Errorf("said %q besides the error", talk)
	}
}

func TestWhatIsMissingInTheMetricsIsSaid(t *testing.T) {
	cluster, configFile := simulate(t, false)
	cluster.Faults.Add(wire.Fault{Endpoint: "/cluster/backup", Status: 500, Reason: "broken today"})
	metrics, talk, err := look(t, configFile)
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(metrics, `pve_backup_source_up{cluster="home",node="",source="jobs",storage="",store=""} 0`) {
		t.Error("the metrics do not tell")
	}
	if !strings.HasPrefix(talk, "warning: cluster home: The backup jobs cannot be read, never read so far: ") || !strings.Contains(talk, "broken today") ||
		!strings.Contains(talk, "\nhint: ") {
		t.Errorf("said %q", talk)
	}
}

func TestAnInterruptionPrintsNoHalfTruth(t *testing.T) {
	cluster, configFile := simulate(t, false)
	cluster.Faults.Add(wire.Fault{Hang: true})
	ctx, cancel := context.WithCancel(t.Context())
	var printed bytes.Buffer
	ended := make(chan error)
	go func() {
		ended <- Run(ctx, Options{
			ConfigFile: configFile, Root: "/nowhere", Metrics: &printed, Talk: &printed, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
	}()
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "interrupted") || printed.Len() > 0 {
		t.Errorf("%v, printed %q", err, printed.String())
	}
}

// full is standard output on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestMetricsThatCannotBePrintedAreAnError(t *testing.T) {
	_, configFile := simulate(t, false)
	err := Run(t.Context(), Options{
		ConfigFile: configFile, Root: "/nowhere", Metrics: full{}, Talk: full{}, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	if err == nil || !strings.Contains(err.Error(), "metrics: ") {
		t.Errorf("got %v", err)
	}
}
