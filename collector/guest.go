package collector

import (
	"fmt"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

// Names of the guest series.
const (
	GuestInfo            = Prefix + "guest_info"
	GuestCovered         = Prefix + "guest_covered"
	GuestUncovered       = Prefix + "guest_uncovered"
	GuestExempt          = Prefix + "guest_exempt"
	GuestExemptUntil     = Prefix + "guest_exempt_until_timestamp_seconds"
	GuestRunning         = Prefix + "guest_running"
	GuestRunningSince    = Prefix + "guest_running_since_timestamp_seconds"
	GuestRunningProgress = Prefix + "guest_running_progress_ratio"
	GuestLock            = Prefix + "guest_lock"
	GuestExcludedDisks   = Prefix + "guest_excluded_disks"
	GuestBindMounts      = Prefix + "guest_bind_mounts"
)

func guestsIntro() string {
	return fmt.Sprintf("One series per guest, at most %d for one. `id` is `qemu/100` or `lxc/101`; all else that is known of a guest is on `%s`, to be "+
		"joined by `cluster`, `environment` and `id`. A guest of a node that is down keeps its series with the last known facts; a deleted guest "+
		"loses them once a complete listing of the cluster lacks it.", len(guests.families), GuestInfo)
}

var guests = group[snapshot.Guest]{
	labels:   []string{LabelEnvironment, LabelID},
	identity: func(g *snapshot.Guest) []string { return []string{g.Environment, g.ID} },
	families: []family[snapshot.Guest]{
		{
			name:    GuestInfo,
			meaning: "1 for every guest, with what else is known of it as labels.",
			origin:  "GET /cluster/resources",
			value:   one[snapshot.Guest],
			further: []string{"vmid", "name", "type", LabelNode, "pool", "template"},
			furtherValues: func(g *snapshot.Guest) []string {
				return []string{strconv.Itoa(g.VMID), g.Name, g.Type, g.Node, g.Pool, boolLabel(g.Template)}
			},
		},
		{
			name: GuestCovered,
			meaning: "1 when an enabled job with a future run and a usable storage selects the guest, or the declared file names a backup from outside, " +
				"else 0; absent while the jobs cannot be read.",
			origin: "GET /cluster/backup and /cluster/resources, and the declared file's external_backups list",
			value:  func(g *snapshot.Guest) (float64, bool) { return answer(g.Covered) },
		},
		{
			name: GuestUncovered,
			meaning: "1 while no job covers the guest and it is not exempt. The reason is one of no_job, other_node, job_disabled, never_runs, " +
				"storage_unusable.",
			origin:        "GET /cluster/backup, /cluster/resources and /storage",
			value:         func(g *snapshot.Guest) (float64, bool) { return while(uncovered(g)) },
			further:       []string{LabelReason},
			furtherValues: func(g *snapshot.Guest) []string { return []string{string(g.Uncovered)} },
		},
		{
			name:          GuestExempt,
			meaning:       "1 while the guest is left without backups on purpose. The note is the declared file's, or template. It has no due time.",
			origin:        "the declared file's exempt list, or the template mark in GET /cluster/resources",
			value:         func(g *snapshot.Guest) (float64, bool) { return while(g.Exempt) },
			further:       []string{"note"},
			furtherValues: func(g *snapshot.Guest) []string { return []string{g.Note} },
		},
		{
			name:    GuestExemptUntil,
			meaning: "When the guest's exemption ends, or ended, in Unix seconds; absent without an end.",
			origin:  "the declared file's exempt list",
			value:   func(g *snapshot.Guest) (float64, bool) { return number(g.ExemptUntil) },
		},
		{
			name:    GuestRunning,
			meaning: "1 while a vzdump task backs the guest up, else 0.",
			origin:  "GET /cluster/tasks and the task's log",
			value:   func(g *snapshot.Guest) (float64, bool) { return yesNo(g.Running) },
		},
		{
			name:    GuestRunningSince,
			meaning: "When the running backup of the guest began, in Unix seconds.",
			origin:  `the log line "Starting Backup of VM"`,
			value:   whileRunning(func(g *snapshot.Guest) (float64, bool) { return number(g.RunningSince) }),
		},
		{
			name:    GuestRunningProgress,
			meaning: "How much of the running backup is done, from 0 to 1; absent where the log shows no progress, as for containers.",
			origin:  "the progress lines of the running task's log",
			value:   whileRunning(func(g *snapshot.Guest) (float64, bool) { return number(g.RunningProgress) }),
		},
		{
			name:          GuestLock,
			meaning:       "1 while the guest is locked, with the kind of lock: backup, snapshot, migrate and so on.",
			origin:        "GET /cluster/resources",
			value:         func(g *snapshot.Guest) (float64, bool) { return while(g.Lock != "") },
			further:       []string{"lock"},
			furtherValues: func(g *snapshot.Guest) []string { return []string{g.Lock} },
		},
		{
			name:    GuestExcludedDisks,
			meaning: "Number of the guest's volumes that are flagged out of its backups.",
			origin:  "GET /cluster/backup/{id}/included_volumes",
			value:   func(g *snapshot.Guest) (float64, bool) { return number(g.ExcludedDisks) },
		},
		{
			name:    GuestBindMounts,
			meaning: "Number of the guest's bind and device mounts, which no vzdump can contain.",
			origin:  "GET /cluster/backup/{id}/included_volumes, or the last log",
			value:   func(g *snapshot.Guest) (float64, bool) { return number(g.BindMounts) },
		},
	},
}

func uncovered(g *snapshot.Guest) bool {
	return g.Uncovered != "" && !g.Exempt && !g.Covered.Or(true)
}

func whileRunning(value func(*snapshot.Guest) (float64, bool)) func(*snapshot.Guest) (float64, bool) {
	return func(g *snapshot.Guest) (float64, bool) {
		if !g.Running {
			return 0, false
		}
		return value(g)
	}
}
