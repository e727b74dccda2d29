package rules

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// guests is the family of what is and what is not backed up of which guest.
func (b *builder) guests() Family {
	return Family{Name: "guests", Title: "Guests", Alerts: []Alert{b.guestUncovered(), b.guestPartlyExcluded(), b.exemptionExpired()}}
}

func (b *builder) guestUncovered() Alert {
	// Without the right to see pools, jobs that select pools seem to select nobody.
	blind := b.of(collector.PermissionMissing, query.Equal(collector.LabelPrivilege, privilegePool))
	uncovered := b.of(collector.GuestUncovered, query.NotEqual(collector.LabelReason, string(snapshot.UncoveredJobDisabled))).
		Unless(on(ofCluster), blind)
	uncovered = b.unlessCaused(uncovered, b.alerts.BackupExemptionExpired, on(ofGuest), b.expired())
	unusable := b.of(collector.GuestUncovered, query.Equal(collector.LabelReason, string(snapshot.UncoveredStorageUnusable)))
	uncovered = b.unlessCaused(uncovered, b.alerts.BackupJobFailed, on(ofGuest), unusable.And(on(ofGuest), b.failedBy(vzdump.ReasonStorageUnavailable)))
	return Alert{
		Name: "BackupGuestUncovered", Settings: b.alerts.BackupGuestUncovered,
		When: "no enabled job with a future run and a usable storage selects the guest, and it is not exempt. A disabled job is BackupJobDisabled, " +
			"an exemption that ended BackupExemptionExpired; and once a backup failed because its storage cannot be used, that is BackupJobFailed",
		expr:    b.each(ofGuest, uncovered),
		summary: "No job backs this guest up.",
		description: b.guest() + " is backed up by no job" +
			first(b.ask(collector.GuestUncovered, ofGuest), collector.LabelReason, ", reason ", "") + ".",
	}
}

// partlyExcluded counts the volumes that are left out, of guests that are backed up.
func (b *builder) partlyExcluded() query.Expr {
	return b.of(collector.GuestExcludedDisks).Above(0).
		And(on(ofGuest), b.of(collector.GuestCovered).Equals(1)).
		Unless(on(ofGuest), b.of(collector.GuestExempt))
}

func (b *builder) guestPartlyExcluded() Alert {
	return Alert{
		Name: "BackupGuestPartlyExcluded", Settings: b.alerts.BackupGuestPartlyExcluded,
		When:        "volumes of a guest that is backed up are flagged out of its backups",
		expr:        b.each(ofGuest, b.partlyExcluded()),
		summary:     "Volumes of this guest are left out of its backups.",
		description: b.guest() + ": {{ $value }} volumes are flagged out of its backups and could not be restored.",
	}
}

// expired finds guests whose exemption ended: while it lasts, they have both series.
func (b *builder) expired() query.Expr {
	return b.of(collector.GuestExemptUntil).Unless(on(ofGuest), b.of(collector.GuestExempt))
}

func (b *builder) exemptionExpired() Alert {
	return Alert{
		Name: "BackupExemptionExpired", Settings: b.alerts.BackupExemptionExpired,
		When:        "the day until which the declared file exempts a guest has passed",
		expr:        b.each(ofGuest, b.expired()),
		summary:     "The exemption of this guest has ended.",
		description: b.guest() + " was exempt from backups until {{ $value | humanizeTimestamp }}. It is not exempt any more.",
	}
}
