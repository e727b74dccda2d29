package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// TestCheckStatus runs the command on a simulated cluster: warnings do not count, problems do.
func TestCheckStatus(t *testing.T) {
	cluster := pvesim.Scale(pvesim.Options{Now: time.Now, Start: time.Now().Add(-24 * time.Hour)}, 1, 2)
	server, err := cluster.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yml")
	for name, content := range map[string]string{
		"home.exporter": pvesim.ExporterSecret + "\n",
		"config.yml": fmt.Sprintf("version: 1\nclusters:\n  home:\n    endpoints: [%s]\n    fingerprint: %q\n    exporter: {token_id: %s, token_secret_file: home.exporter}\n",
			server.URL, server.Fingerprint, pvesim.ExporterToken),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want int, summary string) {
		t.Helper()
		status, stdout, stderr := runWith(commands(), "check", "--config.file="+path, "--log.level=debug")
		if status != want || !strings.HasSuffix(stdout, "\n"+summary+"\n") {
			t.Errorf("status %d, want %d and %q:\n%s", status, want, summary, stdout)
		}
		if !strings.Contains(stderr, "level=DEBUG") {
			t.Error("the debug log is empty")
		}
		if strings.Contains(stdout+stderr, pvesim.ExporterSecret) {
			t.Errorf("the secret is in\n%s\n%s", stdout, stderr)
		}
	}
	check(0, "0 problems, 0 warnings")
	cluster.Change(func(m *pvesim.Model) { m.Job("nightly").Schedule = "2020-01-01 00:00" })
	check(0, "0 problems, 2 warnings")
	cluster.Change(func(m *pvesim.Model) { m.Storage("pbs-remote").Disabled = true })
	check(1, "1 problem, 2 warnings")
}
