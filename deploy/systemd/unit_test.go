// Package systemd tests the units beside it with systemd's own tools. There is nothing to import.
package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const unit = "pve-backup-exporter.service"

// analyze runs systemd-analyze, or skips the test where there is none.
func analyze(t *testing.T, args ...string) string {
	t.Helper()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed (make deps): the unit is not checked")
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The exposure that systemd computes goes from 0 to 10. A unit that only sets DynamicUser has 8.4.
func TestExposureIsLow(t *testing.T) {
	out := analyze(t, "security", "--offline=true", "--no-pager", "--threshold=15", unit)
	if score := regexp.MustCompile(`Overall exposure level.*`).FindString(out); score == "" {
		t.Errorf("systemd-analyze gave no score:\n%s", out)
	} else {
		t.Log(score)
	}
}

func TestUnitIsValid(t *testing.T) {
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	// systemd wants the programs to be there; ours is not installed where tests run.
	commands := regexp.MustCompile(`(?m)^(Exec\w+=)\S+`)
	copied := filepath.Join(t.TempDir(), unit)
	if err := os.WriteFile(copied, commands.ReplaceAll(text, []byte("${1}/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	// verify warns about what it does not understand and then still succeeds.
	if out := analyze(t, "verify", "--man=no", "--recursive-errors=no", copied); strings.Contains(out, unit) {
		t.Errorf("systemd-analyze verify found:\n%s", out)
	}
}
