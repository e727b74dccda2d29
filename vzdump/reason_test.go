package vzdump

import (
	"slices"
	"strings"
	"testing"
)

func TestMessagesHaveTheirReasons(t *testing.T) {
	const tar = "command 'set -o pipefail && lxc-usernsexec -m u:0:100000:65536 -- tar cpf - ./ | zstd --rsyncable '--threads=1' >/x.tar.dat' failed: "
	const client = "command 'lxc-usernsexec -m u:0:100000:65536 -- /usr/bin/proxmox-backup-client backup root.pxar:/mnt/vzsnap0' failed: "
	for message, want := range map[string]Reason{
		"vma_queue_write: write error - No space left on device":                                                               ReasonStorageFull,
		"VM 1 qmp command 'backup' failed - backup connect failed: command error: Disk quota exceeded":                         ReasonStorageFull,
		"job failed with err -28 - No space left on device":                                                                    ReasonStorageFull,
		"could not activate storage 'nas': storage 'nas' is not online":                                                        ReasonStorageUnavailable,
		"could not activate storage 'x': x: error fetching datastores - 500 Can't connect to 10.0.0.5:8007 (No route to host)": ReasonStorageUnavailable,
		"storage 'ceph' is not online":                                                                                         ReasonStorageUnavailable,
		"dumpdir '/mnt/x' does not exist could not get storage information for 'nas': storage 'nas' does not exist":            ReasonStorageUnavailable,
		"unable to create temporary directory '/mnt/pve/nas/dump/x.tmp' at /usr/share/perl5/PVE/VZDump.pm line 1048.":          ReasonStorageUnavailable,
		"unable to open file '/mnt/x.vma.dat' - Stale file handle":                                                             ReasonStorageUnavailable,
		"can't use storage 'iso' for backups - wrong content type":                                                             ReasonStorageUnavailable,
		"can't acquire lock '/var/run/vzdump.lock' (wait = 0)":                                                                 ReasonLockTimeout,
		"can't aquire lock '/run/lock/lxc/pve-config-101.lock' - got timeout":                                                  ReasonLockTimeout,
		"can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout":                                                  ReasonLockTimeout,
		"can't acquire lock '/var/run/vzdump.lock' - interrupted by signal":                                                    ReasonInterrupted,
		"VM is locked (backup)":                                                                                               ReasonGuestLocked,
		"CT is locked (snapshot-delete)":                                                                                      ReasonGuestLocked,
		"unable to find VM '999'":                                                                                             ReasonGuestMissing,
		"Configuration file 'nodes/pve1/lxc/104.conf' does not exist":                                                         ReasonGuestMissing,
		"There is a max backup limit of 3 enforced by the target storage":                                                     ReasonBackupLimit,
		"only 1 backup(s) allowed - please consider to remove old backup files.":                                              ReasonBackupLimit,
		"The number of protected backups per guest is limited to 1 on storage 'b'":                                            ReasonBackupLimit,
		"VM 111 qmp command 'backup' failed - got timeout":                                                                    ReasonQMPTimeout,
		"unable to connect to VM 100 qmp socket - timeout after 31 retries":                                                   ReasonQMPTimeout,
		"executing QMP command to start backup failed - got timeout":                                                          ReasonQMPTimeout,
		"job failed with err -5 - Input/output error":                                                                         ReasonIOError,
		"zfs error: cannot create snapshot 'rpool/data@vzdump': dataset already exists":                                       ReasonSnapshotFailed,
		"rbd snapshot 'vm-101-disk-0' error: rbd: failed to create snapshot: (17) File exists":                                ReasonSnapshotFailed,
		"snapshot name 'vzdump' already used":                                                                                 ReasonSnapshotFailed,
		"mount point '/mnt/vzsnap0' not empty":                                                                                ReasonSnapshotFailed,
		"unable to open the dataset vzdump":                                                                                   ReasonSnapshotFailed,
		"cannot setup backup access without fleecing":                                                                         ReasonSnapshotFailed,
		"command 'mount /dev/dm-14 /mnt/vzsnap0//' failed: exit code 32":                                                      ReasonSnapshotFailed,
		"command 'rsync --stats -aH /proc/1/root/ /var/tmp/x' failed: exit code 23":                                           ReasonSnapshotFailed,
		"unable to open file '/x' - Permission denied":                                                                        ReasonPermission,
		"Permission check failed (/vms/100, VM.Backup)":                                                                       ReasonPermission,
		"VM 1 qmp command 'backup' failed - backup connect failed: command error: backup owner check failed (a@pbs != b@pbs)": ReasonPermission,
		"VM 109 qmp command 'backup' failed - backup connect failed: command error: http upgrade request timed out":           ReasonNetwork,
		"backup write data failed: command error: write_data upload error: pipelined request failed: timed out":               ReasonNetwork,
		"VM 1 qmp command 'backup' failed - backup register image failed: command error: unable to get shared lock":           ReasonNetwork,
		"command '/root/hook.pl backup-end snapshot 100' failed: exit code 1":                                                 ReasonHookFailed,
		"command '/root/hook.pl job-start' failed: exit code 1":                                                               ReasonHookFailed,
		"command '/root/hook.pl pre-stop stop 100' failed: Permission denied":                                                 ReasonHookFailed,
		"command '/root/hook.pl backup-start stop 100' failed: interrupted by signal":                                         ReasonInterrupted,
		"Error: The hook script '/nonexistent' does not exist.":                                                               ReasonHookFailed,
		"Error: The hook script '/x' is not executable.":                                                                      ReasonHookFailed,
		"error pruning backups - check log":                                                                                   ReasonPruneFailed,
		"vma_queue_write: write error - Broken pipe":                                                                          ReasonArchiveWrite,
		"zstd --threads=1 failed - wrong exit status 1":                                                                       ReasonArchiveWrite,
		"lzop failed - wrong exit status 1 (signal 9)":                                                                        ReasonArchiveWrite,
		tar + "exit code 2":                                         ReasonArchiveWrite,
		client + "exit code 255":                                    ReasonArchiveWrite,
		"unable to rename '/x.dat' to '/x.vma'":                     ReasonArchiveWrite,
		tar + "interrupted by signal":                               ReasonInterrupted,
		"interrupted by signal":                                     ReasonInterrupted,
		"received interrupt":                                        ReasonInterrupted,
		"volume 'local:202/vm-202-disk-0.qcow2' does not exist":     ReasonUnknown,
		"VM quit/powerdown failed - got timeout":                    ReasonUnknown,
		"job failed with err -32 - Broken pipe":                     ReasonArchiveWrite,
		"job failed with err -61 - No data available":               ReasonIOError,
		"job failed with err -104 - Connection reset by peer":       ReasonNetwork,
		"job failed with err -125 - Operation canceled":             ReasonUnknown,
		"unable to connect to VM 1 qmp socket - Connection refused": ReasonQMPTimeout,
		"backup write data failed: command error: inserting chunk failed - EDQUOT: Quota exceeded":                              ReasonStorageFull,
		"backup connect failed: command error: datastore 'a' is in offline maintenance mode":                                    ReasonStorageUnavailable,
		"start failed: command '/usr/bin/kvm -id 1 -drive file=/srv/permission denied' failed: got timeout":                     ReasonUnknown,
		"could not activate storage 'nas': command '/usr/bin/mount -t nfs a:/b /mnt' failed: got timeout":                       ReasonStorageUnavailable,
		"zfs error: command 'zfs snapshot tank/subvol-101-disk-0@vzdump' failed: got timeout":                                   ReasonSnapshotFailed,
		"zfs error: cannot receive: I/O error":                                                                                  ReasonIOError,
		"command 'umount -l -d /mnt/vzsnap0/' failed: exit code 32":                                                             ReasonSnapshotFailed,
		"command 'qm shutdown 100 --skiplock --keepActive --timeout 600' failed: exit code 255":                                 ReasonUnknown,
		"Cannot execute a backup with stop mode on a HA managed and enabled Service. Use snapshot mode or disable the Service.": ReasonUnknown,
		"command '/srv/stop snapshots' failed: exit code 1":                                                                     ReasonSnapshotFailed,
		"": ReasonUnknown,
	} {
		if got, _ := classify([]byte(message), ""); got != want {
			t.Errorf("%q: got %s, want %s", message, got, want)
		}
	}
}

