package derive

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// jobSnapshots describes the jobs, with how many guests depend on each.
func jobSnapshots(memory *state.Cluster, w *World, selectors []selector, covers map[string]cover, runs *Runs) []snapshot.Job {
	result := make([]snapshot.Job, 0, len(selectors))
	for _, one := range selectors {
		job := one.job
		described := snapshot.Job{
			ID: job.ID, Storage: job.Storage, Schedule: job.Schedule, Mode: job.Mode, Compress: job.Compress, Node: job.Node,
			Enabled:       job.Enabled,
			MissingGuests: missingGuests(memory, job),
			NextRun:       nextRun(w, job, runs),
			Retention:     keeps(w.retentionOf(job, w.storageOf(job, job.Node), job.Node)),
		}
		for id, guest := range memory.Guests {
			if !one.names(guest) || !one.reaches(guest) {
				continue
			}
			described.Guests++
			if each := covers[id]; !each.coveredByOthers(job) {
				described.Exclusive++ // of a disabled job: what its return would mend
			}
		}
		if remembered := memory.Jobs[job.ID]; remembered != nil {
			describeRun(&described, remembered)
		}
		result = append(result, described)
	}
	return result
}

// coveredByOthers reports whether an enabled job besides this one backs the guest up.
func (c *cover) coveredByOthers(job *pve.Job) bool {
	for _, jobs := range c.jobs {
		if slices.ContainsFunc(jobs, func(other *pve.Job) bool { return other.ID != job.ID }) {
			return true
		}
	}
	return false
}

// missingGuests counts the ids that a job names and that no longer exist. Nothing is missing before a complete listing proved it.
func missingGuests(memory *state.Cluster, job *pve.Job) int {
	if memory.LastComplete == 0 || job.All || job.Pool != "" {
		return 0
	}
	missing := 0
	for _, vmid := range job.VMIDs {
		if guestID(memory, "", vmid) == "" {
			missing++
		}
	}
	return missing
}

// nextRun returns when a job runs next. The cluster states it for a disabled job too, which runs never.
func nextRun(w *World, job *pve.Job, runs *Runs) snapshot.Seconds {
	if !job.Enabled {
		return snapshot.Seconds{}
	}
	if job.NextRun > 0 {
		return optional.Some(job.NextRun)
	}
	if run, found := runs.Next(job.Schedule, w.zone(job.Node), w.Now); found {
		return optional.Some(run)
	}
	return snapshot.Seconds{}
}

// describeRun adds the newest run whose tasks all ended. A run that goes on counts once it has a result.
func describeRun(job *snapshot.Job, remembered *state.Job) {
	if len(remembered.Runs) == 0 {
		return
	}
	run := remembered.Runs[len(remembered.Runs)-1]
	start, end, failed := int64(0), int64(0), false
	for _, task := range run.Tasks {
		if start == 0 || task.Start < start {
			start = task.Start
		}
		end = max(end, task.End)
		failed = failed || task.Failed
	}
	job.LastRun = optional.Some(start)
	job.LastRunFailed = optional.Some(failed)
	job.LastRunDuration = optional.Some(max(0, end-start))
}

// keeps cuts a canonical retention rule such as "keep-daily=7,keep-weekly=4" into its parts.
func keeps(rule string) []snapshot.Keep {
	var result []snapshot.Keep
	for _, part := range strings.Split(rule, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		count, err := strconv.Atoi(strings.TrimSpace(value))
		if found && err == nil {
			result = append(result, snapshot.Keep{Keep: strings.TrimSpace(name), Count: count})
		}
	}
	slices.SortFunc(result, func(a, b snapshot.Keep) int { return strings.Compare(a.Keep, b.Keep) })
	return result
}
