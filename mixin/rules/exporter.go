package rules

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// targetUp is Prometheus' own metric about each target that it scrapes. No name of a scrape job is assumed: targets are known by what they
// once served.
const targetUp = "up"

// seenStep is how often the past is looked at for signs of life.
const seenStep = model.Duration(time.Hour)

// exporter is the family of the exporter's own life.
func (b *builder) exporter() Family {
	return Family{Name: "exporter", Title: "The exporter", Alerts: []Alert{b.exporterDown()}}
}

// exporterDown misses a cluster that an exporter once told about. Where Prometheus still tries to scrape that target and fails, it is missed
// for long; where the target itself is gone, which may be on purpose, for some hours. A second exporter of the cluster is enough.
func (b *builder) exporterDown() Alert {
	limits := b.alerts.BackupExporterDown
	target := query.On(labelInstance, labelJob)
	up := query.NewMetrics().Of(targetUp)
	down := query.Call("present_over_time", b.of(collector.Up).Steps(limits.Seen, seenStep)).And(target, up.Equals(0))
	gone := query.Call("present_over_time", b.of(collector.Up).Range(limits.Gone)).Unless(target, up.Equals(1))
	return Alert{
		Name: "BackupExporterDown", Settings: limits.Alert,
		When: "no exporter tells about a cluster any more: Prometheus cannot scrape the one that did within the last " + limits.Seen.String() +
			", or no longer has it as a target and saw it within the last " + limits.Gone.String(),
		expr:        query.By("max", down.Or(gone), ofCluster...).Unless(query.On(collector.LabelCluster), b.of(collector.Up)),
		summary:     "Nobody watches the backups of this cluster.",
		description: inCluster + ": the exporter cannot be scraped. No backup of this cluster is watched, and its other backup alerts cannot fire.",
	}
}
