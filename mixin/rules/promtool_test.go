package rules_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

func promtool(t *testing.T, arguments ...string) {
	t.Helper()
	testprogram.Run(t, testprogram.Path(t, "promtool"), arguments...)
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	t.Parallel()
	other := mixin.Default()
	other.OneAlertPerCause = false
	other.Selector = `team=~"a|\"b\"", x!="100%"`
	for name, cfg := range map[string]mixin.Config{"default": mixin.Default(), "other": other} {
		text, err := rules.YAML(groups(t, cfg))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), name+".yml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		promtool(t, "check", "rules", "--lint=all", "--lint-fatal", file)
	}
}

func TestPromtoolAcceptsTheExampleConfiguration(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "config", "--lint=all", "--lint-fatal", filepath.Join(root, "deploy/prometheus/prometheus.yml"))
}

// The committed rules are evaluated on made-up series: when each alert fires, with which labels and words, and when it does not.
func TestPromtoolEvaluatesTheRules(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("evaluating weeks of series takes half a minute")
	}
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	promtool(t, append([]string{"test", "rules"}, files...)...)
}
