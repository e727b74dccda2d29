package problems

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// aboutGuests are the cases in which guests and their backups are at fault.
var aboutGuests = []example{
	{
		"a backup that could not be restored for a trial, and trials that are overdue",
		func(c *snapshot.Cluster) {
			c.Drills = []snapshot.Drill{
				{Guest: c.Guests[db].ID, LastRun: ago(3 * hour), Failed: true, Proof: "agent", Stage: "prove", Reason: "the guest agent did not answer within 10m", Due: ago(hour)},
				{Guest: c.Guests[0].ID, LastRun: ago(3 * hour), LastSuccess: ago(3 * hour), Due: ago(-hour)},
				{Guest: c.Guests[db+1].ID, Due: ago(hour)},
				{Guest: "lxc/777", Failed: true}, // gone
			}
		},
		[]string{
			"critical drill_failed: The backup of VM 104 'db' (prod) could not be restored for a trial 3 h ago: the guest agent did not answer within 10m",
			"warning drill_missing: Nobody has tried for longer than declared whether VM 105 (prod) of cluster home can be restored",
		},
	},
	{
		"a failed backup",
		func(c *snapshot.Cluster) {
			fail(&c.Targets[db], vzdump.ReasonStorageFull)
			c.Targets[db].Due, c.Targets[db].LastSuccess = ago(hour), snapshot.Seconds{} // overdue as well: one line
		},
		[]string{
			"critical backup_failed: VM 104 'db' (prod): the last backup to nas failed 3 h ago, no good one is known: " +
				"the target, or the directory for temporary files, has no space left (storage_full)",
		},
	},
	{
		"guests that fail for one cause, and the storage is not known",
		func(c *snapshot.Cluster) {
			for i := range c.Targets {
				fail(&c.Targets[i], vzdump.ReasonNetwork)
				c.Targets[i].Storage = ""
			}
		},
		[]string{"critical backup_failed: The last backups of 3 guests failed: the connection to the target failed (network): VM 104 'db' (prod), VM 105 (prod) and CT 1000 'mail'"},
	},
	{
		"a lock that fails a backup is told once",
		func(c *snapshot.Cluster) {
			fail(&c.Targets[db], vzdump.ReasonGuestLocked)
			c.Guests[db].Lock = "snapshot"
		},
		[]string{
			"critical backup_failed: VM 104 'db' (prod): the last backup to nas failed 3 h ago, the last good one is 20 h old: " +
				"the guest is locked by another operation, or by one that was cut short (guest_locked): lock 'snapshot'",
		},
	},
	{
		"missing: due, and looked for since",
		func(c *snapshot.Cluster) {
			c.Targets[db].Due, c.Targets[db].LastSuccess = ago(2*hour), ago(50*hour)
			c.Guests[db].Running = true
		},
		[]string{"warning backup_missing: VM 104 'db' (prod): no fresh backup on nas; one was due 2 h ago, the last good one is 2 d 2 h old, one runs now"},
	},
	{
		"due, but not looked for since: nothing is missing",
		func(c *snapshot.Cluster) { c.Targets[db].Due, c.Targets[db].Observed = ago(2*hour), ago(3*hour) },
		nil,
	},
	{
		"several are missing on one storage",
		func(c *snapshot.Cluster) { c.Targets[db].Due, c.Targets[mail].Due = ago(2*hour), ago(2*hour) },
		[]string{"warning backup_missing: 2 guests have no fresh backup on nas: VM 104 'db' (prod) and CT 1000 'mail'"},
	},
	{
		"never backed up, and not due yet",
		func(c *snapshot.Cluster) {
			c.Targets[db].LastSuccess, c.Targets[db].LastAttempt = snapshot.Seconds{}, snapshot.Seconds{}
		},
		[]string{"info backup_awaited: VM 104 'db' (prod): no backup on nas yet; the first must exist in 28 h"},
	},
	{
		"never backed up, and overdue",
		func(c *snapshot.Cluster) {
			c.Targets[db].LastSuccess, c.Targets[db].Due = snapshot.Seconds{}, ago(2*hour)
		},
		[]string{"warning backup_missing: VM 104 'db' (prod): no fresh backup on nas; one was due 2 h ago, no good one is known"},
	},
	{
		"archives are gone",
		func(c *snapshot.Cluster) {
			c.Targets[db].Archives = optional.Some(snapshot.Archives{Count: 5, Protected: 1})
		},
		[]string{"critical archives_lost: VM 104 'db' (prod): 3 of 7 archives that should be there on nas are gone"},
	},
	{
		"archives of several guests are gone",
		func(c *snapshot.Cluster) {
			c.Targets[db].Archives, c.Targets[mail].Archives = optional.Some(snapshot.Archives{}), optional.Some(snapshot.Archives{Count: 6})
		},
		[]string{"critical archives_lost: 8 archives of 2 guests on nas are gone, although schedule and retention would have kept them: VM 104 'db' (prod) and CT 1000 'mail'"},
	},
	{
		"archives were not listed: none is gone",
		func(c *snapshot.Cluster) { c.Targets[db].Archives = optional.Value[snapshot.Archives]{} },
		nil,
	},
	{
		"retention is exceeded, but not where a backup runs or the prune is known to have failed",
		func(c *snapshot.Cluster) {
			for i := range c.Targets {
				c.Targets[i].Excess = optional.Some(2)
			}
			c.Guests[mail].Running = true
			fail(&c.Targets[nameless], vzdump.ReasonPruneFailed)
		},
		[]string{
			"critical backup_failed: VM 105 (prod): the last backup to nas failed 3 h ago, the last good one is 20 h old: " +
				"older backups could not be removed; the new archive is complete (prune_failed)",
			"warning retention_exceeded: VM 104 'db' (prod): 2 archives on nas should have been removed by the retention rule, and stay",
		},
	},
	{
		"verification failed",
		func(c *snapshot.Cluster) {
			c.Targets[db].Archives = optional.Some(snapshot.Archives{Count: 7, Details: optional.Some(snapshot.ArchiveDetails{VerifyFailed: 2})})
		},
		[]string{"critical verification_failed: VM 104 'db' (prod): the verification of 2 archives on nas failed"},
	},
	{
		"uncovered guests by reason",
		func(c *snapshot.Cluster) {
			uncover(&c.Guests[mail], snapshot.UncoveredNoJob)
			uncover(&c.Guests[nameless], snapshot.UncoveredNoJob)
			uncover(&c.Guests[db], snapshot.UncoveredNeverRuns)
			c.Jobs = append(c.Jobs, snapshot.Job{ID: "once", Enabled: true, Schedule: "2020-01-01", Guests: 1})
			c.Targets = nil
		},
		[]string{
			"warning guest_uncovered: 2 guests are in no backup job: VM 105 (prod) and CT 1000 'mail'",
			"warning guest_uncovered: VM 104 'db' (prod) is selected only by jobs whose schedule has no further run (once)",
		},
	},
	{
		"other reasons",
		func(c *snapshot.Cluster) {
			uncover(&c.Guests[mail], snapshot.UncoveredOtherNode)
			uncover(&c.Guests[db], snapshot.UncoveredStorageUnusable)
		},
		[]string{
			"warning guest_uncovered: CT 1000 'mail' is selected only by jobs that are pinned to another node",
			"warning guest_uncovered: VM 104 'db' (prod) is selected only by jobs whose storage is missing, disabled, not for backups, or not on the guest's node",
		},
	},
	{
		"a storage that cannot be used, and the failure that comes of it: one line",
		func(c *snapshot.Cluster) {
			uncover(&c.Guests[db], snapshot.UncoveredStorageUnusable)
			fail(&c.Targets[db], vzdump.ReasonStorageUnavailable)
		},
		[]string{
			"critical backup_failed: VM 104 'db' (prod): the last backup to nas failed 3 h ago, the last good one is 20 h old: " +
				"a storage that the backup needs is missing, disabled, offline or not mounted (storage_unavailable)",
		},
	},
	{
		"a disabled job is one line with the number of guests",
		func(c *snapshot.Cluster) {
			c.Jobs[0].Enabled = false
			for i := range c.Guests {
				uncover(&c.Guests[i], snapshot.UncoveredJobDisabled)
			}
		},
		[]string{"warning job_disabled: Job nightly is disabled and leaves 3 guests without any cover: VM 104 'db' (prod), VM 105 (prod) and CT 1000 'mail'"},
	},
	{
		"several disabled jobs",
		func(c *snapshot.Cluster) {
			c.Jobs[0].Enabled = false
			c.Jobs = append(c.Jobs, snapshot.Job{ID: "weekly", Guests: 1}, snapshot.Job{ID: "empty"})
			uncover(&c.Guests[db], snapshot.UncoveredJobDisabled)
		},
		[]string{"warning job_disabled: Disabled jobs leave VM 104 'db' (prod) without any cover (nightly and weekly)"},
	},
	{
		"jobs that cannot be read make nobody uncovered",
		func(c *snapshot.Cluster) {
			for i := range c.Guests {
				c.Guests[i].Covered = optional.Value[bool]{}
			}
		},
		nil,
	},
	{
		"a job that names guests that are gone",
		func(c *snapshot.Cluster) { c.Jobs[0].MissingGuests = 1 },
		[]string{"info job_names_missing: Job nightly names 1 guest that no longer exists"},
	},
	{
		"excluded volumes",
		func(c *snapshot.Cluster) {
			c.Guests[db].ExcludedDisks, c.Guests[mail].ExcludedDisks = optional.Some(1), optional.Some(2)
		},
		[]string{"info guest_partly_covered: 2 guests have volumes that are left out of their backups: VM 104 'db' (prod) and CT 1000 'mail'"},
	},
	{
		"locks without a task",
		func(c *snapshot.Cluster) { c.Guests[db].Lock, c.Guests[mail].Lock = "backup", "migrate" },
		[]string{
			"warning guest_locked: VM 104 'db' (prod) is locked ('backup'), although no backup runs: further ones fail",
			"info guest_locked: CT 1000 'mail' is locked ('migrate'), and backups fail while that lasts",
		},
	},
	{
		"locks that a running task explains",
		func(c *snapshot.Cluster) {
			c.Guests[db].Lock, c.Nodes[0].TaskRunningSince = "backup", ago(60)
			c.Guests[mail].Lock, c.Guests[mail].Running = "backup", true
		},
		nil,
	},
	{
		"an expired exemption is one line, although nobody backs the guest up",
		func(c *snapshot.Cluster) {
			uncover(&c.Guests[db], snapshot.UncoveredNoJob)
			c.Guests[db].ExemptUntil = ago(3 * day)
			c.Guests[mail].ExemptUntil = ago(day)
		},
		[]string{
			"warning exemption_expired: VM 104 'db' (prod): its exemption ended 3 d ago, and no job backs it up",
			"warning exemption_expired: CT 1000 'mail': its exemption ended 24 h ago",
		},
	},
	{
		"an exempt guest makes no line",
		func(c *snapshot.Cluster) {
			g, t := &c.Guests[db], &c.Targets[db]
			uncover(g, snapshot.UncoveredNoJob)
			g.Exempt, g.Note, g.ExemptUntil, g.Lock, g.ExcludedDisks = true, "scratch", in(day), "backup", optional.Some(3)
			fail(t, vzdump.ReasonIOError)
			t.Due, t.Archives, t.Excess = ago(hour), optional.Some(snapshot.Archives{}), optional.Some(4)
		},
		nil,
	},
}
