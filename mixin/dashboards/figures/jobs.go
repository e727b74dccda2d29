package figures

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// missedJobs are the disabled jobs of clusters in which guests are uncovered because a job is disabled.
func (f Figures) missedJobs() Expr {
	disabled := f.cluster(collector.JobEnabled).equals(0).and(f.cluster(collector.JobGuests).above(0))
	uncovered := f.cluster(collector.GuestUncovered, query.Equal(collector.LabelReason, string(snapshot.UncoveredJobDisabled)))
	return disabled.maxBy(jobLabels...).andOn(clusterLabels, uncovered)
}

// excess are the pairs with archives that retention should have removed. While a backup runs there is one more for a moment.
func (f Figures) excess() Expr {
	return f.guest(collector.ArchivesExcess).above(0).unlessOn(guestLabels, f.running())
}

// Jobs says of each job whether it is enabled, with its settings as labels: the rows of the table of jobs.
func (f Figures) Jobs() Expr {
	settings := []string{collector.LabelStorage, LabelSchedule, LabelMode, collector.LabelNode}
	info := f.cluster(collector.JobInfo).maxBy(with(jobLabels, settings...)...).most(1, jobLabels...)
	return f.cluster(collector.JobEnabled).maxBy(jobLabels...).taking(jobLabels, info, settings...).join(LabelKey, "|", jobLabels...)
}

// JobGuests counts the guests that each job selects.
func (f Figures) JobGuests() Expr { return f.job(collector.JobGuests) }

// JobExclusive counts the guests that nothing but this job backs up.
func (f Figures) JobExclusive() Expr { return f.job(collector.JobExclusiveGuests) }

// JobMissing counts the ids that each job names and that no longer exist.
func (f Figures) JobMissing() Expr { return f.job(collector.JobMissingGuests) }

// JobFailed says whether each job's last run failed.
func (f Figures) JobFailed() Expr { return f.job(collector.JobLastRunFailed) }

// JobDuration is how long each job's last run took.
func (f Figures) JobDuration() Expr { return f.job(collector.JobLastRunDuration) }

// JobKeeps is how many archives a part of each job's retention rule keeps: keep-daily and so on.
func (f Figures) JobKeeps(part string) Expr {
	return f.job(collector.JobRetention, query.Equal(collector.LabelKeep, part))
}

func (f Figures) job(metric string, further ...query.Matcher) Expr {
	return f.cluster(metric, further...).keyed(jobLabels)
}

// JobLastRun is when each job last ran.
func (f Figures) JobLastRun() Expr { return f.cluster(collector.JobLastRun).date().keyed(jobLabels) }

// JobNextRun is when each job runs next.
func (f Figures) JobNextRun() Expr { return f.cluster(collector.JobNextRun).date().keyed(jobLabels) }

// JobExcess counts the archives on each job's storage that retention should have removed.
func (f Figures) JobExcess() Expr { return f.onStorageOfJob(f.guest(collector.ArchivesExcess)) }

// JobLost counts the archives on each job's storage that should be there and are not.
func (f Figures) JobLost() Expr {
	return f.onStorageOfJob(f.lacking().atLeast(0).and(f.guest(collector.TargetDue)))
}

// onStorageOfJob sums something of guests for the storage that each job writes to.
func (f Figures) onStorageOfJob(e Expr) Expr {
	jobs := f.cluster(collector.JobInfo).maxBy(with(jobLabels, collector.LabelStorage)...)
	return jobs.taking(storageLabels, e.maxBy(pairLabels...).sumBy(storageLabels...)).keyed(jobLabels)
}

func (f Figures) running() Expr { return f.guest(collector.GuestRunning).equals(1) }

// Running are the guests that are backed up just now: the rows of the table of running backups.
func (f Figures) Running() Expr {
	return f.names(f.running().maxBy(guestLabels...)).join(LabelKey, "|", guestLabels...)
}

// RunningSince is when the running backup of each guest began.
func (f Figures) RunningSince() Expr {
	return f.guest(collector.GuestRunningSince).date().keyed(guestLabels)
}

// RunningFor is for how long each guest is being backed up.
func (f Figures) RunningFor() Expr {
	return f.guest(collector.GuestRunningSince).age().keyed(guestLabels)
}

// RunningProgress is how much of each running backup is done, from 0 to 1.
func (f Figures) RunningProgress() Expr {
	return f.guest(collector.GuestRunningProgress).keyed(guestLabels)
}

// Tasks is for how long the oldest vzdump task of each node runs, or waits for another one to end.
func (f Figures) Tasks() Expr {
	return f.cluster(collector.NodeTaskRunningSince).age().maxBy(nodeLabels...)
}
