package explain

import "github.com/pve-backup-exporter/pve-backup-exporter/vzdump"

// Explanation is what a reason means and what to do about it.
type Explanation struct {
	Meaning string // a sentence without its full stop
	Advice  string // what to do first
}

// Of returns the explanation of a reason; every reason of the closed list has one.
func Of(reason vzdump.Reason) Explanation {
	if explanation, known := explanations[reason]; known {
		return explanation
	}
	return explanations[vzdump.ReasonUnknown]
}

var explanations = map[vzdump.Reason]Explanation{
	vzdump.ReasonStorageFull: {
		"the target, or the directory for temporary files, has no space left",
		"free space on the backup storage or give it more, then check the retention of its jobs; an archive needs its space before older ones are pruned",
	},
	vzdump.ReasonStorageUnavailable: {
		"a storage that the backup needs is missing, disabled, offline or not mounted",
		"look at the storage on this node (pvesm status); for NFS and CIFS check the server and unmount a stale mount (umount -f -l)",
	},
	vzdump.ReasonLockTimeout: {
		"another task held a lock for longer than the backup was ready to wait",
		"spread the schedules of the node's jobs, or raise lockwait in /etc/vzdump.conf; a job that hangs holds the lock until it is stopped",
	},
	vzdump.ReasonGuestLocked: {
		"the guest is locked by another operation, or by one that was cut short",
		"wait for the backup, snapshot, migration or clone that holds the lock; if none runs, remove the lock with qm unlock or pct unlock",
	},
	vzdump.ReasonGuestMissing: {
		"the job names a guest that does not exist",
		"remove the guest's id from the job, or restore the guest; every node that runs the job fails until then",
	},
	vzdump.ReasonBackupLimit: {
		"the storage holds as many backups of the guest, or protected ones, as it may",
		"let the job prune (a retention, and not remove=0), take the protection off backups that no longer need it, or raise the limit",
	},
	vzdump.ReasonQMPTimeout: {
		"QEMU did not answer in time when the backup was to begin",
		"look for slow storage under the guest's disks and for a slow or unreachable target, above all a backup server; then try again",
	},
	vzdump.ReasonIOError: {
		"reading the guest's disk or writing the archive failed",
		"check the health of the disks and file systems on both sides (dmesg, zpool status, smartctl); a guest's disk that cannot be read is at risk itself",
	},
	vzdump.ReasonSnapshotFailed: {
		"no consistent copy of a volume could be made",
		"in snapshot mode look for a left-over snapshot named vzdump, for a full thin pool or volume group, and for what is mounted at /mnt/vzsnap0; " +
			"in suspend mode (rsync) for space and rights in the temporary directory (tmpdir in /etc/vzdump.conf)",
	},
	vzdump.ReasonPermission: {
		"files on the target, or the backup server, refused access",
		"for unprivileged containers on NFS or CIFS set a local tmpdir in /etc/vzdump.conf; for a backup server check the rights of the user or token on the datastore",
	},
	vzdump.ReasonNetwork: {
		"the connection to the target failed",
		"check that the node reaches the target (address, port, firewall, certificate) and that the target is not overloaded at that hour",
	},
	vzdump.ReasonHookFailed: {
		"the hook script is missing, not executable, or ended with an error",
		"read the script's own output above the failure; the script is named in /etc/vzdump.conf or in the job",
	},
	vzdump.ReasonPruneFailed: {
		"older backups could not be removed; the new archive is complete",
		"check the rights to delete on the storage (on a backup server Datastore.Prune); until then archives pile up",
	},
	vzdump.ReasonArchiveWrite: {
		"the archiver or the compressor ended with an error and left no better cause",
		"look at the lines above the failure; check that the compressor is installed, that memory was not short, that the target stayed mounted, " +
			"and that its file system takes files of that size (FAT32 stops at 4 GiB)",
	},
	vzdump.ReasonInterrupted: {
		"somebody, or the end of a service, stopped the task",
		"run the backup again, and find out who stopped it: the task was ended by a signal, not by an error",
	},
	vzdump.ReasonCrashed: {
		"the log just ends: the node rebooted or lost power, or the task was killed",
		"look at the node's journal around that time (memory, power, watchdog); the guest may still be locked: qm unlock or pct unlock",
	},
	vzdump.ReasonUnknown: {
		"the message is not one of the known kinds",
		"read the message and the lines above it in the log",
	},
}
