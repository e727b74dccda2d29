package vzdump

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"

// Result is how a task ended.
type Result string

// The results of a task.
const (
	ResultOK          Result = "ok"
	ResultWarnings    Result = "warnings"
	ResultFailed      Result = "failed"
	ResultInterrupted Result = "interrupted" // stopped by somebody, or crashed
	ResultRunning     Result = "running"     // only ever by Report.WithStatus: a log alone cannot say it
	ResultUnknown     Result = "unknown"     // the log ends without saying
)

// GuestResult is what became of one guest.
type GuestResult string

// The results of a guest.
const (
	GuestSuccess     GuestResult = "success"
	GuestWarning     GuestResult = "warning"     // a success, with warnings that Proxmox VE counts
	GuestFailed      GuestResult = "failed"      // the log says that it failed, for whatever reason
	GuestInterrupted GuestResult = "interrupted" // the task ended and the log does not say how this guest did
	GuestRunning     GuestResult = "running"     // nothing is known of an end
	GuestNotRun      GuestResult = "not_run"     // the job named it and ended early, before its turn
)

// Report is what a task log states. Text is as in the log: not escaped, and for messages not shortened below 4 KiB.
type Report struct {
	Result   Result
	Warnings int    // the number of the TASK WARNINGS line; without such a line the WARN lines so far
	Command  string // "vzdump 100 101 --storage ...", empty when the log does not have it
	// Error is the text of the TASK ERROR line ("job errors" when only guests failed), or of the line that said that the job failed.
	Error string
	// Reason is that of a failure of the job as a whole; empty when only guests failed.
	Reason Reason
	Guests []Guest // in the log's order, then those not run in the command line's
	// DroppedGuests counts guests beyond the limit of 20,000, of which nothing is known.
	DroppedGuests int
	// NoLog reports that the API had no log to give, and said so in its place.
	NoLog bool
	Lines int64
	// WaitingForLock reports that the last that is known of the task is that it waits for another backup task of the node.
	WaitingForLock bool
	// Complete reports that the log has its TASK line.
	Complete bool

	unreached []int // guests of the command line that were not seen, and do not live on other nodes
}

// Guest is what a log states about one guest. Fields of type [optional.Value] are unknown unless a line states them.
type Guest struct {
	VMID    int
	Type    string // qemu, lxc, or openvz in logs of PVE 3 and older; empty when the backup failed before it began
	Name    string // valid UTF-8, at most 128 runes
	Result  GuestResult
	Reason  Reason // why it failed or was interrupted
	Message string // the text after "Backup of VM N failed - ", lines joined by blanks
	Cause   string // the line before the failure that decided the reason, empty when the message itself did
	Mode    string // the mode in effect: snapshot, suspend or stop
	// Started and Ended are the times of the node's clock that the log gives for the block.
	Started, Ended LocalTime
	// Duration is in seconds: of a success as printed, of a failure between its two timestamps.
	Duration optional.Value[int64]
	// Archive is a path ("/mnt/nas/dump/vzdump-qemu-100-...vma.zst") or a snapshot of a backup server ("vm/100/2026-01-01T00:00:00Z").
	Archive string
	// ArchiveStored reports that the archive was written completely, whatever came after: pruning, hook scripts, the protected flag.
	ArchiveStored bool
	// ArchiveBytes is "archive file size": stored bytes, rounded down by the log to KiB, MiB or hundredths of GiB. Never on backup servers.
	ArchiveBytes optional.Value[int64]
	// TransferredBytes are the guest's bytes that had to be processed, before compression: of a virtual machine "transferred", which on a
	// backup server are the dirty ones; of a container on a backup server the X of "had to backup X of Y". Unknown for containers elsewhere.
	TransferredBytes optional.Value[int64]
	// TarBytes is "Total bytes written": the uncompressed size of a container's archive.
	TarBytes optional.Value[int64]
	// SparseBytes were zero and not stored; ReusedBytes were on the backup server already; CompressedBytes went over the wire.
	SparseBytes, ReusedBytes, CompressedBytes optional.Value[int64]
	// DirtyBytes changed since the last backup, of ProvisionedBytes, by the dirty bitmap of a virtual machine.
	DirtyBytes, ProvisionedBytes optional.Value[int64]
	// DowntimeSeconds is how long the guest was stopped or suspended; "<1" is 0.
	DowntimeSeconds optional.Value[int64]
	Pruned          optional.Value[int64] // older backups that were removed
	// ExcludedDisks are volumes that the log says were left out ("scsi1", "mp0").
	ExcludedDisks []string
	// BindMounts are mount points that no vzdump can contain ("mp1"): binds and devices.
	BindMounts []string
	Warnings   int // WARN lines about the guest
	// FirstWarning is the text of the first of them.
	FirstWarning string
	// FreezeSkipped reports that a guest agent is configured but did not freeze the file systems: the archive is crash-consistent only.
	FreezeSkipped bool
	// Progress is how much of a running virtual machine's disks was read, 0 to 1.
	Progress optional.Value[float64]
}
