package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// TestExplainScripts asks about guests of a simulated cluster, the home of the demo, on the same morning in every run.
func TestExplainScripts(t *testing.T) {
	scenario, err := pvesim.LoadScenario("home")
	if err != nil {
		t.Fatal(err)
	}
	clock := pvesim.NewClock(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	server, err := scenario.Build(pvesim.Options{Now: clock.Now}).Start("pve1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	declared := fmt.Sprintf("version: 1\nclusters:\n  home:\n    endpoints: [%q]\n    ca_file: ca.pem\n    exporter: {token_id: %s, token_secret_file: secret}\n",
		server.URL, pvesim.ExporterToken)
	testscript.Run(t, testscript.Params{Dir: "testdata/explain", Setup: func(env *testscript.Env) error {
		for name, content := range map[string]string{"home.yml": declared, "ca.pem": string(server.CAPEM), "secret": pvesim.ExporterSecret + "\n"} {
			if err := os.WriteFile(filepath.Join(env.WorkDir, name), []byte(content), 0o600); err != nil {
				return err
			}
		}
		env.Setenv("TZ", "Europe/Paris")
		return nil
	}})
}
