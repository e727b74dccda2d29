package figures

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// guestProblems are the kinds that guests have, the worst first.
func (f Figures) guestProblems() []Problem {
	alerts := f.thresholds
	good := f.succeeded().maxBy(pairLabels...)
	attempt := f.guest(collector.TargetLastAttempt).maxBy(pairLabels...)
	due := f.guest(collector.TargetDue).maxBy(pairLabels...)
	ended := f.guest(collector.GuestExemptUntil).maxBy(guestLabels...)
	began := f.guest(collector.GuestRunningSince).maxBy(guestLabels...)
	both := f.why(f.failed().and(f.overdue()))
	failed := f.why(f.failed().unless(f.overdue()))
	return append(f.drillProblems(), []Problem{
		{rank: 74, Text: "archives lost", Alert: "BackupArchivesLost", Severity: alerts.BackupArchivesLost.Severity, rows: f.each(pairLabels, f.lost()), good: good},
		{
			rank: 72, Text: "verification failed", Alert: "BackupVerificationFailed", Severity: alerts.BackupVerificationFailed.Severity,
			rows: f.each(pairLabels, f.unverified()), good: good,
		},
		{rank: 70, Text: "backup failed, and overdue", Alert: "BackupJobFailed", Severity: alerts.BackupJobFailed.Severity, rows: both, when: attempt, good: good},
		{rank: 68, Text: "backup failed", Alert: "BackupJobFailed", Severity: alerts.BackupJobFailed.Severity, rows: failed, when: attempt, good: good},
		{
			rank: 66, Text: "backup overdue", Alert: "BackupJobMissing", Severity: alerts.BackupJobMissing.Severity,
			rows: f.each(pairLabels, f.overdue().unless(f.failed())), when: due, good: good,
		},
		{
			rank: 64, Text: "in no working job", Alert: "BackupGuestUncovered", Severity: alerts.BackupGuestUncovered.Severity,
			rows: f.each(with(guestLabels, LabelDetail), f.uncovered().join(LabelDetail, "", collector.LabelReason)),
		},
		{
			rank: 62, Text: "exemption has ended", Alert: "BackupExemptionExpired", Severity: alerts.BackupExemptionExpired.Severity,
			rows: f.each(guestLabels, f.guest(collector.GuestExemptUntil)), when: ended,
		},
		{rank: 60, Text: "backup hangs", Alert: "BackupHanging", Severity: alerts.BackupHanging.Severity, rows: f.each(guestLabels, f.hanging()), when: began},
		{
			rank: 58, Text: "locked, and no backup runs", Alert: "BackupGuestLocked", Severity: alerts.BackupGuestLocked.Severity,
			rows: f.each(with(guestLabels, LabelDetail), f.locked().join(LabelDetail, "", labelLock)),
		},
	}...)
}

// why adds the reason of a failure to guests on storages as one exporter sees them.
func (f Figures) why(failed Expr) Expr {
	reason := f.guest(collector.TargetLastFailureReason).andOn(with(pairLabels, targetLabels...), failed)
	return f.each(with(pairLabels, LabelDetail), reason.join(LabelDetail, "", collector.LabelReason))
}

// hanging are the guests whose backup runs for much longer than their last good one took.
func (f Figures) hanging() Expr {
	set := f.thresholds.BackupHanging
	exporter := with(guestLabels, targetLabels...)
	since := f.guest(collector.GuestRunningSince)
	last := f.guest(collector.TargetLastDuration).maxBy(exporter...)
	bound := either(last.times(set.Factor).atLeast(seconds(set.Guest)), since.maxBy(exporter...).as(seconds(set.First)))
	return Expr{since.age().Is(">", query.On(exporter...), bound.Expr)}
}

