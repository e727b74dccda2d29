// Package runlog writes the task log of a simulated vzdump run, in the words of Proxmox VE 9.
//
// A log is computed from a Run on demand, as far as the cluster's clock has come, and never stored: a cluster of thousands of guests keeps
// a hundred bytes for each backup instead of kilobytes of text. The package is pure; who runs what, and when, is decided by pvesim.
// It is no parser and shares no code with the one that reads such logs, so that either can prove the other wrong.
package runlog

import "time"

// Outcome says how the backup of one guest went.
type Outcome uint8

// The outcomes. Those from Warned on leave their trace in the log; StartFailed and later ones never store an archive unless Stored says so.
const (
	// OK is a clean success.
	OK Outcome = iota
	// Warned is a success with one WARN line.
	Warned
	// StorageFull means that the target had no space left.
	StorageFull
	// StorageUnavailable means that the storage went away under the run.
	StorageUnavailable
	// LockTimeout means that the guest's configuration could not be locked.
	LockTimeout
	// GuestLocked means that the configuration carried a lock.
	GuestLocked
	// GuestMissing means that a job named an id that no longer exists.
	GuestMissing
	// BackupLimit means that the archives were at their limit and nothing may be pruned.
	BackupLimit
	// ProtectedLimit means that the protected archives were at their limit.
	ProtectedLimit
	// QMPTimeout means that QEMU did not answer the backup command.
	QMPTimeout
	// IOError means that a disk could not be read.
	IOError
	// SnapshotFailed means that a snapshot, a fleecing image or a synchronisation failed.
	SnapshotFailed
	// Permission means that something was denied.
	Permission
	// Network means that the connection to the target broke.
	Network
	// HookFailed means that the hook script refused the start.
	HookFailed
	// HookEndFailed means that the hook script failed after the archive was stored.
	HookEndFailed
	// PruneFailed means that the archive was stored and older ones could not be removed.
	PruneFailed
	// ProtectFailed means that the archive was stored and could not be marked as protected.
	ProtectFailed
	// ArchiveWrite means that the compressor or tar ended badly for no better reason.
	ArchiveWrite
	// Interrupted means that the task was stopped during this guest.
	Interrupted
	// Crashed means that the worker died during this guest: the log just ends.
	Crashed
	// Unknown is a failure that fits no other.
	Unknown
)

// outcomeNames are the names that scenario files use.
var outcomeNames = [...]string{
	OK: "ok", Warned: "warning", StorageFull: "storage_full", StorageUnavailable: "storage_unavailable", LockTimeout: "lock_timeout",
	GuestLocked: "guest_locked", GuestMissing: "guest_missing", BackupLimit: "backup_limit", ProtectedLimit: "protected_limit",
	QMPTimeout: "qmp_timeout", IOError: "io_error", SnapshotFailed: "snapshot_failed", Permission: "permission", Network: "network",
	HookFailed: "hook_failed", HookEndFailed: "hook_end_failed", PruneFailed: "prune_failed", ProtectFailed: "protect_failed",
	ArchiveWrite: "archive_write", Interrupted: "interrupted", Crashed: "crashed", Unknown: "unknown",
}

// String returns the name that scenario files use, such as "storage_full".
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "invalid"
}

// ParseOutcome finds an outcome by its name.
func ParseOutcome(name string) (Outcome, bool) {
	for i, n := range outcomeNames {
		if n == name {
			return Outcome(i), true
		}
	}
	return OK, false
}

// Outcomes returns every outcome.
func Outcomes() []Outcome {
	all := make([]Outcome, len(outcomeNames))
	for i := range all {
		all[i] = Outcome(i)
	}
	return all
}

// Failed reports whether vzdump counts the guest as failed.
func (o Outcome) Failed() bool { return o > Warned }

// Stored reports whether the archive was written completely, whatever vzdump says of the guest.
func (o Outcome) Stored() bool {
	switch o {
	case OK, Warned, HookEndFailed, PruneFailed, ProtectFailed:
		return true
	}
	return false
}

