package rules

import (
	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// running is the family of backups that do not come to an end.
func (b *builder) running() Family {
	return Family{Name: "running", Title: "Running backups", Alerts: []Alert{b.hanging(), b.guestLocked()}}
}

// since is for how long something runs, as of when running tasks were last looked at.
func (b *builder) since(metric string) query.Expr {
	looked := b.of(collector.SourceLastSuccess, query.Equal(collector.LabelSource, string(snapshot.SourceTasks)), query.Equal(collector.LabelNode, ""))
	return looked.Minus(on(ofCluster).Right(), b.of(metric))
}

// atLeast is a multiple of what was usual, and not less than a bound.
func atLeast(usual query.Expr, factor float64, bound model.Duration) query.Expr {
	return query.Call("clamp_min", query.Number(factor).Times(same(), usual), query.Seconds(bound))
}

// unknown is one bound for everything, for what has no usual one. It has the same labels as an aggregation: a target's own labels, which
// Prometheus adds to every series, would make two different bounds of them.
func unknown(everything query.Expr, labels []string, bound model.Duration) query.Expr {
	return query.By("max", everything, within(labels)...).Times(same(), query.Number(0)).Plus(same(), query.Seconds(bound))
}

func (b *builder) hanging() Alert {
	limits := b.alerts.BackupHanging
	backup, task := b.since(collector.GuestRunningSince), b.since(collector.NodeTaskRunningSince)
	last := query.By("max", b.of(collector.TargetLastDuration), within(ofGuest)...)
	first := unknown(b.of(collector.GuestRunningSince), ofGuest, limits.First)
	guest := backup.Is(">", on(ofGuest), atLeast(last, limits.Factor, limits.Guest).Or(first))
	runs := query.By("max", b.of(collector.JobLastRunDuration), within(ofCluster)...)
	never := unknown(b.of(collector.Up), ofCluster, limits.Task)
	node := task.Is(">", on(ofCluster).Left(), atLeast(runs, limits.Factor, limits.Task).Or(never)).
		Unless(on(ofCluster), backup.Is(">", same(), query.Seconds(limits.Guest)))
	return Alert{
		Name: "BackupHanging", Settings: limits.Alert,
		When: "the backup of a guest runs for more than " + limits.Guest.String() + " and more than " + times(limits.Factor) + " its last duration, or for more than " +
			limits.First.String() + " where there is none; or a task runs or waits for more than " + limits.Task.String() + " and more than " + times(limits.Factor) +
			" the longest last run of the cluster's jobs, without any guest's backup to blame",
		expr:    b.each(ofGuest, guest).Or(b.each(ofCluster, node)),
		summary: "A backup does not come to an end.",
		description: "{{ if $labels.id }}" + b.guest() + ": its backup has been running for {{ $value | humanizeDuration }}." +
			"{{ else }}" + inCluster + ": a backup task has been running or waiting for {{ $value | humanizeDuration }}. Nodes with tasks: " +
			list(b.askGroup(collector.NodeTaskRunningSince, ofCluster, collector.LabelNode), collector.LabelNode, labelOf(collector.LabelNode)) + "." +
			"{{ end }}",
	}
}

// Kinds of locks of Proxmox VE, by how they come to an end.
var (
	// longLocks belong to tasks that take as long as the guest is large.
	longLocks = []string{"clone", "create", "disk", "migrate"}
	// wantedLocks are states that somebody chose: a guest that sleeps on disk.
	wantedLocks = []string{"suspended", "suspending"}
)

// locked finds guests with locks that nothing explains.
func (b *builder) locked() query.Expr {
	limits := b.alerts.BackupGuestLocked
	kinds := within(append(append([]string{}, ofGuest...), labelLock))
	long := query.OneOf(longLocks...)
	short := b.of(collector.GuestLock, query.Unlike(labelLock, query.OneOf(append(wantedLocks, longLocks...)...)))
	lasting := b.of(collector.GuestLock, query.Like(labelLock, long)).
		And(query.On(kinds...), b.of(collector.GuestLock, query.Like(labelLock, long)).Offset(limits.LongFor))
	// While a node's tasks cannot be read, nobody knows whether one explains a lock.
	blind := b.of(collector.SourceUp, query.Like(collector.LabelSource, query.OneOf(string(snapshot.SourceTasks), string(snapshot.SourceLogs)))).Equals(0)
	return short.Or(lasting).
		Unless(on(ofGuest), b.of(collector.GuestRunning).Equals(1)).
		Unless(on(ofGuest), b.of(collector.GuestExempt)).
		Unless(on(ofGuest), b.of(collector.GuestInfo).And(on(ofNode), blind))
}

func (b *builder) guestLocked() Alert {
	limits := b.alerts.BackupGuestLocked
	return Alert{
		Name: "BackupGuestLocked", Settings: limits.Alert,
		When: "a guest is locked and no running backup explains it. Locks of clones, restores and migrations count after " + limits.LongFor.String() +
			"; a guest that was hibernated is locked on purpose. Once a backup failed by the lock, that is BackupJobFailed",
		expr:    b.each(ofGuest, b.unlessCaused(b.locked(), b.alerts.BackupJobFailed, on(ofGuest), b.failedBy(vzdump.ReasonGuestLocked))),
		summary: "This guest is locked, which keeps it from being backed up.",
		description: b.guest() + " is locked" + first(b.ask(collector.GuestLock, ofGuest), labelLock, " (", ")") +
			" and no running backup explains it. Its next backup will fail.",
	}
}
