package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
)

func TestCommittedPageIsFresh(t *testing.T) {
	committed, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != render(collector.Sections()) {
		t.Error("docs/metrics.md is stale: run make generate")
	}
}

func TestEveryMetricHasARow(t *testing.T) {
	got := render(collector.Sections())
	for _, d := range collector.Definitions() {
		if n := strings.Count(got, "\n| `"+d.Name+"` | "); n != 1 {
			t.Errorf("%s has %d rows, want 1", d.Name, n)
		}
	}
	for _, line := range strings.Split(got, "\n") {
		if strings.HasPrefix(line, "| `") && strings.Count(line, " | ") != 4 {
			t.Errorf("want 5 cells in %s", line)
		}
	}
}
