package rules

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// archives is the family of what lies on the storages.
func (b *builder) archives() Family {
	return Family{Name: "archives", Title: "Archives", Alerts: []Alert{b.retentionExceeded(), b.archivesLost(), b.verificationFailed()}}
}

const (
	// excessSince is when a target first had an archive too many, recorded because no window fits every schedule.
	excessSince = collector.ArchivesExcess + ":since_timestamp_seconds"
	// forgetExcess is after how long without an excess the next one is another.
	forgetExcess = model.Duration(2 * time.Hour)
)

// retentionExceeded waits for a backup that was made well after the excess began, since that is when Proxmox VE removes what is too much. So a
// backup made by hand, which removes nothing, is left alone until the job has run again.
func (b *builder) retentionExceeded() Alert {
	excess := b.of(collector.ArchivesExcess)
	began := query.Call("last_over_time", b.of(excessSince).Range(forgetExcess)).Or(query.Call("timestamp", excess))
	stuck := excess.Above(0).
		And(same(), b.of(collector.TargetLastSuccess).Minus(same(), b.of(excessSince)).Is(">", same(), query.Seconds(forgetExcess)))
	stuck = b.unlessCaused(stuck, b.alerts.BackupJobFailed, on(ofTarget),
		b.of(collector.TargetLastFailureReason, query.Equal(collector.LabelReason, string(vzdump.ReasonPruneFailed))))
	return Alert{
		Name: "BackupRetentionExceeded", Settings: b.alerts.BackupRetentionExceeded,
		When: "archives that the retention rule in effect would remove are still there after another backup was made. Not while the last attempt failed " +
			"because it could not remove them: that is BackupJobFailed",
		records: []Rule{{Record: excessSince, Expr: began.And(same(), excess.Above(0)).String()}},
		expr:    b.each(ofTarget, stuck),
		summary: "Old archives are not removed.",
		description: b.guest() + ": {{ $value }} archives on storage {{ $labels.storage }} are more than the retention rule keeps, and the last backup did not " +
			"remove them.",
	}
}

func (b *builder) archivesLost() Alert {
	count, expected := b.of(collector.Archives), b.of(collector.ArchivesExpected)
	fewer := count.Minus(same(), b.of(collector.ArchivesProtected)).Is("<", same(), expected)
	none := count.Equals(0).And(same(), b.of(collector.TargetLastSuccess)).Unless(same(), expected)
	abandoned := count.And(on(ofGuest), b.of(collector.GuestCovered).Equals(1)).Unless(same(), b.of(collector.TargetDue))
	return Alert{
		Name: "BackupArchivesLost", Settings: b.alerts.BackupArchivesLost,
		When: "fewer archives are there than the backups that were made and the retention rule leave; or, where all are kept, none at all. Not for exempt " +
			"guests, nor on a storage that no job targets any more",
		expr:    b.each(ofTarget, fewer.Or(none).Unless(same(), abandoned).Unless(on(ofGuest), b.of(collector.GuestExempt))),
		summary: "Archives have disappeared.",
		description: b.guest() + ": {{ $value }} archives are left on storage {{ $labels.storage }}" +
			"{{ with " + b.ask(collector.ArchivesExpected, ofTarget) + " }}, {{ . | first | value }} should be there{{ end }}.",
	}
}

func (b *builder) verificationFailed() Alert {
	return Alert{
		Name: "BackupVerificationFailed", Settings: b.alerts.BackupVerificationFailed,
		When:        "the last verification of an archive on Proxmox Backup Server failed. It needs archive_details: without, there is no such alert",
		expr:        b.each(ofTarget, b.of(collector.ArchivesVerifyFailed).Above(0)),
		summary:     "Archives are damaged.",
		description: b.guest() + ": {{ $value }} archives on storage {{ $labels.storage }} failed their verification and may not be restorable.",
	}
}
