package mixin

import "github.com/prometheus/common/model"

// Config is all that can be adjusted in dashboards and rules. It is a value: hand it on, change a copy.
type Config struct {
	// BackupAlertingEnabled switches every alert at once. Without it no rule that alerts is written; dashboards stay.
	BackupAlertingEnabled bool `yaml:"backup_alerting_enabled"`
	// Selector is added to every metric of every query, as label matchers without braces: `job="pve-backup", team=~"a|b"`. Empty adds nothing.
	Selector string `yaml:"selector"`
	// RunbookURL is the address under which docs/runbooks is published, without a slash at its end: BackupJobMissing.md is below it.
	RunbookURL string `yaml:"runbook_url"`
	// DashboardURL is the address of the dashboard backup-overview in the reader's Grafana. Empty leaves the annotation out.
	DashboardURL string `yaml:"dashboard_url"`
	// OneAlertPerCause leaves out an alert while another one already tells its cause: failures on a storage that is down or full, a missing
	// backup of a guest whose last one failed, and so on. Without it Alertmanager's inhibitions have to do it.
	OneAlertPerCause bool `yaml:"one_alert_per_cause"`
	// Alerts holds what is particular to each alert.
	Alerts Alerts `yaml:"alerts"`
}

// Severity is how urgent an alert is. Routes of Alertmanager go by it.
type Severity string

// The severities, from what wakes somebody up to what is read some day.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Alert is what every alert has.
type Alert struct {
	Enabled  bool     `yaml:"enabled"`
	Severity Severity `yaml:"severity"`
	// For is how long the condition must hold before the alert fires.
	For model.Duration `yaml:"for"`
}

// Default returns the thresholds that the committed rules are made with.
func Default() Config {
	return Config{
		BackupAlertingEnabled: true,
		OneAlertPerCause:      true,
		RunbookURL:            "https://github.com/pve-backup-exporter/pve-backup-exporter/blob/main/docs/runbooks",
		Alerts:                defaultAlerts(),
	}
}
