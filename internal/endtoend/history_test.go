package endtoend

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// record lets the exporter watch a whole story, by the story's own clock, and puts what a Prometheus would have scraped into its data
// folder. It returns the end of the story, at which there is a sample.
func record(t *testing.T, file, data string) time.Time {
	t.Helper()
	told, err := story.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	clock := pvesim.NewClock(told.Start)
	node, err := told.BuildAt(told.Start, pvesim.Options{Now: clock.Now}).Start(told.Nodes[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.Close)
	declared, err := told.Declaration(told.Start)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "ca.pem"), string(node.CAPEM))
	write(t, filepath.Join(folder, "secret"), pvesim.DetailsSecret)
	config := filepath.Join(folder, "config.yml")
	write(t, config, fmt.Sprintf("version: 1\nclusters:\n  home:\n    endpoints: [%q]\n    ca_file: ca.pem\n    exporter: {token_id: %q, token_secret_file: secret}\n"+
		"    archive_details: true\n%s", node.URL, pvesim.DetailsToken, declared))
	watching, err := exporter.New(exporter.Options{ConfigFile: config, Root: os.DevNull, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}

	var samples history
	end := told.Start.Add(time.Duration(told.Length))
	for at := told.Start; !at.After(end); at = at.Add(pause(end.Sub(at))) {
		clock.Set(at)
		if err := watching.Once(t.Context()); err != nil {
			t.Fatalf("at %s: %v", at, err)
		}
		families, err := watching.Gatherer().Gather()
		if err != nil {
			t.Fatal(err)
		}
		samples.add(at, families)
	}
	dump := filepath.Join(folder, "history.om")
	write(t, dump, samples.text(t))
	testprogram.Run(t, testprogram.Path(t, "promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet",
		"--label=job=pve-backup", "--label=instance=localhost:10221", dump, data)
	return end
}

// pause is the time between two scrapes so long before the end: panels look at whole hours of the last days, and at highs of days before.
func pause(left time.Duration) time.Duration {
	if left > 48*time.Hour {
		return 6 * time.Hour
	}
	return time.Hour
}

// history is the samples of many scrapes, of gauges and counters.
type history struct {
	order  []string
	series map[string]*dto.MetricFamily
}

func (h *history) add(at time.Time, families []*dto.MetricFamily) {
	if h.series == nil {
		h.series = map[string]*dto.MetricFamily{}
	}
	for _, family := range families {
		if kind := family.GetType(); kind != dto.MetricType_GAUGE && kind != dto.MetricType_COUNTER {
			continue
		}
		kept, known := h.series[family.GetName()]
		if !known {
			kept = &dto.MetricFamily{Name: family.Name, Help: family.Help, Type: family.Type}
			h.series[family.GetName()] = kept
			h.order = append(h.order, family.GetName())
		}
		stamp := at.UnixMilli()
		for _, metric := range family.Metric {
			kept.Metric = append(kept.Metric, &dto.Metric{Label: metric.Label, Gauge: metric.Gauge, Counter: metric.Counter, TimestampMs: &stamp})
		}
	}
}

// text writes the samples as promtool reads them.
func (h *history) text(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	for _, name := range h.order {
		if _, err := expfmt.MetricFamilyToOpenMetrics(&text, h.series[name]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := expfmt.FinalizeOpenMetrics(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