// locked are the guests with a lock that no running backup explains. Other operations hold the locks left out here, and sleeping guests.
func (f Figures) locked() Expr {
	others := query.OneOf("clone", "create", "disk", "migrate", "suspended", "suspending")
	return f.guest(collector.GuestLock, query.Unlike(labelLock, others)).unlessOn(guestLabels, f.running())
}

// otherProblems are the kinds that storages, jobs, nodes, sources and clusters have, the worst first.
func (f Figures) otherProblems() []Problem {
	alerts := f.thresholds
	almost, full := alerts.BackupStorageAlmostFull, alerts.BackupStorageFull
	return []Problem{
		{rank: 99, Text: "no data from any exporter", Alert: "BackupExporterDown", Severity: alerts.BackupExporterDown.Severity, rows: f.silent()},
		{rank: 97, Text: "cluster cannot be read", Alert: "BackupDataStale", Severity: alerts.BackupDataStale.Severity, rows: f.unreadable()},
		{
			rank: 95, Text: "scrape lacks honor_labels", Alert: "BackupLabelsOverwritten", Severity: alerts.BackupLabelsOverwritten.Severity,
			rows: f.any(collector.Up, query.NotEqual(labelOverwritten, "")).maxBy(clusterLabels...),
		},
		{rank: 93, Text: "storage not active", Alert: "BackupStorageDown", Severity: alerts.BackupStorageDown.Severity, rows: f.each(spaceLabels, f.down())},
		{rank: 91, Text: "storage full", Alert: "BackupStorageFull", Severity: full.Severity, rows: f.each(spaceLabels, f.usedShare().above(full.Above))},
		{
			rank: 67, Text: "a failed task fits no job", Alert: "BackupJobFailed", Severity: alerts.BackupJobFailed.Severity,
			rows: f.each(nodeLabels, f.cluster(collector.NodeUnattributedFailure).equals(1)),
		},
		{
			rank: 65, Text: "disabled job leaves guests uncovered", Alert: "BackupJobDisabled", Severity: alerts.BackupJobDisabled.Severity,
			rows: f.missedJobs().join(LabelDetail, "", collector.LabelJob),
		},
		{
			rank: 56, Text: "storage almost full", Alert: "BackupStorageAlmostFull", Severity: almost.Severity,
			rows: f.each(spaceLabels, f.usedShare().above(almost.Above).unless(f.usedShare().above(full.Above))),
		},
		{
			rank: 54, Text: "storage full soon, by its trend", Alert: "BackupStorageFillingUp", Severity: alerts.BackupStorageFillingUp.Severity,
			rows: f.secondsLeft().below(seconds(alerts.BackupStorageFillingUp.Within)), when: f.fullAt(),
		},
		{
			rank: 52, Text: "more archives than the rule keeps", Alert: "BackupRetentionExceeded", Severity: alerts.BackupRetentionExceeded.Severity,
			rows: f.each(storageLabels, f.excess()),
		},
		{
			rank: 50, Text: "privilege missing", Alert: "BackupPermissionMissing", Severity: alerts.BackupPermissionMissing.Severity,
			rows: f.Permissions().join(LabelDetail, " on ", collector.LabelPrivilege, collector.LabelPath),
		},
		{
			rank: 48, Text: "data not fresh", Alert: "BackupDataStale", Severity: alerts.BackupDataStale.Severity,
			rows: f.stale().join(LabelDetail, "", collector.LabelSource), when: f.source(collector.SourceLastSuccess, regular()),
		},
		{
			rank: 46, Text: "clock is off", Alert: "BackupClockSkew", Severity: alerts.BackupClockSkew.Severity,
			rows: f.each(nodeLabels, f.cluster(collector.ClockSkew).apply("abs").above(f.ClockTolerance())),
		},
		{
			rank: 40, Text: "not as declared", Alert: "BackupConfigDrift", Severity: alerts.BackupConfigDrift.Severity,
			rows: f.each(driftLabels, f.cluster(collector.Drift).above(0)).join(LabelDetail, "", collector.LabelKind),
		},
	}
}
