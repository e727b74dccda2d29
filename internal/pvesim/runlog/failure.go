package runlog

import (
	"fmt"
	"strconv"
)

// earlyCause is the text of a failure that comes before the guest's first line.
func earlyCause(r *Run, g *GuestRun) string {
	switch g.Outcome {
	case BackupLimit:
		return "There is a max backup limit of " + strconv.Itoa(g.Limit) + " enforced by the target storage or the vzdump parameters. Either increase the limit or delete old backups."
	case ProtectedLimit:
		return "The number of protected backups per guest is limited to " + strconv.Itoa(g.Limit) + " on storage '" + r.Options.Target.Storage + "'"
	}
	return "unable to find VM '" + strconv.Itoa(g.VMID) + "'"
}

// lockCause is the text of a guest whose configuration is locked, by a lock in it or by another process.
func lockCause(g *Guest, o Outcome) string {
	if o == LockTimeout {
		if g.Type == "lxc" {
			return fmt.Sprintf("can't acquire lock '/run/lock/lxc/pve-config-%d.lock' - got timeout", g.VMID)
		}
		return fmt.Sprintf("can't lock file '/var/lock/qemu-server/lock-%d.conf' - got timeout", g.VMID)
	}
	lock := g.Lock
	if lock == "" {
		lock = "backup"
	}
	if g.Type == "lxc" {
		return "CT is locked (" + lock + ")"
	}
	return "VM is locked (" + lock + ")"
}

// hookCause is the text of a hook script's failure.
func hookCause(r *Run, g *GuestRun, phase, mode string) string {
	script := r.Options.Hook
	if script == "" {
		script = "/usr/local/bin/vzdump-hook.pl"
	}
	return fmt.Sprintf("command '%s %s %s %d' failed: exit code 3", script, phase, mode, g.VMID)
}

// startRefused writes a machine that could not be started for its backup.
func startRefused(w *writer, g *GuestRun) string {
	if !g.Guest.Running {
		disk := "/dev/zvol/rpool/data/vm-" + strconv.Itoa(g.VMID) + "-disk-0"
		w.raw("kvm: -drive file=" + disk + ": Could not open '" + disk + "': Permission denied")
		w.failure("start failed: QEMU exited with code 1")
		w.info("aborting backup job")
		w.failure(fmt.Sprintf("VM %d not running", g.VMID))
		return "start failed: QEMU exited with code 1"
	}
	return "unable to open '" + temporary(g.Archive, ".vma.dat") + "' - Permission denied"
}

// refused is the text of a backup that QEMU never began.
func refused(r *Run, g *GuestRun) string {
	switch g.Outcome {
	case QMPTimeout:
		return fmt.Sprintf("VM %d qmp command 'backup' failed - got timeout", g.VMID)
	case Permission:
		return fmt.Sprintf("VM %d qmp command 'backup' failed - backup connect failed: command error: permission check failed.", g.VMID)
	case Network:
		if r.Options.Target.PBS != "" {
			return fmt.Sprintf("VM %d qmp command 'backup' failed - backup connect failed: command error: error trying to connect: tcp connect error: Connection timed out (os error 110)", g.VMID)
		}
	case Unknown:
		return "got unexpected uuid"
	}
	return ""
}

// broken is the text of a copy that stopped on its way.
func broken(r *Run, g *GuestRun) string {
	pbs := r.Options.Target.PBS != ""
	switch g.Outcome {
	case IOError:
		return "job failed with err -5 - Input/output error"
	case Network:
		return "job failed with err -104 - Connection reset by peer"
	case Interrupted:
		return "interrupted by signal"
	case StorageFull:
		switch {
		case pbs:
			return "backup write data failed: command error: write_data upload error: pipelined request failed: No space left on device (os error 28)"
		case r.Options.Compress == "zstd":
			return "zstd --threads=1 failed - wrong exit status 70"
		}
		return "vma_queue_write: write error - No space left on device"
	case ArchiveWrite:
		if pbs {
			return "job failed with err -32 - Broken pipe"
		}
		return "vma_queue_write: write error - Broken pipe"
	}
	return ""
}

// breakOff writes the end of a copy that stopped on its way, and returns the cause.
func breakOff(w *writer, r *Run, g *GuestRun, cause string, started bool) string {
	w.at(g.End)
	if g.Outcome == StorageFull && r.Options.Target.PBS == "" && r.Options.Compress == "zstd" {
		w.raw("zstd: error 70 : Write error : cannot write block : No space left on device ")
		if started && !g.Guest.Running {
			w.info("stopping kvm after backup task")
		}
		return cause
	}
	w.failure(cause)
	aborting(w, g.Guest, started)
	return cause
}

// aborting writes how a failed backup leaves the machine.
func aborting(w *writer, g *Guest, started bool) {
	w.info("aborting backup job")
	if started && !g.Running {
		w.info("stopping kvm after backup task")
	} else {
		w.info("resuming VM again")
	}
}

// tarFailure is what tar and the compressor print when they fail, and their exit code; 0 for a good end.
func tarFailure(g *GuestRun) (lines []string, code int) {
	switch g.Outcome {
	case StorageFull:
		return []string{
			fmt.Sprintf("Total bytes written: %d (%s, %s/s)", g.Read, tarSize(g.Read), tarSize(g.Read/max(g.End-g.Start, 1))),
			"zstd: error 70 : Write error : cannot write block : No space left on device ",
		}, 70
	case IOError:
		return []string{
			"tar: ./var/lib/app/data.db: Read error at byte 1048576, while reading 10240 bytes: Input/output error",
			"tar: Exiting with failure status due to previous errors",
		}, 2
	case Permission:
		return []string{
			"tar: " + temporary(g.Archive, ".tmp") + ": Cannot open: Permission denied",
			"tar: Error is not recoverable: exiting now",
		}, 2
	case ArchiveWrite, Unknown, QMPTimeout:
		return []string{"tar: Exiting with failure status due to previous errors"}, 2
	case Network:
		return []string{"zstd: error 70 : Write error : cannot write block : Connection reset by peer "}, 70
	}
	return nil, 0
}

// clientFailure is what proxmox-backup-client prints when it fails; empty for a good end.
func clientFailure(g *GuestRun) string {
	switch g.Outcome {
	case StorageFull:
		return "Error: pipelined request failed: No space left on device (os error 28)"
	case IOError:
		return "Error: error at \"var/lib/app/data.db\": Input/output error (os error 5)"
	case Permission:
		return "Error: permission check failed - missing Datastore.Backup on /datastore/backup"
	case Network, QMPTimeout:
		return "Error: error trying to connect: tcp connect error: Connection timed out (os error 110)"
	case ArchiveWrite, Unknown:
		return "Error: broken pipe"
	}
	return ""
}
