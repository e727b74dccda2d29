package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// TestExamplesLoad asserts which jobs each example leads to: the values are its profile's, but for what the file says itself.
func TestExamplesLoad(t *testing.T) {
	for name, want := range map[string][]string{
		"minimal": {"backup-prod environments.prod.backup backup-nfs '01:00' pools=prod snapshot zstd keep-daily=7,keep-weekly=4 '{{guestname}} {{vmid}} {{node}} [job backup-prod]'"},
		"prod": {
			"backup-prod environments.prod.backup backup-nfs '01:00' pools=prod snapshot zstd keep-daily=7,keep-weekly=4 '{{guestname}} {{vmid}} {{node}} [job backup-prod]'",
			"backup-prod-offsite environments.prod.backup.offsite pbs-remote 'sun 04:00' pools=prod snapshot zstd keep-weekly=8 '{{guestname}} {{vmid}} {{node}} [job backup-prod-offsite]'",
		},
		"lab":        {"backup-lab environments.lab.backup backup-lab 'sun 03:00' nodes=pve-lab exclude=190 191 node=pve-lab snapshot zstd keep-last=2 '{{guestname}} {{vmid}} {{node}} [job backup-lab]'"},
		"monitoring": {"backup-monitoring environments.monitoring.backup nas-backup '02:30' vmids=300 301 snapshot zstd keep-daily=7 '{{guestname}} {{vmid}} {{node}} [job backup-monitoring]'"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("..", "examples", name+".yml")
			file, err := config.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			checkJobs(t, "as it is", file, want)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			checkJobs(t, "with all comments", load(t, uncommented(string(data))), want)
		})
	}
}

func checkJobs(t *testing.T, how string, file *config.File, want []string) {
	t.Helper()
	var got []string
	for _, job := range file.Jobs() {
		got = append(got, jobLine(job))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s: got:\n%s\nwant:\n%s", how, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var commentedKey = regexp.MustCompile(`(?m)^( *)# ([a-z_-]+: .*)$`)

// uncommented takes the comment sign from lines that show what could be written: those are to be true, and the defaults.
func uncommented(text string) string {
	lines := commentedKey.ReplaceAllString(text, "$1$2")
	return strings.Replace(lines, "yaml-language-server: ", "# yaml-language-server: ", 1)
}
