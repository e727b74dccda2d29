package derive

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
)

const (
	hour         = int64(time.Hour / time.Second)
	day          = 24 * hour
	unknownGrace = 48 * hour // after the last success, while the jobs cannot be read
)

// dueJob is what the due time of a pair needs to know of one enabled job that targets it.
type dueJob struct {
	id       string
	schedule string
	zone     *time.Location
}

// due works out when the next success of a pair must exist: the earliest over the jobs of
//
//	n + max(1 h, min(i, 24 h)) + d
//
// where n is the job's first run after r, the later of the start of the last success and the moment when the job's present schedule was
// first seen to select the pair; i is the distance to the run after n; and d is how long after its run's start the last scheduled success
// ended, at most i. So a daily job leaves the 48 hours that its users expect, a weekly one about eight days, an hourly one two hours.
func due(target *state.Target, jobs []dueJob, runs *Runs) (int64, bool) {
	earliest, found := int64(0), false
	for _, job := range jobs {
		moment, runsAgain := dueOf(target, job, runs)
		if runsAgain && (!found || moment < earliest) {
			earliest, found = moment, true
		}
	}
	return earliest, found
}

func dueOf(target *state.Target, job dueJob, runs *Runs) (int64, bool) {
	from := target.Marks[job.id].Since
	if target.Success != nil {
		from = max(from, target.Success.Start)
	}
	run, found := runs.Next(job.schedule, job.zone, from)
	if !found {
		return 0, false
	}
	interval := day
	if following, more := runs.Next(job.schedule, job.zone, run); more {
		interval = following - run
	}
	delay := min(target.Delays[job.id].Seconds, interval)
	return run + grace(interval) + delay, true
}

// grace is how long after its run's start a backup may end before it is missing.
func grace(interval int64) int64 { return max(hour, min(interval, day)) }

// dueExternal is the due time of a pair that something outside of Proxmox VE's jobs backs up in a declared interval.
func dueExternal(target *state.Target, firstSeen, interval int64) int64 {
	from := firstSeen
	if target.Success != nil {
		from = target.Success.Start
	}
	return from + interval + grace(interval)
}

// settleDue keeps a due time that has passed where only the job was edited since: an edit never excuses a missing backup. It remembers
// what it settled on.
func settleDue(target *state.Target, computed int64, known bool, now int64) (int64, bool) {
	basis := int64(0)
	if target.Success != nil {
		basis = target.Success.End
	}
	passed := target.Due != 0 && target.Due <= now && basis == target.DueBasis
	switch {
	case passed:
		return target.Due, known
	case known:
		target.Due, target.DueBasis = computed, basis
	default:
		// Nothing targets the pair any more and nothing was missing: it begins anew when something does.
		target.Due = 0
	}
	return computed, known
}

// markJobs remembers since when each job has targeted a pair with its present schedule. At the baseline, the first look at the cluster,
// jobs count as old where the pair has a success to begin from; else they begin now.
func markJobs(target *state.Target, jobs []dueJob, now int64, baseline bool) {
	marks := make(map[string]state.Mark, len(jobs))
	for _, job := range jobs {
		mark, known := target.Marks[job.id]
		if !known || mark.Schedule != job.schedule {
			mark = state.Mark{Schedule: job.schedule, Since: now}
			if baseline && target.Success != nil {
				mark.Since = 0
			}
		}
		marks[job.id] = mark
	}
	target.Marks = marks
}
