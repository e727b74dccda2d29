package mixin

import "github.com/prometheus/common/model"

// Config is all that can be adjusted in dashboards and rules, and the form of the settings file. It is a value: hand it on, change a copy.
//
// The tag doc says what a setting means, min and max are its bounds; see [Config.Settings].
type Config struct {
	BackupAlertingEnabled bool   `yaml:"backup_alerting_enabled" doc:"Switches every alert at once: without it no rules are written."`
	Selector              string `yaml:"selector" doc:"Label matchers that are added to every metric, as they stand between braces: 'job=\"pve-backup\", team=~\"a|b\"'."`
	RunbookURL            string `yaml:"runbook_url" doc:"Where docs/runbooks is published, without a slash at the end."`
	DashboardURL          string `yaml:"dashboard_url" doc:"The dashboard backup-overview in your Grafana, for the annotation dashboard_url. Empty leaves it out."`
	OneAlertPerCause      bool   `yaml:"one_alert_per_cause" doc:"Holds an alert back while another one tells its cause: a failure on a storage that is down or full, a missing backup after a failed one, a lock by which a backup has failed. Without it Alertmanager's inhibitions have to do that."`
	Alerts                Alerts `yaml:"alerts"`
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
	Enabled  bool           `yaml:"enabled" doc:"Switches the alert."`
	Severity Severity       `yaml:"severity" doc:"critical, warning or info."`
	For      model.Duration `yaml:"for" doc:"How long the condition must hold before the alert fires."`
}

// Default returns the settings that the committed rules are made with.
func Default() Config {
	return Config{
		BackupAlertingEnabled: true,
		OneAlertPerCause:      true,
		RunbookURL:            "https://github.com/pve-backup-exporter/pve-backup-exporter/blob/main/docs/runbooks",
		Alerts:                defaultAlerts(),
	}
}
