package figures

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// StatusOverTime is the status at every moment of those guests on storages that were in trouble for longest in the shown time, so that
// thousands of good ones do not hide them. Only those that a job still backs up count: others would stay on top for ever. A failed one is not told
// from one that is overdue as well: every further step would be made for each guest at each moment.
func (f Figures) StatusOverTime() Expr {
	failed := f.guest(collector.TargetLastAttemptFailed).equals(1)
	status := either(failed.as(StatusFailed), f.overdue().as(StatusOverdue), f.guest(collector.TargetDue).as(StatusGood))
	names := f.guest(collector.GuestInfo).atEnd().maxBy(with(guestLabels, LabelName)...).most(1, guestLabels...)
	return status.maxBy(pairLabels...).andOn(pairLabels, f.longestInTrouble()).taking(guestLabels, names, LabelName)
}

func (f Figures) longestInTrouble() Expr {
	trouble := either(f.guest(collector.TargetLastAttemptFailed).equals(1), f.overdue())
	shown := query.Raw("(" + trouble.String() + ")[$__range:$__interval] @ end()")
	often := Expr{query.Call("count_over_time", shown)}.maxBy(pairLabels...)
	return often.andOn(pairLabels, f.guest(collector.TargetDue).atEnd()).most(lines)
}

// Succeeded counts the backups that succeeded within a day.
func (f Figures) Succeeded() Expr {
	return f.daily(collector.TargetAttempts).minus(f.daily(collector.TargetFailures)).maxBy(pairLabels...).sum()
}

// Failures counts the backups that failed within a day, for each environment.
func (f Figures) Failures() Expr {
	return f.daily(collector.TargetFailures).maxBy(pairLabels...).sumBy(environmentLabels...)
}

// daily is by how much a counter grew within a day. Looking at it once an hour is enough, and much cheaper than every sample of thousands. What
// increase adds for the rest of the hour is rounded off.
func (f Figures) daily(counter string) Expr {
	return f.guest(counter).stepwise("increase", day, time.Hour).apply("round")
}