// What stands in a command line is paths and options, not what happened.
func TestCommandLinesDoNotDecide(t *testing.T) {
	for _, path := range []string{"/srv/No space left on device/", "/mnt/snapshot/permission denied", "/x/connection refused' failed: broken"} {
		message := "command 'set -o pipefail && tar cpf - --directory=" + path + " ./ >/x.dat' failed: exit code 2"
		if got, _ := classify([]byte(message), ""); got != ReasonArchiveWrite {
			t.Errorf("%s: got %s", message, got)
		}
	}
}

func TestTheNearestCauseDecides(t *testing.T) {
	tests := map[string]struct {
		lines   []string
		message string
		want    Reason
		cause   string
	}{
		"of several causes the last": {
			[]string{"INFO: tar: ./x: Cannot open: Permission denied", "zstd: error 70 : No space left on device"},
			"zstd --threads=1 failed - wrong exit status 70", ReasonStorageFull, "zstd: error 70 : No space left on device",
		},
		"a cause in the message outranks the lines": {
			[]string{"zstd: No space left on device"}, "job failed with err -5 - Input/output error", ReasonIOError, "",
		},
		"what goes wrong while cleaning up is a consequence": {
			[]string{"zstd: No space left on device", "INFO: aborting backup job", "ERROR: VM 100 qmp command 'backup-cancel' failed - got timeout"},
			"vma_queue_write: write error - Broken pipe", ReasonStorageFull, "zstd: No space left on device",
		},
		"a limit of the target's file system": {
			[]string{"zstd: error 70 : Write error : cannot write block : File too large", "ERROR: vma_queue_write: write error - Broken pipe"},
			"vma_queue_write: write error - Broken pipe", ReasonArchiveWrite, "zstd: error 70 : Write error : cannot write block : File too large",
		},
		"troubles that passed before the archive was begun": {
			[]string{"plugin: connection timed out, reconnecting", "INFO: creating vzdump archive '/x.vma'"}, "VM 100 not running", ReasonUnknown, "",
		},
		"troubles of a machine that started all the same": {
			[]string{"kvm: warning: x: Permission denied", "INFO: started backup task '6f1c9b62'"}, "VM 100 not running", ReasonUnknown, "",
		},
		"a fleecing image that was attached": {
			[]string{"INFO: drive-scsi0: attaching fleecing image fast:vm-100-fleece-0 to QEMU"},
			"vma_queue_write: write error - Broken pipe", ReasonArchiveWrite, "",
		},
		"a restart after the failure": {
			[]string{"INFO: restarting vm", "storage 'x' is not online"},
			"vma_queue_write: write error - Broken pipe", ReasonArchiveWrite, "",
		},
		"a resume after the failure": {
			[]string{"INFO: resume vm", "storage 'x' is not online"},
			"vma_queue_write: write error - Broken pipe", ReasonArchiveWrite, "",
		},
		"a freeze that fails": {
			[]string{"ERROR: VM 100 qmp command 'guest-fsfreeze-freeze' failed - got timeout"},
			"vma_queue_write: write error - Broken pipe", ReasonArchiveWrite, "",
		},
		"QEMU that does not start": {
			[]string{"kvm: -drive file=/x: Could not open: Permission denied", "ERROR: start failed: QEMU exited with code 1"},
			"start failed: QEMU exited with code 1", ReasonPermission, "kvm: -drive file=/x: Could not open: Permission denied",
		},
		"output of the archiver": {
			[]string{"INFO: Error: error trying to connect"}, "command 'x' failed: exit code 255", ReasonNetwork, "Error: error trying to connect",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := parseLines("INFO: starting new backup job: vzdump 100", "INFO: Starting Backup of VM 100 (qemu)",
				"INFO: creating vzdump archive '/x.vma'", strings.Join(test.lines, "\n"), "ERROR: Backup of VM 100 failed - "+test.message).Guests[0]
			if got.Reason != test.want || got.Cause != test.cause {
				t.Errorf("got %s because of %q, want %s because of %q", got.Reason, got.Cause, test.want, test.cause)
			}
		})
	}
}

