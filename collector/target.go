package collector

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Names of the target series that tell of backups.
const (
	TargetLastSuccess       = Prefix + "guest_last_success_timestamp_seconds"
	TargetLastAttempt       = Prefix + "guest_last_attempt_timestamp_seconds"
	TargetLastAttemptFailed = Prefix + "guest_last_attempt_failed"
	TargetLastFailureReason = Prefix + "guest_last_failure_reason"
	TargetDue               = Prefix + "guest_due_timestamp_seconds"
	TargetObserved          = Prefix + "guest_observed_timestamp_seconds"
	TargetLastDuration      = Prefix + "guest_last_duration_seconds"
	TargetLastArchiveBytes  = Prefix + "guest_last_archive_bytes"
	TargetLastTransferred   = Prefix + "guest_last_transferred_bytes"
	TargetLastDowntime      = Prefix + "guest_last_downtime_seconds"
	TargetAttempts          = Prefix + "guest_attempts_total"
	TargetFailures          = Prefix + "guest_failures_total"
)

// targetsIntro explains the pairs and lists the reasons, which a HELP line has no room for.
func targetsIntro() string {
	reasons := make([]string, 0, len(vzdump.AllReasons()))
	for _, reason := range vzdump.AllReasons() {
		reasons = append(reasons, "`"+string(reason)+"`")
	}
	return fmt.Sprintf("One series per guest and storage, at most %d for one, because a guest may have a nightly local and a weekly off-site backup. "+
		"A pair exists while a job targets it or an archive of the guest lies there. A backup is missing when `%s < %s`: comparing with `time()` "+
		"would call backups missing while nobody could look.\n\nThe reasons of a failure are %s.",
		len(targets.families), TargetDue, TargetObserved, strings.Join(reasons, ", "))
}

var targets = group[snapshot.Target]{
	labels:   []string{LabelEnvironment, LabelID, LabelStorage},
	identity: func(t *snapshot.Target) []string { return []string{t.Environment, t.Guest, t.Storage} },
	families: slices.Concat(resultFamilies, archiveFamilies),
}

var resultFamilies = []family[snapshot.Target]{
	{
		name:    TargetLastSuccess,
		meaning: "End of the newest good backup, in Unix seconds. It does not go back when its archive is pruned.",
		origin:  "the task log, or an archive that proves it",
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.LastSuccess) },
	},
	{
		name:    TargetLastAttempt,
		meaning: "End of the newest backup, good or failed, in Unix seconds.",
		origin:  "the task list and the task log",
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.LastAttempt) },
	},
	{
		name:    TargetLastAttemptFailed,
		meaning: "1 when the newest backup failed, else 0; absent before the first.",
		origin:  "the task log",
		value:   afterAttempt(func(t *snapshot.Target) (float64, bool) { return yesNo(t.LastAttemptFailed) }),
	},
	{
		name:    TargetLastFailureReason,
		meaning: "1 while the newest backup failed, with the nearest cause that the log names, from a closed list.",
		origin:  "the task log",
		value:   afterAttempt(func(t *snapshot.Target) (float64, bool) { return while(t.LastAttemptFailed) }),
		further: []string{LabelReason},
		furtherValues: func(t *snapshot.Target) []string {
			return []string{string(cmp.Or(t.FailureReason, vzdump.ReasonUnknown))}
		},
	},
	{
		name: TargetDue,
		meaning: "When the next success must exist, in Unix seconds: the job's next run after the last success, plus the usual duration and a " +
			"margin. Absent for exempt and uncovered guests.",
		origin: "GET /cluster/backup and /cluster/jobs/schedule-analyze",
		value:  func(t *snapshot.Target) (float64, bool) { return number(t.Due) },
	},
	{
		name:    TargetObserved,
		meaning: "As of when the result of this guest on this storage is known, in Unix seconds.",
		origin:  "the time of the last reading that could have shown a new backup",
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.Observed) },
	},
	{
		name:    TargetLastDuration,
		meaning: "How long the last good backup took, in seconds.",
		origin:  `the log line "Finished Backup of VM"`,
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.Duration) },
	},
	{
		name:    TargetLastArchiveBytes,
		meaning: "Stored size of the last good backup, in bytes; absent on Proxmox Backup Server.",
		origin:  `the log line "archive file size", or the archive listing`,
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.ArchiveBytes) },
	},
	{
		name:    TargetLastTransferred,
		meaning: "Data that the last good backup transferred, in bytes.",
		origin:  `the log line "transferred"`,
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.TransferredBytes) },
	},
	{
		name:    TargetLastDowntime,
		meaning: "How long the guest was stopped or suspended for its last good backup, in seconds.",
		origin:  `the log line "guest is online again after"`,
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.DowntimeSeconds) },
	},
	{
		name: TargetAttempts, kind: Counter,
		meaning: "Backups that finished since the guest was first seen, good or failed. History found at the first start does not count.",
		origin:  "the task list and the task log",
		value:   func(t *snapshot.Target) (float64, bool) { return float64(t.Attempts), true },
	},
	{
		name: TargetFailures, kind: Counter,
		meaning: "Backups that failed since the guest was first seen. History found at the first start does not count.",
		origin:  "the task list and the task log",
		value:   func(t *snapshot.Target) (float64, bool) { return float64(t.Failures), true },
	},
}

func afterAttempt(value func(*snapshot.Target) (float64, bool)) func(*snapshot.Target) (float64, bool) {
	return func(t *snapshot.Target) (float64, bool) {
		if !t.LastAttempt.Known() {
			return 0, false
		}
		return value(t)
	}
}
