package rules

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// jobs is the family of how jobs are set up.
func (b *builder) jobs() Family {
	return Family{Name: "jobs", Title: "Jobs", Alerts: []Alert{b.jobDisabled(), b.jobNamesMissing()}}
}

func (b *builder) jobDisabled() Alert {
	guests := b.each(ofGuest, b.of(collector.GuestUncovered, query.Equal(collector.LabelReason, string(snapshot.UncoveredJobDisabled))))
	return Alert{
		Name: "BackupJobDisabled", Settings: b.alerts.BackupJobDisabled,
		When:    "guests are backed up by no job because the jobs that select them are disabled: one alert for each environment, whatever the number of guests",
		expr:    query.By("count", guests, ofEnvironment...),
		summary: "A disabled job leaves guests without backups.",
		description: "{{ $value }} guests " + inEnvironment + " have no backups because their job is disabled. Disabled jobs of the cluster: " +
			list(b.askGroup(collector.JobEnabled, ofCluster, collector.LabelJob, 0), collector.LabelJob, labelOf(collector.LabelJob)) + ".",
	}
}

func (b *builder) jobNamesMissing() Alert {
	missing := b.aggregate("max", []string{collector.LabelCluster, collector.LabelJob}, b.of(collector.JobMissingGuests).Above(0))
	return Alert{
		Name: "BackupJobNamesMissingGuests", Settings: b.alerts.BackupJobNamesMissingGuests,
		When:    "jobs name guests that no longer exist",
		expr:    query.By("sum", missing, ofCluster...),
		summary: "Backup jobs name guests that no longer exist.",
		description: inCluster + ": {{ $value }} guest ids in backup jobs belong to no guest. Jobs: " +
			list(b.askFor(collector.JobMissingGuests, ofCluster, func(e query.Expr) query.Expr {
				return query.By("max", e.Above(0), collector.LabelJob)
			}), collector.LabelJob, labelOf(collector.LabelJob)+" ({{ .Value }})") + ".",
	}
}
