package vzdump

// Reason says why a backup failed, from a closed list that is fit for a metric's label. It is empty where nothing failed.
type Reason string

// The closed list of reasons.
const (
	ReasonStorageFull        Reason = "storage_full"        // the target has no space left
	ReasonStorageUnavailable Reason = "storage_unavailable" // a storage is missing, disabled, not online or not mounted
	ReasonLockTimeout        Reason = "lock_timeout"        // a lock of the node or of a configuration was not free in time
	ReasonGuestLocked        Reason = "guest_locked"        // the guest's configuration carries a lock: backup, snapshot, migrate, ...
	ReasonGuestMissing       Reason = "guest_missing"       // the job names a guest that does not exist
	ReasonBackupLimit        Reason = "backup_limit"        // as many backups, or protected ones, as the storage allows
	ReasonQMPTimeout         Reason = "qmp_timeout"         // QEMU did not answer a command of the backup in time
	ReasonIOError            Reason = "io_error"            // reading the guest's disk or writing the archive failed
	ReasonSnapshotFailed     Reason = "snapshot_failed"     // no consistent copy of a volume could be made or mounted
	ReasonPermission         Reason = "permission"          // files, or the backup server, refused access
	ReasonNetwork            Reason = "network"             // the connection to the target failed
	ReasonHookFailed         Reason = "hook_failed"         // a hook script is missing or failed
	ReasonPruneFailed        Reason = "prune_failed"        // older backups could not be removed; the new one is stored
	ReasonArchiveWrite       Reason = "archive_write"       // the archiver or the compressor failed and left no better cause
	ReasonInterrupted        Reason = "interrupted"         // somebody stopped the task
	ReasonCrashed            Reason = "crashed"             // the log just ends: reboot, power loss, killed process
	ReasonUnknown            Reason = "unknown"             // none of these; the message says more
)

// AllReasons returns the closed list.
func AllReasons() []Reason {
	return []Reason{
		ReasonStorageFull, ReasonStorageUnavailable, ReasonLockTimeout, ReasonGuestLocked, ReasonGuestMissing, ReasonBackupLimit,
		ReasonQMPTimeout, ReasonIOError, ReasonSnapshotFailed, ReasonPermission, ReasonNetwork, ReasonHookFailed, ReasonPruneFailed,
		ReasonArchiveWrite, ReasonInterrupted, ReasonCrashed, ReasonUnknown,
	}
}
