// Package alertmanager tests the example beside it. There is nothing to import.
package alertmanager

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

const example = "alertmanager.yml"

func amtool(t *testing.T, arguments ...string) {
	t.Helper()
	testprogram.Run(t, testprogram.Path(t, "amtool"), arguments...)
}

func TestAmtoolAcceptsTheExample(t *testing.T) {
	amtool(t, "check-config", example)
}

func TestWhoHearsOfWhat(t *testing.T) {
	for labels, receiver := range map[string]string{
		"alertname=BackupJobFailed severity=critical cluster=home environment=prod id=qemu/100 storage=nfs": "pager",
		"alertname=BackupJobFailed severity=critical cluster=home environment=lab id=qemu/200 storage=nfs":  "chat",
		"alertname=BackupJobMissing severity=warning cluster=home environment=prod id=qemu/100 storage=nfs": "chat",
		"alertname=BackupStorageDown severity=critical cluster=home storage=nfs":                            "pager",
		"alertname=BackupExporterDown severity=critical cluster=home":                                       "pager",
		"alertname=BackupGuestPartlyExcluded severity=info cluster=home environment=prod id=qemu/100":       "mail",
		"alertname=SomethingElse": "mail",
	} {
		amtool(t, append([]string{"config", "routes", "test", "--config.file=" + example, "--verify.receivers=" + receiver}, strings.Fields(labels)...)...)
	}
}

// An inhibition by the name of an alert that does not exist would never do anything.
func TestInhibitionsNameAlertsThatExist(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := rules.Groups(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	exist := map[string]bool{}
	for _, group := range groups {
		for _, rule := range group.Rules {
			exist[rule.Alert] = true
		}
	}
	named := regexp.MustCompile(`\bBackup[A-Z][A-Za-z]+`).FindAllString(string(text), -1)
	for _, name := range named {
		if !exist[name] {
			t.Errorf("there is no alert %s", name)
		}
	}
	if len(named) < 10 {
		t.Errorf("only %d names were found", len(named))
	}
}
