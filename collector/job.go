package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// LabelKeep names one part of a retention rule: keep-last, keep-daily and so on.
const LabelKeep = "keep"

// Names of the job series.
const (
	JobInfo            = Prefix + "job_info"
	JobEnabled         = Prefix + "job_enabled"
	JobGuests          = Prefix + "job_guests"
	JobExclusiveGuests = Prefix + "job_exclusive_guests"
	JobMissingGuests   = Prefix + "job_missing_guests"
	JobNextRun         = Prefix + "job_next_run_timestamp_seconds"
	JobLastRun         = Prefix + "job_last_run_timestamp_seconds"
	JobLastRunFailed   = Prefix + "job_last_run_failed"
	JobLastRunDuration = Prefix + "job_last_run_duration_seconds"
	JobRetention       = Prefix + "job_retention"
)

const (
	jobsIntro = "One series per vzdump job of the cluster's schedule. The label is `" + LabelJob + "`, because `job` is Prometheus's own. A run " +
		"is the tasks of all nodes that one tick of the schedule started."
	jobList = "GET /cluster/backup"
	jobRuns = "the task list, matched to the job by command line and start"
)

var jobs = group[snapshot.Job]{
	labels:   []string{LabelJob},
	identity: func(j *snapshot.Job) []string { return []string{j.ID} },
	families: []family[snapshot.Job]{
		{
			name:    JobInfo,
			meaning: "1 for every job, with its settings as labels. The node is empty unless the job is pinned to one.",
			origin:  jobList,
			value:   one[snapshot.Job],
			further: []string{LabelStorage, "schedule", "mode", "compress", LabelNode},
			furtherValues: func(j *snapshot.Job) []string {
				return []string{j.Storage, j.Schedule, j.Mode, j.Compress, j.Node}
			},
		},
		{
			name:    JobEnabled,
			meaning: "1 when the job is enabled, else 0.",
			origin:  jobList,
			value:   func(j *snapshot.Job) (float64, bool) { return yesNo(j.Enabled) },
		},
		{
			name:    JobGuests,
			meaning: "Number of existing guests that the job selects.",
			origin:  "GET /cluster/backup and /cluster/resources",
			value:   func(j *snapshot.Job) (float64, bool) { return float64(j.Guests), true },
		},
		{
			name:    JobExclusiveGuests,
			meaning: "Number of guests that the job selects and no other enabled job covers.",
			origin:  "GET /cluster/backup and /cluster/resources",
			value:   func(j *snapshot.Job) (float64, bool) { return float64(j.Exclusive), true },
		},
		{
			name:    JobMissingGuests,
			meaning: "Number of guest ids that the job names and that no longer exist.",
			origin:  "GET /cluster/backup and /cluster/resources",
			value:   func(j *snapshot.Job) (float64, bool) { return float64(j.MissingGuests), true },
		},
		{
			name:    JobNextRun,
			meaning: "When the job runs next, in Unix seconds; absent when it never does.",
			origin:  jobList,
			value:   func(j *snapshot.Job) (float64, bool) { return number(j.NextRun) },
		},
		{
			name:    JobLastRun,
			meaning: "Start of the job's last run, in Unix seconds.",
			origin:  jobRuns,
			value:   func(j *snapshot.Job) (float64, bool) { return number(j.LastRun) },
		},
		{
			name:    JobLastRunFailed,
			meaning: "1 when a task of the job's last run failed, else 0; warnings are no failure.",
			origin:  jobRuns,
			value:   func(j *snapshot.Job) (float64, bool) { return answer(j.LastRunFailed) },
		},
		{
			name:    JobLastRunDuration,
			meaning: "Time from the start of the first to the end of the last task of the job's last run, in seconds.",
			origin:  jobRuns,
			value:   func(j *snapshot.Job) (float64, bool) { return number(j.LastRunDuration) },
		},
	},
}

// keep is one part of one job's retention rule.
type keep struct {
	job string
	snapshot.Keep
}

var retention = group[keep]{
	labels:   []string{LabelJob, LabelKeep},
	identity: func(k *keep) []string { return []string{k.job, k.Keep.Keep} },
	families: []family[keep]{
		{
			name:    JobRetention,
			meaning: "How many archives this part of the retention rule in effect for the job keeps: keep-last, keep-daily and so on.",
			origin:  "GET /cluster/backup, else /storage, else /nodes/{node}/vzdump/defaults",
			value:   func(k *keep) (float64, bool) { return float64(k.Count), true },
		},
	},
}

func keeps(jobs []snapshot.Job) []keep {
	var all []keep
	for _, job := range jobs {
		for _, part := range job.Retention {
			all = append(all, keep{job.ID, part})
		}
	}
	return all
}
