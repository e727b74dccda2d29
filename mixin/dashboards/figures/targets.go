package figures

import "github.com/pve-backup-exporter/pve-backup-exporter/collector"

// Values of [Figures.Status], the worst highest.
const (
	StatusFailedOverdue = 5
	StatusFailed        = 4
	StatusOverdue       = 3
	StatusUncovered     = 2 // the guest, whatever the storage
	StatusWaiting       = 1 // the first backup is still to come
	StatusGood          = 0
	StatusUnscheduled   = -1 // archives lie there, and no job adds to them
	StatusExempt        = -2
)

// status is how each guest's backup on each storage stands, as one of the values above.
func (f Figures) status() Expr {
	pairs := f.guest(collector.TargetAttempts) // exists for every pair
	due := f.guest(collector.TargetDue)
	return f.each(pairLabels, either(
		pairs.andOn(guestLabels, f.exempt()).as(StatusExempt),
		f.failed().and(f.overdue()).as(StatusFailedOverdue),
		f.failed().as(StatusFailed),
		f.overdue().as(StatusOverdue),
		due.unless(f.succeeded()).as(StatusWaiting),
		due.as(StatusGood),
		pairs.as(StatusUnscheduled),
	))
}

// Status is how the backup of each guest on each storage stands: the rows of the table of guests. A guest that no job backs up has a row
// without a storage.
func (f Figures) Status() Expr {
	return f.names(either(f.status(), f.affected(f.uncovered()).as(StatusUncovered))).join(LabelKey, "|", pairLabels...)
}

// LastGood is the end of the last good backup of each pair.
func (f Figures) LastGood() Expr { return f.succeeded().date().keyed(pairLabels) }

// NextDue is when the next success of each pair must exist.
func (f Figures) NextDue() Expr { return f.guest(collector.TargetDue).date().keyed(pairLabels) }

// Duration is how long the last good backup of each pair took.
func (f Figures) Duration() Expr { return f.guest(collector.TargetLastDuration).keyed(pairLabels) }

// Size is the stored size of the last good backup of each pair. A Proxmox Backup Server does not tell it.
func (f Figures) Size() Expr { return f.guest(collector.TargetLastArchiveBytes).keyed(pairLabels) }

// Transferred is how much data the last good backup of each pair moved.
func (f Figures) Transferred() Expr {
	return f.guest(collector.TargetLastTransferred).keyed(pairLabels)
}

// Archives counts the archives of each pair.
func (f Figures) Archives() Expr { return f.guest(collector.Archives).keyed(pairLabels) }

// Reason is why the last backup of each pair failed, or why no job backs up a guest, as a label.
func (f Figures) Reason() Expr {
	reasons := either(f.guest(collector.TargetLastFailureReason), f.uncovered())
	return reasons.join(LabelKey, "|", pairLabels...).maxBy(LabelKey, collector.LabelReason)
}

// LeftOut counts the volumes of each pair's guest that its backups do not contain.
func (f Figures) LeftOut() Expr {
	volumes := f.guest(collector.GuestExcludedDisks).plus(f.guest(collector.GuestBindMounts)).maxBy(guestLabels...)
	return f.guest(collector.TargetAttempts).maxBy(pairLabels...).as(1).taking(guestLabels, volumes).keyed(pairLabels)
}
