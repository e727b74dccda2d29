package figures

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// StatusOverTime is the status at every moment of those guests on storages that were in trouble for longest in the shown time, so that
// thousands of good ones do not hide them.
func (f Figures) StatusOverTime() Expr {
	trouble := either(f.failed(), f.overdue()).maxBy(pairLabels...)
	shown := query.Raw(trouble.String() + "[$__range:$__interval] @ end()")
	longest := Expr{query.Call("count_over_time", shown)}.most(lines)
	names := f.guest(collector.GuestInfo).atEnd().maxBy(with(guestLabels, LabelName)...).most(1, guestLabels...)
	return f.status().andOn(pairLabels, longest).taking(guestLabels, names, LabelName)
}

// Succeeded counts the backups that succeeded within a day.
func (f Figures) Succeeded() Expr {
	return f.daily(collector.TargetAttempts).minus(f.daily(collector.TargetFailures)).maxBy(pairLabels...).sum()
}

// Failures counts the backups that failed within a day, for each environment.
func (f Figures) Failures() Expr {
	return f.daily(collector.TargetFailures).maxBy(pairLabels...).sumBy(environmentLabels...)
}

// daily is by how much a counter grew within a day. Looking at it once an hour is enough, and much cheaper than every sample of thousands.
func (f Figures) daily(counter string) Expr {
	return f.guest(counter).stepwise("increase", day, time.Hour)
}
