package endtoend

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// needsHistory names the queries, by panel and letter, that find nothing in a Prometheus which has just begun to scrape the demo, and why.
// Each is asked again where there is what it looks for.
func needsHistory() map[string]string {
	const (
		hours     = "it looks at the last sample before each whole hour"
		fortnight = "growth shows after two weeks"
	)
	return map[string]string{
		"Backup storages D":                     fortnight,
		"Backup storages E":                     fortnight,
		"Backups a day A":                       hours,
		"Backups a day B":                       hours,
		"Size and growth of each environment E": "it compares with a week ago",
		"Size and growth of each environment F": "it compares with 30 days ago",
		"Jobs N":                                "no job of the demo keeps archives for years",
	}
}

// TestEveryPanelShowsTheDemo asks what the dashboard asks, of a Prometheus that scrapes the demo.
func TestEveryPanelShowsTheDemo(t *testing.T) {
	slow(t)
	testprogram.Path(t, "prometheus")
	running := startDemo(t, testprogram.Exporter(t), "home")
	server := prometheus{startPrometheus(t, example(t, "prometheus/prometheus.yml", "localhost:10221", running.address,
		"scrape_interval: 1m", "scrape_interval: 1s"), t.TempDir())}
	board := readDashboard(t)
	later, seen := needsHistory(), view{5 * time.Minute, time.Second}
	missing := slices.DeleteFunc(append(board.choices(t, seen), board.targets(t, seen)...), func(query target) bool {
		_, is := later[query.name]
		return is
	})
	testprogram.Eventually(t, func(ctx context.Context) bool {
		missing = slices.DeleteFunc(missing, func(query target) bool {
			return server.series(ctx, t, query, time.Now(), seen.span) > 0
		})
		return len(missing) == 0
	}, func() string {
		var text strings.Builder
		text.WriteString("panels that show nothing:\n")
		for _, query := range missing {
			text.WriteString(query.name + ": " + query.Expr + "\n")
		}
		return text.String()
	})
}

// TestPanelsShowHistory asks the other queries where a month has been recorded.
func TestPanelsShowHistory(t *testing.T) {
	slow(t)
	testprogram.Path(t, "prometheus")
	data := t.TempDir()
	end := record(t, filepath.Join("testdata", "month.yml"), data)
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	write(t, config, "global: {}\n")
	server, board, found := prometheus{startPrometheus(t, config, data)}, readDashboard(t), 0
	seen := board.usual(t)
	for _, query := range board.targets(t, seen) {
		why, is := needsHistory()[query.name]
		if !is {
			continue
		}
		found++
		if server.series(t.Context(), t, query, end, seen.span) == 0 {
			t.Errorf("%s shows nothing, though there is history (%s):\n%s", query.name, why, query.Expr)
		}
	}
	if found != len(needsHistory()) {
		t.Errorf("%d of %d queries were found: correct the list", found, len(needsHistory()))
	}
}