// Started reports whether the guest has a "Starting Backup" line: limits and missing guests are found before it.
func (o Outcome) Started() bool { return o != GuestMissing && o != BackupLimit && o != ProtectedLimit }

// Abort says what ended a whole run before its time.
type Abort uint8

// The ways in which a run ends early. AbortStorage, AbortHook and AbortLock happen before any guest.
const (
	NoAbort Abort = iota
	// AbortStorage ends the task with Run.AbortText as its status, before anything else.
	AbortStorage
	// AbortHook ends the task after the hook's job-start phase failed.
	AbortHook
	// AbortLock ends the task without a TASK line: the global lock did not come free.
	AbortLock
	// AbortSignal ends the task during a guest with "interrupted by signal".
	AbortSignal
	// AbortCrash ends the log in the middle of a line's work: the worker is gone.
	AbortCrash
)

// Target is where a run writes to.
type Target struct {
	Storage string // its id; empty for a plain directory
	Dir     string // the dump directory on the node; empty for a Proxmox Backup Server
	PBS     string // the repository "user@host:datastore"; empty for directories
	FS      string // what the kernel calls the file system; tmpfs and nfs make containers use a local directory
}

// Flag is one option of the command line, as a configuration file states it.
type Flag struct{ Name, Value string }

// Options are what the runs of one job have in common.
type Options struct {
	VMIDs     []int  // as the job lists them; empty for all- and pool-jobs
	Flags     []Flag // in a fixed order; the log shuffles them as Perl does
	Mode      string // snapshot, suspend or stop
	Compress  string // zstd, gzip, lzo or empty
	Notes     bool
	Protected bool
	Retention string // as the log spells it, "keep-daily=7, keep-last=3"; empty when everything is kept
	Bandwidth int    // KiB/s, 0 for no limit
	Hook      string // path of the hook script, empty for none
	Target    Target
}

// Volume is one disk or mount point of a guest.
type Volume struct {
	Key      string // scsi0, rootfs, mp1
	ID       string // local-zfs:vm-100-disk-0, or a host path
	Mount    string // of a container's mount point
	Size     int64  // bytes
	Included bool
	Kind     string // volume, bind or device
	Reason   string // why it is in or out, as the log puts it
}

// Guest is what a log says of a guest, as it was when its backup began.
type Guest struct {
	VMID      int
	Type      string // qemu or lxc
	Name      string // any bytes; empty for none
	Running   bool
	Agent     bool // the QEMU guest agent is switched on
	Lock      string
	Volumes   []Volume
	Unused    []string // volumes that belong to the guest and to no disk
	Snapshots bool     // has snapshots of its own
	CanSnap   bool     // every volume's storage can make snapshots
	PID       int      // of the container's init
	HookLines []string // what a hook script prints for this guest
}

// GuestRun is the backup of one guest within a run.
type GuestRun struct {
	Guest   *Guest // nil for an id that no longer exists
	VMID    int
	Start   int64 // Unix seconds
	End     int64
	Outcome Outcome
	Size    int64   // stored bytes
	Read    int64   // bytes read from the guest; on PBS the changed ones
	Total   int64   // provisioned bytes of the included disks
	First   bool    // no earlier snapshot on the PBS
	Archive string  // as the log names it: a path, or vm/100/2026-01-02T03:04:05Z
	Pruned  []int64 // creation times of the archives that were removed
	Limit   int     // the number of archives that BackupLimit and ProtectedLimit name
}

// Run is one vzdump task.
type Run struct {
	Seed      uint64
	Options   *Options
	Location  *time.Location // of the node, for the times in the log
	Start     int64
	LockWait  bool  // another run held the lock
	LockGot   int64 // when this one got it; 0 for not yet or never
	Abort     Abort
	AbortAt   int64 // 0 while it has not happened
	AbortText string
	External  func() []int // selected guests of other nodes, ascending
	Guests    []GuestRun   // those begun so far
	End       int64        // 0 while it runs
	PruneName func(g *GuestRun, ctime int64) string
}
