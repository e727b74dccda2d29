package vzdump

// cause is one row of the table: any of the phrases in a text means the reason. Phrases are in lower case, match in any case, begin at the
// beginning of a word, and may leave something open with one asterisk.
type cause struct {
	reason  Reason
	phrases []string
}

// causes are texts that say why something failed, in order of precedence: the first row of which a text has a phrase decides. Of several
// lines before a failure, the nearest decides.
var causes = []cause{
	{ReasonInterrupted, []string{"interrupted by signal", "received interrupt"}},
	{ReasonHookFailed, []string{"error: the hook script"}}, // a hook that ran and failed is known by its command line: see hookPhase
	{ReasonPruneFailed, []string{"error pruning backups"}},
	{ReasonBackupLimit, []string{"max backup limit", "backup(s) allowed" /* 4 */, "number of protected backups per guest is limited"}},
	{ReasonGuestMissing, []string{"unable to find vm '", "unable to find configuration file for", "configuration file 'nodes/"}},
	{ReasonGuestLocked, []string{"is locked (", "found lock '*trying to remove"}},
	{ReasonLockTimeout, []string{
		"can't acquire lock", "can't aquire lock" /* sic, in PVE 5 and in containers' locks */, "can't lock file '*got timeout",
		"can't open lock on file", "got lock timeout", "got lock request timeout",
	}},
	// The lines of the freeze of a guest's file systems look like this one, but never fail a backup: see harmless.
	{ReasonQMPTimeout, []string{"qmp command*got timeout", "qmp socket - " /* timeout, connection refused */}},
	{ReasonStorageFull, []string{"no space left on device", "quota exceeded", "job failed with err -28"}},
	{ReasonStorageUnavailable, []string{
		"could not activate storage", "unable to activate storage", "could not get storage information", "can't use storage '", "storage '*is not online",
		"storage '*is disabled", "storage '*is not available on node", "storage '*does not exist", "dumpdir '*does not exist",
		"tmpdir '*does not exist", "is not mounted", "does not exist or is unreachable", "stale file handle", "stale nfs file handle",
		"transport endpoint is not connected", "host is down", "read-only file system",
		"maintenance mode", // of a backup server's datastore
	}},
	{ReasonPermission, []string{
		"permission denied", "permission check failed", "operation not permitted", "authentication failed", "invalid credentials",
		"owner check failed", "401 unauthorized", "access denied",
	}},
	{ReasonIOError, []string{"input/output error", "i/o error", "job failed with err -5", "structure needs cleaning"}},
	{ReasonNetwork, []string{
		"backup connect failed", "backup register image failed", "backup write data failed", "backup close image failed",
		"backup finish failed", "pipelined request failed", "http upgrade request", "http request failed", "http/2", "connection refused",
		"connection reset", "connection timed out", "connection closed", "connection error", "request timed out", "can't connect to",
		"error trying to connect", "client error (connect", "deadline has elapsed", "no route to host", "network is unreachable", "failed to lookup address", "could not resolve",
		"name or service not known", "temporary failure in name resolution", "protocol canceled", "upload failed",
	}},
	{ReasonSnapshotFailed, []string{
		"lvcreate snapshot", "rbd snapshot", "cannot create snapshot", "unable to create snapshot", "failed to create snapshot",
		"snapshot create failed", "snapshot feature is not available", "missing snapshot lock", "unable to open the dataset", "fleecing",
		"mount point '/mnt/vzsnap", "insufficient free space",
	}},
	{ReasonArchiveWrite, []string{"file too large"}},
}

// symptoms are texts that say no more than what broke. They decide, in this order, where nothing before the failure says why.
var symptoms = []cause{
	// The guest did not stop, or may not be stopped: no reason of the list says so, and words of these messages would mislead.
	{ReasonUnknown, []string{"quit/powerdown failed", "command 'qm ", "command 'lxc-stop", "cannot execute a backup with stop mode"}},
	{ReasonUnknown, []string{"operation canceled"}},
	{ReasonArchiveWrite, []string{"job failed with err -32"}}, // broken pipe
	{ReasonIOError, []string{"job failed with err -"}},        // of QEMU, with other numbers than those that are causes
	{ReasonStorageUnavailable, []string{"unable to create temporary directory", "unable to create log file"}},
	{ReasonSnapshotFailed, []string{"command 'rsync", "command 'mount", "command 'umount", "snapshot"}},
	{ReasonNetwork, []string{"proxmox-backup-client failed", "command error:"}},
	{ReasonArchiveWrite, []string{
		"broken pipe", "wrong exit status", "vma_queue_write", "fork compressor", "unable to rename", "close output file handle failed",
		"command 'set -o pipefail", "command 'lxc-usernsexec", "command '/usr/bin/proxmox-backup-client", "command 'proxmox-backup-client",
		"command '/usr/bin/vma", "command 'tar",
	}},
}

// harmless lines name troubles that do not fail a backup, in words that would.
var harmless = []cause{{ReasonUnknown, []string{
	"guest-fsfreeze", "could not notify", "could not send", "failed to connect to monitor socket", "was not (fully) removed", "attaching fleecing image",
}}}

var (
	causeIndex    = indexPhrases(causes)
	symptomIndex  = indexPhrases(symptoms)
	harmlessIndex = indexPhrases(harmless)
)
