package snapshot

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Unassigned is the environment of a guest that no environment of the declared file selects.
const Unassigned = "unassigned"

// UncoveredReason says why no job backs a guest up.
type UncoveredReason string

// The closed list of reasons, in the order in which the nearest one is chosen: the last that applies.
const (
	UncoveredNoJob           UncoveredReason = "no_job"           // no job names the guest
	UncoveredOtherNode       UncoveredReason = "other_node"       // the jobs that name it are pinned to other nodes
	UncoveredJobDisabled     UncoveredReason = "job_disabled"     // the jobs that select it are disabled
	UncoveredNeverRuns       UncoveredReason = "never_runs"       // their schedules have no future run
	UncoveredStorageUnusable UncoveredReason = "storage_unusable" // their storages are missing, disabled, without backup content or not on its node
)

// Guest is one virtual machine or container.
type Guest struct {
	ID          string // qemu/100, lxc/101
	Environment string
	VMID        int
	Name        string
	Type        string // qemu, lxc
	Node        string
	Pool        string
	Template    bool

	// Covered is unknown while the jobs cannot be read. Exempt guests may be covered all the same.
	Covered   optional.Value[bool]
	Uncovered UncoveredReason // empty when covered, exempt or unknown
	Exempt    bool
	Note      string // why it is exempt: the file's note, or "template"
	// ExemptUntil is the end of the exemption's last day.
	ExemptUntil Seconds

	Running         bool // a vzdump task backs it up now
	RunningSince    Seconds
	RunningProgress optional.Value[float64] // 0 to 1

	Lock string // as GET /cluster/resources shows it; empty when not locked

	ExcludedDisks optional.Value[int] // volumes flagged out of the backup
	BindMounts    optional.Value[int] // mounts that no vzdump can contain
}

// Key is the pair that target series are about: one guest on one storage.
type Key struct{ Guest, Storage string }

// Target is one guest on one storage: a pair exists while a job targets it or an archive of the guest lies there.
type Target struct {
	Key
	Environment string
	VMID        int
	Targeted    bool // an enabled job writes this guest to this storage

	LastSuccess       Seconds // end of the newest good backup
	LastAttempt       Seconds // end of the newest attempt
	LastAttemptFailed bool
	FailureReason     vzdump.Reason // while the last attempt failed
	Due, Observed     Seconds

	Duration         optional.Value[int64] // of the last success, in seconds
	ArchiveBytes     optional.Value[int64] // of the last success: stored bytes, never known on PBS
	TransferredBytes optional.Value[int64]
	DowntimeSeconds  optional.Value[int64]

	Attempts, Failures int64 // finished since the guest was first seen

	Archives optional.Value[Archives] // unknown until the storage was listed
	Expected optional.Value[int]      // what the rule would hold by now; unknown for keep-all
	Excess   optional.Value[int]      // what the rule would remove now; unknown for keep-all
}

// Archives sums up the archives of one guest on one storage.
type Archives struct {
	Count, Protected int
	Sized            int   // how many of them have a known size
	Bytes            int64 // of the sized ones
	Oldest, Newest   Seconds
	Details          optional.Value[ArchiveDetails] // with archive_details
}

// ArchiveDetails is what only the content listing of a Proxmox Backup Server storage shows.
type ArchiveDetails struct {
	Encrypted, Verified, VerifyFailed int
	LogicalBytes                      optional.Value[int64]
}
