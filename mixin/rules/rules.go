package rules

import (
	"fmt"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// Alert is one alert as its reference describes it.
type Alert struct {
	Name     string
	Settings mixin.Alert
	// When says in words when the alert fires.
	When string

	expr                 query.Expr
	summary, description string
	records              []Rule // recording rules that the expression reads, before it
}

// Family is alerts about one kind of thing, which become one group of rules.
type Family struct {
	Name   string
	Title  string // as a heading
	Alerts []Alert

	interval model.Duration
}

// Families returns all alerts, those that are switched off included. The selector of the settings must be valid: see [mixin.Config.Check].
func Families(cfg mixin.Config) ([]Family, error) {
	always, err := query.ParseMatchers(cfg.Selector)
	if err != nil {
		return nil, fmt.Errorf("selector: %w", err)
	}
	b := &builder{cfg: cfg, alerts: cfg.Alerts, metrics: query.NewMetrics(always...)}
	return []Family{
		b.results(), b.jobs(), b.guests(), b.running(), b.storages(), b.trend(), b.archives(), b.history(), b.drills(), b.objectStores(), b.reading(), b.declared(), b.exporter(),
	}, nil
}

// Groups returns the rules of the alerts that are switched on.
func Groups(cfg mixin.Config) ([]Group, error) {
	families, err := Families(cfg)
	if err != nil {
		return nil, err
	}
	groups := []Group{}
	for _, family := range families {
		group := Group{Name: "pve-backup-" + family.Name, Interval: family.interval}
		for _, alert := range family.Alerts {
			if cfg.BackupAlertingEnabled && alert.Settings.Enabled {
				group.Rules = append(append(group.Rules, alert.records...), alert.rule(cfg))
			}
		}
		if len(group.Rules) > 0 {
			groups = append(groups, group)
		}
	}
	return groups, nil
}

func (a *Alert) rule(cfg mixin.Config) Rule {
	annotations := map[string]string{
		"summary":     a.summary,
		"description": a.description,
		"runbook_url": cfg.RunbookURL + "/" + a.Name + ".md",
	}
	if cfg.DashboardURL != "" {
		annotations["dashboard_url"] = cfg.DashboardURL
	}
	return Rule{
		Alert: a.Name, Expr: a.expr.String(), For: a.Settings.For,
		Labels:      map[string]string{"severity": string(a.Settings.Severity)},
		Annotations: annotations,
	}
}
