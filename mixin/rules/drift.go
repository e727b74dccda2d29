package rules

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// declared is the family of whether the cluster is as the declared file says.
func (b *builder) declared() Family {
	return Family{Name: "declared", Title: "The declared file", Alerts: []Alert{b.configDrift()}}
}

// configDrift is one alert for each cluster, since one run of provisioning mends it all. It is held back for jobs and for volumes of which
// other alerts tell already: as many as those could be. Buckets of object stores have alerts of their own, each for what can be wrong with one.
func (b *builder) configDrift() Alert {
	job, disk, bucket := string(snapshot.DriftJob), string(snapshot.DriftGuestDisk), string(snapshot.DriftBucket)
	jobs, disks := b.of(collector.Drift, query.Equal(collector.LabelKind, job)), b.of(collector.Drift, query.Equal(collector.LabelKind, disk))
	others := b.unlessCaused(jobs.Above(0), b.alerts.BackupJobDisabled, on(ofCluster), jobs.Is("<=", on(ofCluster), b.disabledJobs()))
	others = b.unlessCaused(others, b.alerts.BackupGuestUncovered, on(ofCluster), jobs.Is("<=", on(ofCluster), b.missedGuests()))
	drifted := b.of(collector.Drift, query.Unlike(collector.LabelKind, query.OneOf(job, disk, bucket))).Above(0).
		Or(others).
		Or(b.unlessCaused(disks.Above(0), b.alerts.BackupGuestPartlyExcluded, on(ofCluster), disks.Is("<=", on(ofCluster), b.excludedVolumes())))
	return Alert{
		Name: "BackupConfigDrift", Settings: b.alerts.BackupConfigDrift,
		When: "jobs, storages or volumes of guests have not been as the declared file says for longer than two slow cycles. Not for jobs whose guests are told to be " +
			"without backups for it (BackupJobDisabled, BackupGuestUncovered), nor for volumes flagged out of the backups of a guest (BackupGuestPartlyExcluded)",
		expr:    query.By("sum", b.aggregate("max", []string{collector.LabelCluster, collector.LabelKind}, drifted), ofCluster...),
		summary: "The cluster is not as the declared file says.",
		description: inCluster + ": {{ $value }} objects are not as the declared file says. By kind: " +
			list(b.askFor(collector.Drift, ofCluster, func(e query.Expr) query.Expr {
				return query.By("max", e.Above(0), collector.LabelKind)
			}), collector.LabelKind, labelOf(collector.LabelKind)+" {{ .Value }}") +
			". The command `pve-backup-exporter provision --dry-run` shows what would be changed, and the exporter's own page lists what differs.",
	}
}

// disabledJobs counts the jobs of each cluster that are disabled, where guests are without backups because of it.
func (b *builder) disabledJobs() query.Expr {
	uncovered := b.of(collector.GuestUncovered, query.Equal(collector.LabelReason, string(snapshot.UncoveredJobDisabled)))
	return query.By("count", b.of(collector.JobEnabled).Equals(0).And(on(ofCluster), uncovered), within(ofCluster)...)
}

// missedGuests counts the guests of each cluster that belong to an environment of the declared file and that no job backs up: a job is
// missing, or is not as declared.
func (b *builder) missedGuests() query.Expr {
	uncovered := b.of(collector.GuestUncovered, query.NotEqual(collector.LabelReason, string(snapshot.UncoveredJobDisabled)),
		query.NotEqual(collector.LabelEnvironment, snapshot.Unassigned))
	return query.By("count", uncovered, within(ofCluster)...)
}

// excludedVolumes counts the volumes of each cluster that BackupGuestPartlyExcluded tells of.
func (b *builder) excludedVolumes() query.Expr {
	return query.By("sum", b.partlyExcluded(), within(ofCluster)...)
}
