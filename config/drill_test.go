package config_test

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

const drilled = `
version: 1
clusters:
  home:
    endpoints: [https://pve1]
    exporter: {token_id: e@pve!m, token_secret_file: s}
    drill: {token_id: d@pve!drill, token_secret_file: d, storage: local-lvm}
environments:
  prod:
    guests: {pools: [prod]}
    drill:
      exclude: [105]
      checks:
        - {vmid: 101, command: "systemctl is-active nginx && test -s /var/lib/app/db"}
        - {vmid: 102, proof: started}
  lab:
    guests: {nodes: [pve-lab]}
    drill: {every: 90d}
  rest:
    guests: {all: true}
`

func TestGuestsOfAnEnvironmentWithADrillHaveAPeriod(t *testing.T) {
	file := load(t, drilled)
	for _, test := range []struct {
		environment string
		vmid        int
		want        time.Duration
	}{
		{"prod", 101, 30 * 24 * time.Hour},
		{"lab", 400, 90 * 24 * time.Hour},
		{"prod", 105, 0},    // excluded
		{"lab", 990002, 0},  // a scratch guest
		{"rest", 300, 0},    // an environment without drills
		{"nowhere", 101, 0}, // unassigned guests have none
	} {
		if got, due := file.DrillPeriod(test.environment, test.vmid); got != test.want && due || due != (test.want > 0) {
			t.Errorf("%s %d: got %s, %t; want %s", test.environment, test.vmid, got, due, test.want)
		}
	}
	if check, found := file.DrillCheck("prod", 101); !found || check.Command != "systemctl is-active nginx && test -s /var/lib/app/db" {
		t.Errorf("the check of 101: %+v", check)
	}
	if _, found := file.DrillCheck("lab", 101); found {
		t.Error("a check of another environment was found")
	}
}

func TestWhereDrillsAreMadeHasDefaults(t *testing.T) {
	home, _ := load(t, drilled).Cluster("home")
	if home.Drill.VMIDs != (config.VMIDRange{First: 990000, Last: 990004}) || home.Drill.Timeout != 4*time.Hour || home.Drill.BootTimeout != 10*time.Minute {
		t.Errorf("got %+v", home.Drill)
	}
	for vmid, want := range map[int]bool{989999: false, 990000: true, 990004: true, 990005: false} {
		if home.Drill.VMIDs.Contains(vmid) != want {
			t.Errorf("%d: want %t", vmid, want)
		}
	}
	if (config.VMIDRange{}).String() != "" {
		t.Error("no range must be no text")
	}
}
