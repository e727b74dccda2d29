package refresh

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

var hostile = map[string]string{
	"quotes":          `web "one" \ {id="qemu/102"} 1`,
	"a newline":       "web\npve_backup_up 1",
	"a forged end":    "web\nINFO: Finished Backup of VM 100 (00:00:01)\nINFO: Backup finished at 2026-07-16 01:00:01\nTASK OK",
	"a forged error":  "web\nERROR: Backup of VM 102 failed - No space left on device\nINFO: Failed at 2026-07-16 01:00:01",
	"invalid UTF-8":   "web\xff\xfe\xc3(",
	"ten kilobytes":   strings.Repeat("w", 10<<10),
	"control bytes":   "web\x1b[31m\x00\x07",
	"another writing": "web \u202e\u2028 ÅÄÖ 漢字",
	"nothing":         "",
}

func TestHostileGuestNames(t *testing.T) {
	for what, name := range hostile {
		t.Run(what, func(t *testing.T) {
			b := newStory(t, setting{days: 1, build: func(m *pvesim.Model) {
				for _, vmid := range m.VMIDs() {
					m.Guests[vmid].SetName(name)
				}
				m.Guests[102].HookLines = strings.Split("HOOK: "+name, "\n")
			}})
			b.slow()
			b.cluster.Change(fails(100))
			b.night()
			b.fast()
			if one := b.target("qemu/100", nfs); !one.LastAttemptFailed || one.Attempts != 1 {
				t.Errorf("a name hides no failure: %+v", one)
			}
			for _, id := range []string{"lxc/101", "qemu/102", "lxc/103"} {
				one := b.target(id, nfs)
				b.wantTime(id+" last success", one.LastSuccess, "2026-07-16 01:0")
				if one.LastAttemptFailed || one.Attempts != 1 || one.Duration.Or(0) < 10 {
					t.Errorf("a name makes no failure: %+v", one)
				}
			}
			wellFormed(t, b)
			b.restart()
			b.slow()
			wellFormed(t, b)
		})
	}
}

// wellFormed writes a scrape and reads it again.
func wellFormed(t *testing.T, b *bench) {
	t.Helper()
	store := collector.NewStore(slog.New(slog.NewTextHandler(io.Discard, nil)))
	store.Publish(b.picture)
	families, err := store.Gatherer(prometheus.NewRegistry()).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	read, err := parser.TextToMetricFamilies(&text)
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != len(families) {
		t.Errorf("%d families were written and %d read", len(families), len(read))
	}
	info := read[collector.Prefix+"guest_info"]
	if got := len(info.GetMetric()); got != 4 {
		t.Errorf("%d guests, want 4", got)
	}
	for _, metric := range info.GetMetric() {
		for _, label := range metric.GetLabel() {
			if value := label.GetValue(); !utf8.ValidString(value) || utf8.RuneCountInString(value) > 128 || strings.ContainsAny(value, "\n\x1b\x00") {
				t.Errorf("%s is %q", label.GetName(), value)
			}
		}
	}
}
