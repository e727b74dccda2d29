package vzdump_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every log of testdata/logs shows one dialect or one reason; the JSON beside it is what programs get to see of it.
func TestGoldenLogs(t *testing.T) {
	for _, path := range goldenLogs(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var got bytes.Buffer
			if err := explain.JSON(&got, explain.Answer{Report: mustParse(t, path)}); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".log") + ".json"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("the report changed (-update takes it over); got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

// The golden logs must show every reason, or the closed list has a dead entry. "crashed" needs the task's status besides.
func TestGoldenLogsShowEveryReason(t *testing.T) {
	seen := map[vzdump.Reason]bool{vzdump.ReasonCrashed: true}
	for _, path := range goldenLogs(t) {
		report := mustParse(t, path)
		seen[report.Reason] = true
		for _, guest := range report.Guests {
			seen[guest.Reason] = true
		}
	}
	for _, reason := range vzdump.AllReasons() {
		if !seen[reason] {
			t.Errorf("no golden log shows %s", reason)
		}
	}
}

func goldenLogs(t testing.TB) []string {
	t.Helper()
	logs, err := filepath.Glob("testdata/logs/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no golden logs: %v", err)
	}
	return logs
}

func mustParse(t testing.TB, path string) vzdump.Report {
	t.Helper()
	log, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	report, err := vzdump.Parse(log)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
