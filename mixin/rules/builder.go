package rules

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// The labels of alerts, from what a whole cluster has in common to what one target is.
var (
	ofCluster     = []string{collector.LabelCluster}
	ofEnvironment = []string{collector.LabelCluster, collector.LabelEnvironment}
	ofStorage     = []string{collector.LabelCluster, collector.LabelStorage}
	ofNode        = []string{collector.LabelCluster, collector.LabelNode} // of matches only: no alert has a node
	ofGuest       = []string{collector.LabelCluster, collector.LabelEnvironment, collector.LabelID}
	ofTarget      = []string{collector.LabelCluster, collector.LabelEnvironment, collector.LabelID, collector.LabelStorage}
)

// Labels that Prometheus itself adds: they tell two exporters apart.
const (
	labelInstance = "instance"
	labelJob      = "job"
)

// builder makes the alerts of one configuration.
type builder struct {
	cfg     mixin.Config
	alerts  mixin.Alerts
	metrics query.Metrics
}

// of selects a metric's series.
func (b *builder) of(metric string, matchers ...query.Matcher) query.Expr {
	return b.metrics.Of(metric, matchers...)
}

// within names these labels for one exporter at a time.
func within(labels []string) []string { return append(slices.Clone(labels), labelInstance, labelJob) }

// on matches series of one exporter by these labels.
func on(labels []string) query.Match { return query.On(within(labels)...) }

// same matches series with the same labels throughout.
func same() query.Match { return query.Match{} }

// each makes alerts of the greatest value of what has the same labels, whatever exporter says so.
func (b *builder) each(labels []string, e query.Expr) query.Expr {
	return b.aggregate("max", labels, e)
}

// aggregate leaves out an exporter that cannot read the cluster while another one can: what it last saw is out of date.
func (b *builder) aggregate(operator string, labels []string, e query.Expr) query.Expr {
	up := b.of(collector.Up)
	outdated := up.Equals(0).And(query.On(collector.LabelCluster), up.Equals(1))
	return query.By(operator, e.Unless(on(ofCluster), outdated), labels...)
}

// unlessCaused leaves out what another alert tells the cause of, if that is wanted and that alert is on.
func (b *builder) unlessCaused(e query.Expr, cause mixin.Alert, match query.Match, other query.Expr) query.Expr {
	if !b.cfg.OneAlertPerCause || !cause.Enabled {
		return e
	}
	return e.Unless(match, other)
}
