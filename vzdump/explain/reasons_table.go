package explain

import "github.com/pve-backup-exporter/pve-backup-exporter/vzdump"

// explanations has one entry for each reason of the closed list. The commands and settings are those of Proxmox VE 7 to 9.
var explanations = map[vzdump.Reason]Explanation{
	vzdump.ReasonStorageFull: {
		Meaning: "the target, or the directory for temporary files, has no space left",
		Confirm: []string{"pvesm status --storage {storage}", "pvesm list {storage} --content backup", "df -h /var/tmp"},
		Advice:  "free space on the backup storage or give it more, then check the retention of its jobs; an archive needs its space before older ones are pruned",
		Prevent: "prune-backups of the job or the storage, such that what it keeps and one more archive of each guest fit; tmpdir in /etc/vzdump.conf for " +
			"temporary files; the alert BackupStorageFillingUp comes days before",
	},
	vzdump.ReasonStorageUnavailable: {
		Meaning: "a storage that the backup needs is missing, disabled, offline or not mounted",
		Confirm: []string{"pvesm status --storage {storage}", "journalctl -u pvestatd --since -1h"},
		Advice:  "look at the storage on this node (pvesm status); for NFS and CIFS check the server and unmount a stale mount (umount -f -l)",
		Prevent: "is_mountpoint on a storage of type dir, so that it is not active while nothing is mounted there; nodes of the storage, if not every node reaches it; " +
			"the alert BackupStorageDown comes before the next backup",
	},
	vzdump.ReasonLockTimeout: {
		Meaning: "another task held a lock for longer than the backup was ready to wait",
		Confirm: []string{"pvenode task list --source active --typefilter vzdump", "pvesh get /cluster/backup"},
		Advice:  "spread the schedules of the node's jobs, or raise lockwait in /etc/vzdump.conf; a job that hangs holds the lock until it is stopped",
		Prevent: "schedule of the jobs, far enough apart: the backups of one node run one after the other, and wait for lockwait minutes, 180 by default",
	},
	vzdump.ReasonGuestLocked: {
		Meaning: "the guest is locked by another operation, or by one that was cut short",
		Confirm: []string{"{qm} config {vmid} | grep ^lock", "pvenode task list --source active", "pvenode task list --vmid {vmid} --limit 5"},
		Advice:  "wait for the backup, snapshot, migration or clone that holds the lock; if none runs, remove the lock with qm unlock or pct unlock",
		Prevent: "schedule of the job, away from snapshots, clones and migrations of the same guest; stop a backup by its task and never by kill -9, so that it takes its lock away",
	},
	vzdump.ReasonGuestMissing: {
		Meaning: "the job names a guest that does not exist",
		Confirm: []string{"pvesh get /cluster/resources --type vm", "pvesh get /cluster/backup"},
		Advice:  "remove the guest's id from the job, or restore the guest; every node that runs the job fails until then",
		Prevent: "pool or all in the job in place of a list of ids; or destroy guests with --purge 1, which takes them out of the jobs",
	},
	vzdump.ReasonBackupLimit: {
		Meaning: "the storage holds as many backups of the guest, or protected ones, as it may",
		Confirm: []string{"pvesm list {storage} --content backup --vmid {vmid}", "pvesm prune-backups {storage} --vmid {vmid} --dry-run 1"},
		Advice:  "let the job prune (a retention, and not remove=0), take the protection off backups that no longer need it, or raise the limit",
		Prevent: "prune-backups of the job or the storage, and remove=1, its default, in the job; max-protected-backups of the storage for protected ones",
	},
	vzdump.ReasonQMPTimeout: {
		Meaning: "QEMU did not answer in time when the backup was to begin",
		Confirm: []string{"qm status {vmid} --verbose 1", "pvesm status --storage {storage}", "journalctl -k --since -1d"},
		Advice:  "look for slow storage under the guest's disks and for a slow or unreachable target, above all a backup server; then try again",
		Prevent: "fleecing in the job (since 8.2) keeps a slow target from holding up the guest; performance with a smaller max-workers asks less of slow disks; " +
			"schedule, if the target is busy at that hour",
	},
	vzdump.ReasonIOError: {
		Meaning: "reading the guest's disk or writing the archive failed",
		Confirm: []string{"journalctl -k --since -1d --grep error", "zpool status -x", "smartctl -a /dev/sda"},
		Advice:  "check the health of the disks and file systems on both sides (dmesg, zpool status, smartctl); a guest's disk that cannot be read is at risk itself",
		Prevent: "no setting of a backup does; scrubs of ZFS, smartd, and verification jobs of a backup server find bad sectors before a restore needs them",
	},
	vzdump.ReasonSnapshotFailed: {
		Meaning: "no consistent copy of a volume could be made",
		Confirm: []string{"{qm} listsnapshot {vmid}", "pvesm status --content images,rootdir", "findmnt /mnt/vzsnap0"},
		Advice: "in snapshot mode look for a left-over snapshot named vzdump, for a full thin pool or volume group, and for what is mounted at /mnt/vzsnap0; " +
			"in suspend mode (rsync) for space and rights in the temporary directory (tmpdir in /etc/vzdump.conf)",
		Prevent: "room in the pool of the guest's disks, of which a snapshot takes some; storage of fleecing in the job, on a pool with room; tmpdir in /etc/vzdump.conf, on a local file system with room",
	},
	vzdump.ReasonPermission: {
		Meaning: "files on the target, or the backup server, refused access",
		Confirm: []string{"pvesm status --storage {storage}", "findmnt --target /mnt/pve/{storage}", "ls -ld /mnt/pve/{storage}/dump"},
		Advice:  "for unprivileged containers on NFS or CIFS set a local tmpdir in /etc/vzdump.conf; for a backup server check the rights of the user or token on the datastore",
		Prevent: "tmpdir in /etc/vzdump.conf, on a local file system; for NFS an export without root_squash; on a backup server the role DatastoreBackup for the user of the storage, without an end date",
	},
	vzdump.ReasonNetwork: {
		Meaning: "the connection to the target failed",
		Confirm: []string{"pvesm status --storage {storage}", "journalctl -u pvestatd --since -1d"},
		Advice:  "check that the node reaches the target (address, port, firewall, certificate) and that the target is not overloaded at that hour",
		Prevent: "fingerprint of a storage of type pbs, renewed with the server's certificate; schedule, so that not all nodes upload at once; bwlimit in the job, if the line is what overflows",
	},
	vzdump.ReasonHookFailed: {
		Meaning: "the hook script is missing, not executable, or ended with an error",
		Confirm: []string{"grep ^script /etc/vzdump.conf", "pvesh get /cluster/backup --output-format json"},
		Advice:  "read the script's own output above the failure; the script is named in /etc/vzdump.conf or in the job",
		Prevent: "script in /etc/vzdump.conf or in the job must name a file that is executable on every node that runs it, and that ends with 0 in every phase that it does not care for",
	},
	vzdump.ReasonPruneFailed: {
		Meaning: "older backups could not be removed; the new archive is complete",
		Confirm: []string{"pvesm prune-backups {storage} --vmid {vmid} --dry-run 1", "pvesm list {storage} --content backup --vmid {vmid}"},
		Advice:  "check the rights to delete on the storage (on a backup server Datastore.Prune); until then archives pile up",
		Prevent: "on a backup server the role DatastorePowerUser for the user of the storage, or prune-backups keep-all=1 in the job and a prune job on the server",
	},
	vzdump.ReasonArchiveWrite: {
		Meaning: "the archiver or the compressor ended with an error and left no better cause",
		Confirm: []string{"command -v zstd", "journalctl -k --since -1d", "findmnt --target /mnt/pve/{storage}"},
		Advice: "look at the lines above the failure; check that the compressor is installed, that memory was not short, that the target stayed mounted, " +
			"and that its file system takes files of that size (FAT32 stops at 4 GiB)",
		Prevent: "compress zstd in the job, which every node has; zstd, its number of threads, no larger than memory allows; is_mountpoint on a storage of type dir",
	},
	vzdump.ReasonInterrupted: {
		Meaning: "somebody, or the end of a service, stopped the task",
		Confirm: []string{"pvenode task list --typefilter vzdump --limit 5", "journalctl --since -1d --grep 'systemd-shutdown|Stopping|vzdump'", "last -x -n 5"},
		Advice:  "run the backup again, and find out who stopped it: the task was ended by a signal, not by an error",
		Prevent: "schedule of the job, outside of maintenance and upgrades; repeat-missed does not help: it makes up for runs that never began, not for broken ones",
	},
	vzdump.ReasonCrashed: {
		Meaning: "the log just ends: the node rebooted or lost power, or the task was killed",
		Confirm: []string{"last -x -n 5", "journalctl -b -1 -n 50", "journalctl -k --since -1d --grep 'out of memory'", "{qm} config {vmid} | grep ^lock"},
		Advice:  "look at the node's journal around that time (memory, power, watchdog); the guest may still be locked: qm unlock or pct unlock",
		Prevent: "no setting of a backup does; where memory ran out, zfs_arc_max of the node and zstd (threads) of the job; where power did, a supply that bridges it",
	},
	vzdump.ReasonUnknown: {
		Meaning: "the message is not one of the known kinds",
		Confirm: []string{"pvenode task log '{upid}'", "pvenode task list --typefilter vzdump --limit 5"},
		Advice:  "read the message and the lines above it in the log",
		Prevent: "that depends on the message: first find out whether every backup of the guest fails so, or only this one",
	},
}