func TestHookOutputIsNoCause(t *testing.T) {
	got := parseLines("INFO: starting new backup job: vzdump 100", "INFO: Starting Backup of VM 100 (qemu)",
		"INFO: No space left on device", "INFO: creating vzdump archive '/x.vma'", "ERROR: Backup of VM 100 failed - lzop failed - wrong exit status 1").Guests[0]
	if got.Reason != ReasonArchiveWrite {
		t.Errorf("got %s", got.Reason)
	}
}

// Storage plugins die with whole stack traces, of which every line carries the level.
func TestMessagesOfManyLines(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 101", "INFO: Starting Backup of VM 101 (lxc)", "INFO: Backup started at 2024-10-18 18:30:08",
		"ERROR: Backup of VM 101 failed - API Return-Code: 500. Message: Could not restore snapshot a to new b, because:",
		"ERROR: [{\"message\":\"Not enough free space available\"}]", "ERROR: ", "ERROR: \tPVE::Storage::activate_volumes(\"x\") called at y",
		"INFO: Failed at 2024-10-18 18:30:10", "ERROR: something later")
	want := "API Return-Code: 500. Message: Could not restore snapshot a to new b, because: [{\"message\":\"Not enough free space available\"}]" +
		" PVE::Storage::activate_volumes(\"x\") called at y"
	if got := report.Guests[0]; got.Message != want || got.Reason != ReasonSnapshotFailed {
		t.Errorf("got %s, %q", got.Reason, got.Message)
	}
}

func TestCausesDoNotReachTheNextGuest(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 100 101",
		"INFO: Starting Backup of VM 100 (qemu)", "zstd: No space left on device", "ERROR: Backup of VM 100 failed - lzop failed - wrong exit status 1",
		"INFO: Failed at 2026-01-01 00:00:00",
		"INFO: Starting Backup of VM 101 (qemu)", "ERROR: Backup of VM 101 failed - lzop failed - wrong exit status 1")
	if got := report.Guests[1].Reason; got != ReasonArchiveWrite {
		t.Errorf("got %s", got)
	}
}

func TestTheTableIsWellFormed(t *testing.T) {
	for _, row := range slices.Concat(causes, symptoms) {
		if !slices.Contains(AllReasons(), row.reason) {
			t.Errorf("%s is not of the closed list", row.reason)
		}
		for _, phrase := range row.phrases {
			if phrase != strings.ToLower(phrase) || phrase[0] == '*' || strings.HasSuffix(phrase, "*") || strings.Count(phrase, "*") > 1 {
				t.Errorf("%q cannot match", phrase)
			}
		}
	}
}

func parseLines(lines ...string) Report {
	p := NewParser()
	feed(p, []byte(strings.Join(lines, "\n")+"\n"))
	return p.Report()
}
