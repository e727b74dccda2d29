package endtoend

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// TestAnAlertReachesAPerson brings alerts from the cluster's API through the exporter, Prometheus and Alertmanager to a webhook, by the
// examples of deploy/ with other addresses and shorter waits.
func TestAnAlertReachesAPerson(t *testing.T) {
	slow(t)
	testprogram.Path(t, "prometheus")
	testprogram.Path(t, "alertmanager")
	exporter, hook := testprogram.Exporter(t), startWebhook(t)
	shown := startDemo(t, exporter, filepath.Join("testdata", "story.yml"))
	alertmanager := startAlertmanager(t, example(t, "alertmanager/alertmanager.yml",
		"localhost:8080", hook.address, "group_wait: 1m", "group_wait: 5s", "group_interval: 10m", "group_interval: 5s"))
	generated := t.TempDir()
	testprogram.Run(t, exporter, "mixin", "generate", "--output-dir="+generated, "--config="+filepath.Join("testdata", "mixin.yml"))
	config := example(t, "prometheus/prometheus.yml", "localhost:10221", shown.address, "localhost:9093", alertmanager,
		"rules/*.yml", filepath.Join(generated, "alerts", "*.yml"), "scrape_interval: 1m", "scrape_interval: 1s", "evaluation_interval: 1m", "evaluation_interval: 1s")
	testprogram.Run(t, testprogram.Path(t, "promtool"), "check", "config", config)
	startPrometheus(t, config, t.TempDir())

	failed, down := hook.await(t, named("BackupJobFailed")), hook.await(t, named("BackupStorageDown"))
	for _, one := range []message{failed, down} {
		if one.Receiver != "pager" || one.path != "/pager" || one.Status != "firing" {
			t.Errorf("%s went to %s (%s), %s", one.GroupLabels["alertname"], one.Receiver, one.path, one.Status)
		}
	}
	grouped(t, failed)
	for _, one := range failed.Alerts {
		explained(t, one)
	}
	if len(down.Alerts) != 1 || down.Alerts[0].Labels["storage"] != "usb" {
		t.Errorf("the storage that is down: %+v", down.Alerts)
	}
	inhibited(t, alertmanager)

	shown.declare(t, `exempt: [{cluster: home, vmid: 101, note: "moves to another cluster"}]`)
	over := hook.await(t, resolved("lxc/101"))
	for _, one := range over.Alerts {
		if (one.Status == "resolved") != (one.Labels["id"] == "lxc/101") {
			t.Errorf("%s of %s in the message that lxc/101 is well again", one.Status, one.Labels["id"])
		}
	}
	for _, one := range hook.all() {
		for _, each := range one.Alerts {
			if muted(each) {
				t.Errorf("the storage that is down has told it, and yet there is a message on %v", each.Labels)
			}
		}
	}
}

// grouped looks for both guests of one environment in one message, and for none of those whose storage is down.
func grouped(t *testing.T, failed message) {
	t.Helper()
	var names []string
	for _, one := range failed.Alerts {
		names = append(names, one.Labels["id"]+" on "+one.Labels["storage"])
	}
	slices.Sort(names)
	if got := strings.Join(names, ", "); got != "lxc/101 on nas, qemu/102 on nas" {
		t.Errorf("in one message: %s", got)
	}
	labels := failed.GroupLabels
	if len(labels) != 3 || labels["alertname"] != "BackupJobFailed" || labels["environment"] != "prod" || labels["cluster"] != "home" {
		t.Errorf("grouped by %v", labels)
	}
}

// explained looks at what a person reads of a guest that failed.
func explained(t *testing.T, one alert) {
	t.Helper()
	why := map[string]string{"lxc/101": "mail", "qemu/102": "db"} // the guests' names
	for text, want := range map[string][]string{
		"summary":     {"last backup"},
		"description": {why[one.Labels["id"]], "in environment prod of cluster home", "nas"},
		"runbook_url": {"/docs/runbooks/BackupJobFailed.md"},
	} {
		for _, part := range want {
			if !strings.Contains(one.Annotations[text], part) {
				t.Errorf("%s of %s: %q, want something with %q", text, one.Labels["id"], one.Annotations[text], part)
			}
		}
	}
	page := filepath.Join(testprogram.Root(t), "docs", "runbooks", path.Base(one.Annotations["runbook_url"]))
	if _, err := os.Stat(page); err != nil {
		t.Errorf("the runbook: %v", err)
	}
	if one.Labels["severity"] != "critical" {
		t.Errorf("%s is %s", one.Labels["id"], one.Labels["severity"])
	}
}

// muted reports whether the storage usb, which is down, is the cause of an alert.
func muted(one alert) bool {
	symptom := slices.Contains([]string{"BackupJobFailed", "BackupJobMissing"}, one.Labels["alertname"])
	return symptom && one.Labels["storage"] == "usb"
}

// inhibited waits until Alertmanager itself says that it holds the failures on the storage back.
func inhibited(t *testing.T, alertmanager string) {
	t.Helper()
	testprogram.Until(t, "http://"+alertmanager+"/api/v2/alerts?filter=alertname%3D%22BackupJobFailed%22&filter=storage%3D%22usb%22", func(body string) bool {
		var list []struct {
			Status struct{ InhibitedBy []string }
		}
		if json.Unmarshal([]byte(body), &list) != nil || len(list) != 3 {
			return false
		}
		for _, one := range list {
			if len(one.Status.InhibitedBy) == 0 {
				return false
			}
		}
		return true
	})
}
