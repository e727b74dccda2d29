package mixin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
)

func TestSettingsChangeWhatTheyNameAndNothingElse(t *testing.T) {
	t.Parallel()
	got, err := mixin.Parse([]byte(`
backup_alerting_enabled: false
selector: job="pve-backup"
alerts:
  BackupStorageAlmostFull: {above: 0.7, severity: info, for: 2h}
  BackupDataStale: {node: 3d, enabled: false}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := mixin.Default()
	want.BackupAlertingEnabled = false
	want.Selector = `job="pve-backup"`
	want.Alerts.BackupStorageAlmostFull.Above = 0.7
	want.Alerts.BackupStorageAlmostFull.Severity = mixin.Info
	want.Alerts.BackupStorageAlmostFull.For = model.Duration(2 * time.Hour)
	want.Alerts.BackupDataStale.Node = model.Duration(72 * time.Hour)
	want.Alerts.BackupDataStale.Enabled = false
	if got != want {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestDefaultsComeBackFromTheirOwnText(t *testing.T) {
	t.Parallel()
	text, err := yaml.Marshal(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	for name, written := range map[string][]byte{"written": text, "empty": nil, "comment": []byte("# nothing yet\n")} {
		if got, err := mixin.Parse(written); err != nil || got != mixin.Default() {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"unknown key":        {"backup_alerting: false", "line 1: no setting is named 'backup_alerting'"},
		"unknown alert":      {"alerts:\n  BackupJobFaild: {enabled: false}", "line 2: no setting is named 'BackupJobFaild'"},
		"unknown threshold":  {"alerts: {BackupJobFailed: {above: 1}}", "line 1: no setting is named 'above'"},
		"twice":              {"selector: a\nselector: b", `line 2: mapping key "selector" already defined at line 1`},
		"no mapping":         {"- selector", "line 1: settings by their names belong here"},
		"word for a switch":  {"alerts: {BackupJobFailed: {enabled: often}}", "line 1: 'often' is neither true nor false"},
		"word for a number":  {"alerts: {BackupStorageFull: {above: most}}", "line 1: 'most' is no number"},
		"list for a text":    {"selector: [job]", "line 1: a text belongs here"},
		"malformed":          {"alerts: {", "line 1: did not find expected node content"},
		"second document":    {"selector: ''\n---\nselector: ''", "settings are one YAML document, here another one follows"},
		"percent for ratio":  {"alerts: {BackupStorageFull: {above: 95}}", "alerts.BackupStorageFull.above: 95 is more than 1"},
		"no number":          {"alerts: {BackupStorageFull: {above: .nan}}", "alerts.BackupStorageFull.above: NaN is less than 0"},
		"severity":           {"alerts: {BackupJobFailed: {severity: page}}", "alerts.BackupJobFailed.severity: 'page' is none of critical, warning and info"},
		"no duration":        {"alerts: {BackupJobFailed: {for: 5}}", `not a valid duration string: "5"`},
		"short":              {"alerts: {BackupStorageFillingUp: {window: 1h}}", "alerts.BackupStorageFillingUp.window: 1h is less than 2d"},
		"no history":         {"alerts: {BackupSizeAnomaly: {backups: 0}}", "alerts.BackupSizeAnomaly.backups: 0 is less than 1"},
		"almost above full":  {"alerts: {BackupStorageAlmostFull: {above: 0.99}}", "alerts.BackupStorageAlmostFull.above: 0.99 is above that of BackupStorageFull, 0.95"},
		"selector":           {"selector: job=pve", "selector: the value of label job is not in double quotes"},
		"selector in braces": {`selector: '{job="pve"}'`, `selector: "{job=\"pve\"}" is no label matcher such as job="pve-backup"`},
		"runbooks":           {"runbook_url: https://example.org/", "runbook_url: is no address without a slash at its end"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mixin.Parse([]byte(test.text))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	_, err := mixin.Parse([]byte("alerts: {BackupStorageFull: {above: 2, severity: none}, BackupSizeAnomaly: {grown: 0}}"))
	for _, key := range []string{"BackupStorageFull.above", "BackupStorageFull.severity", "BackupSizeAnomaly.grown"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("nothing is said of %s: %v", key, err)
		}
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	for _, setting := range mixin.Default().Settings() {
		if !strings.HasSuffix(setting.Doc, ".") {
			t.Errorf("%s: %q is no sentence", setting.Key, setting.Doc)
		}
	}
}
