package rules

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// results is the family of what came of each guest's backups.
func (b *builder) results() Family {
	return Family{Name: "results", Title: "Results", Alerts: []Alert{b.jobFailed(), b.jobMissing()}}
}

func (b *builder) jobFailed() Alert {
	failed := b.of(collector.TargetLastAttemptFailed).Equals(1).
		Unless(on(ofGuest), b.of(collector.GuestExempt, query.NotEqual(labelNote, noteTemplate))).
		Unless(on(ofTarget), b.superseded())
	failed = b.unlessCaused(failed, b.alerts.BackupStorageDown, on(ofTarget), b.failedFor(vzdump.ReasonStorageUnavailable, b.storageDown()))
	failed = b.unlessCaused(failed, b.alerts.BackupStorageFull.Alert, on(ofTarget),
		b.failedFor(vzdump.ReasonStorageFull, b.usedRatio().Above(b.alerts.BackupStorageFull.Above)))
	unattributed := b.of(collector.NodeUnattributedFailure).Equals(1)
	return Alert{
		Name: "BackupJobFailed", Settings: b.alerts.BackupJobFailed,
		When: "the last vzdump of a guest on a storage failed; or the last one on a node failed and names no guest and fits no job. Not for a guest " +
			"that is exempt on purpose, nor on a storage that no job targets any more once the guest has a newer backup elsewhere; and not while " +
			"BackupStorageDown or BackupStorageFull tells its cause",
		expr:    b.each(ofTarget, failed).Or(b.each(ofCluster, unattributed)),
		summary: "The last backup failed.",
		description: "{{ if $labels.id }}" + b.guest() + ": the last backup" + "{{ if $labels.storage }} to storage {{ $labels.storage }}{{ end }} failed" +
			first(b.ask(collector.TargetLastFailureReason, ofTarget), collector.LabelReason, ", reason ", "") +
			"{{ with " + b.ask(collector.TargetLastAttempt, ofTarget) + " }}, on {{ . | first | value | humanizeTimestamp }}{{ end }}." +
			"{{ else }}" + inCluster + ": the last backup task failed without naming a guest, on node " +
			list(b.askGroup(collector.NodeUnattributedFailure, ofCluster, collector.LabelNode, 1), collector.LabelNode, labelOf(collector.LabelNode)) + "." +
			"{{ end }}",
	}
}

// superseded finds targets that no job writes to any more, of guests that have been backed up elsewhere since.
func (b *builder) superseded() query.Expr {
	newest := query.By("max", b.of(collector.TargetLastSuccess), within(ofGuest)...)
	return b.of(collector.TargetLastAttempt).Is("<", on(ofGuest).Left(), newest).Unless(same(), b.of(collector.TargetDue))
}

// failedFor finds targets whose last backup failed for a reason that something about their storage explains.
func (b *builder) failedFor(reason vzdump.Reason, explanation query.Expr) query.Expr {
	return b.lastFailed(reason).And(on(ofStorage), explanation)
}

// failedBy finds targets whose failure tells a reason by itself, so that nothing else need tell it.
func (b *builder) failedBy(reason vzdump.Reason) query.Expr {
	return b.lastFailed(reason).Unless(on(ofTarget), b.superseded())
}

func (b *builder) lastFailed(reason vzdump.Reason) query.Expr {
	return b.of(collector.TargetLastFailureReason, query.Equal(collector.LabelReason, string(reason)))
}

func (b *builder) jobMissing() Alert {
	overdue := b.of(collector.TargetObserved).Minus(same(), b.of(collector.TargetDue)).Above(0)
	failed := b.of(collector.TargetLastAttemptFailed)
	overdue = b.unlessCaused(overdue, b.alerts.BackupJobFailed, same(), failed.Equals(1))
	overdue = b.unlessCaused(overdue, b.alerts.BackupJobFailed, on(ofGuest), b.of(collector.TargetLastAttemptFailed, query.Equal(collector.LabelStorage, "")).Equals(1))
	return Alert{
		Name: "BackupJobMissing", Settings: b.alerts.BackupJobMissing,
		When: "a backup is overdue by its own job's schedule, as of when the exporter could last look: for a daily job when the last good one is about " +
			"48 hours old, for a weekly one after about eight days, for an hourly one after two hours. Not while the last attempt failed: that is BackupJobFailed",
		expr:    b.each(ofTarget, overdue),
		summary: "A backup that should exist does not.",
		description: b.guest() + ": no new backup on storage {{ $labels.storage }}, overdue by {{ $value | humanizeDuration }}. " +
			"{{ with " + b.ask(collector.TargetLastSuccess, ofTarget) + " }}The last good one is from {{ . | first | value | humanizeTimestamp }}." +
			"{{ else }}There is none yet.{{ end }}",
	}
}
