package figures

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// Values of [Figures.DrillStatus], the worst the greatest.
const (
	DrillGood = iota
	DrillWaiting
	DrillOverdue
	DrillFailed
)

// DrilledValues lists the chosen clusters in which restores are drilled: without one there is nothing to show.
func (f Figures) DrilledValues() string {
	return values(f.cluster(collector.SourceUp, fromDrills()), collector.LabelCluster)
}

func fromDrills() query.Matcher {
	return query.Equal(collector.LabelSource, string(snapshot.SourceDrills))
}

// drilled selects a metric of the guests of the cluster that the row is about.
func (f Figures) drilled(metric string) Expr {
	return f.guest(metric, query.Like(collector.LabelCluster, "$"+VarDrilled))
}

func (f Figures) drillFailed() Expr { return f.guest(collector.DrillLastFailed).equals(1) }

// drillOverdue compares as the alert does, with the moment when the results were read.
func (f Figures) drillOverdue() Expr {
	read := f.cluster(collector.SourceLastSuccess, fromDrills())
	return Expr{f.guest(collector.DrillDue).Is("<", query.On(with(clusterLabels, targetLabels...)...).Left(), read.Expr)}.
		unlessOn(with(guestLabels, targetLabels...), f.drillFailed())
}

// DrillStatus is how the drills of each guest stand: the rows of the table.
func (f Figures) DrillStatus() Expr {
	here := f.drilled(collector.DrillDue).maxBy(guestLabels...)
	tried := f.drilled(collector.DrillLastRun).maxBy(guestLabels...)
	status := either(
		f.each(guestLabels, f.drillFailed()).and(tried).as(DrillFailed),
		f.each(guestLabels, f.drillOverdue()).and(here).as(DrillOverdue),
		tried.as(DrillGood),
		here.as(DrillWaiting),
	)
	return f.names(status).join(LabelKey, "|", guestLabels...)
}

// DrillSuccess is when each was last restored well.
func (f Figures) DrillSuccess() Expr {
	return f.drilled(collector.DrillLastSuccess).date().keyed(guestLabels)
}

// DrillProof is what was seen then, as a label.
func (f Figures) DrillProof() Expr {
	return f.drilled(collector.DrillLastSuccess).join(LabelKey, "|", guestLabels...).maxBy(LabelKey, collector.LabelProof)
}

// DrillDuration is how long that took: the measured time to restore the guest.
func (f Figures) DrillDuration() Expr {
	return f.drilled(collector.DrillLastDuration).keyed(guestLabels)
}

// DrillRun is when each was last drilled, well or not.
func (f Figures) DrillRun() Expr { return f.drilled(collector.DrillLastRun).date().keyed(guestLabels) }

// DrillDue is when the next success must exist.
func (f Figures) DrillDue() Expr { return f.drilled(collector.DrillDue).date().keyed(guestLabels) }

// DrillHistory is how long restores took over time, of the guests that take longest.
func (f Figures) DrillHistory() Expr {
	return f.drilled(collector.DrillLastDuration).maxBy(guestLabels...).most(lines)
}

// drillProblems are the kinds of trouble that drills show.
func (f Figures) drillProblems() []Problem {
	alerts := f.thresholds
	good := f.guest(collector.DrillLastSuccess).maxBy(guestLabels...)
	return []Problem{
		{
			rank: 71, Text: "restore drill failed", Alert: "BackupRestoreDrillFailed", Severity: alerts.BackupRestoreDrillFailed.Severity,
			rows: f.each(guestLabels, f.drillFailed()), when: f.guest(collector.DrillLastRun).maxBy(guestLabels...), good: good,
		},
		{
			rank: 61, Text: "restore drill overdue", Alert: "BackupRestoreDrillMissing", Severity: alerts.BackupRestoreDrillMissing.Severity,
			rows: f.each(guestLabels, f.drillOverdue()), when: f.guest(collector.DrillDue).maxBy(guestLabels...), good: good,
		},
	}
}
