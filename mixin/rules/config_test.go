package rules_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

// set returns the default settings with one of them changed.
func set(t *testing.T, key string, value any) mixin.Config {
	t.Helper()
	for _, name := range slices.Backward(strings.Split(key, ".")) {
		value = map[string]any{name: value}
	}
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := mixin.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return cfg
}

// other returns another value that a setting may have.
func other(setting mixin.Setting) any {
	switch value := setting.Value.(type) {
	case bool:
		return !value
	case mixin.Severity:
		if value == mixin.Info {
			return mixin.Warning
		}
		return mixin.Info
	case model.Duration:
		return (value + 7*model.Duration(60e9)).String()
	case int:
		return value + 1
	case float64:
		return value * 1.01
	case string:
		if setting.Key == "selector" {
			return `team="a"`
		}
		return "https://example.org/x"
	}
	return nil
}

// A setting without effect would be a promise that nobody keeps.
func TestEverySettingChangesTheRules(t *testing.T) {
	t.Parallel()
	before, err := rules.YAML(groups(t, mixin.Default()))
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range mixin.Default().Settings() {
		changed := other(setting)
		after, err := rules.YAML(groups(t, set(t, setting.Key, changed)))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(before, after) {
			t.Errorf("%s: %v makes the same rules as %v", setting.Key, changed, setting.Value)
		}
	}
}

func TestAnAlertThatIsOffIsGoneAlone(t *testing.T) {
	t.Parallel()
	for name := range severities {
		left := alerts(t, set(t, "alerts."+name+".enabled", false))
		if _, still := left[name]; still || len(left) != len(severities)-1 {
			t.Errorf("%s: with it off there are %d alerts", name, len(left))
		}
	}
}

func TestAllAlertsOff(t *testing.T) {
	t.Parallel()
	if made := groups(t, set(t, "backup_alerting_enabled", false)); len(made) != 0 {
		t.Errorf("there are still groups: %v", made)
	}
}

// An alert that is held back while another tells the cause must be heard when that other one is off.
func TestNothingIsHeldBackForAnAlertThatIsOff(t *testing.T) {
	t.Parallel()
	tests := []struct{ cause, held, clause string }{
		{"BackupStorageDown", "BackupJobFailed", "storage_unavailable"},
		{"BackupStorageFull", "BackupJobFailed", "storage_full"},
		{"BackupJobFailed", "BackupGuestUncovered", "storage_unavailable"},
		{"BackupJobFailed", "BackupGuestLocked", "guest_locked"},
		{"BackupStorageFull", "BackupStorageAlmostFull", "0.95"},
		{"BackupStorageFull", "BackupStorageFillingUp", "0.95"},
		{"BackupJobFailed", "BackupJobMissing", "last_attempt_failed"},
		{"BackupJobFailed", "BackupRetentionExceeded", "prune_failed"},
		{"BackupExemptionExpired", "BackupGuestUncovered", "exempt_until"},
		{"BackupStorageDown", "BackupDataStale", "storage_up"},
		{"BackupPermissionMissing", "BackupDataStale", "permission_missing"},
		{"BackupJobDisabled", "BackupConfigDrift", `reason="job_disabled"`},
		{"BackupGuestUncovered", "BackupConfigDrift", `reason!="job_disabled"`},
		{"BackupGuestPartlyExcluded", "BackupConfigDrift", "excluded_disks"},
	}
	for _, test := range tests {
		if !strings.Contains(alerts(t, mixin.Default())[test.held].Expr, test.clause) {
			t.Errorf("%s is not held back by %s", test.held, test.cause)
		}
		for _, cfg := range []mixin.Config{set(t, "alerts."+test.cause+".enabled", false), set(t, "one_alert_per_cause", false)} {
			if expr := alerts(t, cfg)[test.held].Expr; strings.Contains(expr, test.clause) {
				t.Errorf("%s is held back by %s, which is off:\n%s", test.held, test.cause, expr)
			}
		}
	}
}

func TestSelectorIsOnEveryMetric(t *testing.T) {
	t.Parallel()
	metric := regexp.MustCompile(`pve_backup_[a-z0-9_:]+(\{[^}]*\})?`)
	for name, rule := range alerts(t, set(t, "selector", `team=~"a|b"`)) {
		for _, found := range metric.FindAllString(rule.Expr, -1) {
			if !strings.Contains(found, `team=~"a|b"`) {
				t.Errorf("%s: %s has no selector", name, found)
			}
		}
		for _, found := range metric.FindAllString(rule.Annotations["description"], -1) {
			if !strings.Contains(found, `team=~"a|b"`) {
				t.Errorf("%s: %s in the description has no selector", name, found)
			}
		}
	}
}

func TestBadSelector(t *testing.T) {
	t.Parallel()
	cfg := mixin.Default()
	cfg.Selector = "job"
	if _, err := rules.Groups(cfg); err == nil || !strings.HasPrefix(err.Error(), "selector: ") {
		t.Errorf("got %v", err)
	}
}

func TestThresholdsAreInTheReference(t *testing.T) {
	t.Parallel()
	cfg := mixin.Default()
	cfg.Alerts.BackupStorageFull.Above = 0.875
	families, err := rules.Families(cfg)
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(families)
	if !strings.Contains(said, "over 87.5 % of a backup storage is used") {
		t.Error("the reference does not tell the threshold")
	}
}
