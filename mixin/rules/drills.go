package rules

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// drills is the family of whether backups were restored for a trial.
func (b *builder) drills() Family {
	return Family{Name: "drills", Title: "Restore drills", Alerts: []Alert{b.drillFailed(), b.drillMissing()}}
}

func (b *builder) drillFailed() Alert {
	return Alert{
		Name: "BackupRestoreDrillFailed", Settings: b.alerts.BackupRestoreDrillFailed,
		When: "the last restore drill of a guest failed: its archive could not be restored, or what was restored gave no proof in time. A drill that came to no " +
			"end, for lack of room or rights or because a node was lost, does not count",
		expr:    b.each(ofGuest, b.of(collector.DrillLastFailed).Equals(1)),
		summary: "A backup could not be restored.",
		description: b.guest() + ": its backup was restored for a trial" +
			"{{ with " + b.ask(collector.DrillLastRun, ofGuest) + " }} on {{ . | first | value | humanizeTimestamp }}{{ end }}, and that failed. " +
			"{{ with " + b.ask(collector.DrillLastSuccess, ofGuest) + " }}The last success is from {{ . | first | value | humanizeTimestamp }}." +
			"{{ else }}No drill of it ever succeeded.{{ end }} The exporter's own page says why.",
	}
}

// drillMissing compares with the moment when the results were read, so that nothing is missing while nobody can tell.
func (b *builder) drillMissing() Alert {
	read := b.of(collector.SourceLastSuccess, query.Equal(collector.LabelSource, string(snapshot.SourceDrills)))
	overdue := b.of(collector.DrillDue).Is("<", on(ofCluster).Left(), read)
	overdue = b.unlessCaused(overdue, b.alerts.BackupRestoreDrillFailed, on(ofGuest), b.of(collector.DrillLastFailed).Equals(1))
	return Alert{
		Name: "BackupRestoreDrillMissing", Settings: b.alerts.BackupRestoreDrillMissing,
		When: "the last successful restore drill of a guest is older than the period that the declared file gives its environment. A guest that was never " +
			"drilled has as much time from its first backup on. Not while the last drill failed: that is BackupRestoreDrillFailed",
		expr:    b.each(ofGuest, overdue),
		summary: "Nobody has tried for long whether this backup can be restored.",
		description: b.guest() + ": a restore drill should have succeeded by {{ $value | humanizeTimestamp }}. " +
			"{{ with " + b.ask(collector.DrillLastSuccess, ofGuest) + " }}The last success is from {{ . | first | value | humanizeTimestamp }}." +
			"{{ else }}There was none yet.{{ end }}",
	}
}
