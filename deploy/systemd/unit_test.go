// Package systemd tests the units beside it with systemd's own tools. There is nothing to import.
package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	unit      = "pve-backup-exporter.service"
	provision = "pve-backup-provision.service"
	drill     = "pve-backup-drill.service"
)

var (
	services = []string{unit, provision, drill}
	timers   = []string{"pve-backup-provision.timer", "pve-backup-drill.timer"}
)

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
	for _, name := range services {
		out := analyze(t, "security", "--offline=true", "--no-pager", "--threshold=15", name)
		if score := regexp.MustCompile(`Overall exposure level.*`).FindString(out); score == "" {
			t.Errorf("systemd-analyze gave no score for %s:\n%s", name, out)
		} else {
			t.Log(score)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestUnitsAreValid(t *testing.T) {
	// systemd wants the programs to be there; ours is not installed where tests run.
	commands := regexp.MustCompile(`(?m)^(Exec\w+=)\S+`)
	dir := t.TempDir()
	for _, name := range slices.Concat(services, timers) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(commands.ReplaceAllString(read(t, name), "${1}/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Concat(services, timers) {
		// verify warns about what it does not understand and then still succeeds.
		if out := analyze(t, "verify", "--man=no", "--recursive-errors=no", filepath.Join(dir, name)); strings.Contains(out, name) {
			t.Errorf("systemd-analyze verify found:\n%s", out)
		}
	}
}

var settings = regexp.MustCompile(`(?m)^[A-Za-z]+=.*$`)

// What takes rights away from the exporter takes them away from provisioning and drills, too.
func TestServicesAreHardenedAlike(t *testing.T) {
	const from = "# It needs the network and its state directory, and nothing else.\n"
	hardening := func(name string) []string {
		_, after, found := strings.Cut(read(t, name), from)
		if !found {
			t.Fatalf("%s: no hardening", name)
		}
		after, _, _ = strings.Cut(after, "\n[")
		return settings.FindAllString(after, -1)
	}
	for _, other := range []string{provision, drill} {
		if a, b := hardening(unit), hardening(other); len(a) < 20 || !slices.Equal(a, b) {
			t.Errorf("%s: %v\n%s: %v", unit, a, other, b)
		}
	}
}

// The exporter answers to the network all the time: it must get neither the secret nor the folder of what may change the cluster.
func TestTheServicesShareNoSecret(t *testing.T) {
	of := func(name, setting string) string {
		found := regexp.MustCompile(`(?m)^`+setting+`=(.*)$`).FindAllStringSubmatch(read(t, name), -1)
		if len(found) != 1 {
			t.Fatalf("%s has %d lines %s", name, len(found), setting)
		}
		return found[0][1]
	}
	for _, setting := range []string{"LoadCredential", "StateDirectory"} {
		if a, b, c := of(unit, setting), of(provision, setting), of(drill, setting); a == b || a == c || b == c {
			t.Errorf("two have the same %s: %s, %s, %s", setting, a, b, c)
		}
	}
	for _, name := range []string{provision, drill} {
		if path := "--storage.path=/var/lib/" + of(name, "StateDirectory"); !strings.HasSuffix(of(name, "ExecStart"), path) {
			t.Errorf("%s does not keep what it remembers where it may write: %s", name, of(name, "ExecStart"))
		}
	}
}
