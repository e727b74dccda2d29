package runlog

import (
	"fmt"
	"path"
	"strconv"
	"time"
)

// container writes the work on an LXC guest.
func container(w *writer, r *Run, g *GuestRun, mode string) {
	gu := g.Guest
	if mode == "snapshot" {
		mounts(w, g)
		if !gu.CanSnap {
			w.info("mode failure - some volumes do not support snapshots")
			w.info("trying 'suspend' mode instead")
			mode = "suspend"
		}
	}
	modeLines(w, r, mode)
	if mode != "snapshot" {
		mounts(w, g)
	}
	if cause := quiesce(w, r, g, mode); cause != "" {
		fail(w, g, cause)
		return
	}
	hook(w, r, g, "backup-start", mode)
	cause := ""
	switch g.Outcome {
	case HookFailed:
		cause = hookCause(r, g, "backup-start", mode)
	case StorageUnavailable:
		cause = "storage '" + r.Options.Target.Storage + "' is not online"
	default:
		creating(w, r, g)
		cause = pack(w, r, g)
	}
	w.at(g.End)
	if cause == "" {
		if r.Options.Target.PBS == "" {
			w.info("archive file size: " + archiveSize(g.Size))
		}
		cause = stored(w, r, g, mode)
	}
	if mode == "snapshot" {
		w.info("cleanup temporary 'vzdump' snapshot")
	}
	if gu.Running && mode == "stop" {
		w.info("restarting vm")
		w.infof("guest is online again after %d seconds", max(g.End-g.Start, 1))
	}
	if cause != "" {
		fail(w, g, cause)
		return
	}
	finish(w, r, g, mode)
}

// mounts names the container and says which of its mount points are in.
func mounts(w *writer, g *GuestRun) {
	w.info("CT Name: " + g.Guest.Name)
	for _, v := range g.Guest.Volumes {
		if v.Included {
			w.infof("including mount point %s ('%s') in backup", v.Key, v.Mount)
		} else {
			w.infof("excluding %s mount point %s ('%s') from backup (%s)", v.Kind, v.Key, v.Mount, v.Reason)
		}
	}
}

// quiesce writes how the container is brought to rest, and the cause where that failed.
func quiesce(w *writer, r *Run, g *GuestRun, mode string) (cause string) {
	gu := g.Guest
	switch {
	case mode == "snapshot":
		w.info("create storage snapshot 'vzdump'")
		if g.Outcome == SnapshotFailed {
			w.at(g.End)
			return fmt.Sprintf("zfs error: cannot create snapshot 'rpool/data/subvol-%d-disk-0@vzdump': dataset is busy", g.VMID)
		}
	case gu.Running && mode == "stop":
		w.info("stopping virtual guest")
	case mode == "suspend":
		return synchronise(w, r, g)
	}
	return ""
}

// synchronise writes the two passes of rsync that suspend mode makes.
func synchronise(w *writer, r *Run, g *GuestRun) (cause string) {
	tmp := temporary(g.Archive, ".tmp")
	if r.Options.Target.PBS != "" {
		tmp = fmt.Sprintf("/var/tmp/vzdumptmp%d_%d", 1000+g.Start%30000, g.VMID)
	}
	half := (g.End - g.Start) / 2
	w.infof("starting first sync /proc/%d/root/ to %s", g.Guest.PID, tmp)
	w.at(g.Start + half)
	if g.Outcome == SnapshotFailed {
		w.at(g.End)
		return "command 'rsync --stats -h -X -A --numeric-ids -aH --delete --no-whole-file --sparse --one-file-system --relative '--exclude=/tmp/?*' /proc/" +
			strconv.Itoa(g.Guest.PID) + "/root//./ " + tmp + "' failed: exit code 23"
	}
	w.infof("first sync finished - transferred %s bytes in %ds", rsyncSize(g.Read), half)
	w.info("suspending guest")
	w.infof("starting final sync /proc/%d/root/ to %s", g.Guest.PID, tmp)
	away := int64(hash(r.Seed, uint64(g.Start)) % 4)
	w.infof("final sync finished - transferred %s bytes in %ds", rsyncSize(g.Read/900), away)
	w.info("resuming guest")
	if away == 0 {
		w.info("guest is online again after <1 seconds")
	} else {
		w.infof("guest is online again after %d seconds", away)
	}
	return ""
}

// pack writes the archiving itself, and the cause where that failed.
func pack(w *writer, r *Run, g *GuestRun) (cause string) {
	if r.Options.Target.PBS != "" {
		return upload(w, r, g)
	}
	if g.Outcome == Interrupted {
		w.at(g.End)
		return tarCommand(r, g) + "' failed: interrupted by signal"
	}
	w.at(g.End)
	if lines, code := tarFailure(g); code != 0 {
		for _, line := range lines {
			w.info(line)
		}
		return tarCommand(r, g) + "' failed: exit code " + strconv.Itoa(code)
	}
	seconds := max(g.End-g.Start, 1)
	w.infof("Total bytes written: %d (%s, %s/s)", g.Read, tarSize(g.Read), tarSize(g.Read/seconds))
	return ""
}

// tarCommand is the beginning of the command that a failed container names, up to where its verdict follows.
func tarCommand(r *Run, g *GuestRun) string {
	tmp := temporary(g.Archive, ".tmp")
	compressor := map[string]string{"zstd": " | zstd '--threads=1'", "gzip": " | gzip --rsyncable", "1": " | lzop", "lzo": " | lzop"}[r.Options.Compress]
	return "command 'set -o pipefail && lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- tar cpf - --totals --one-file-system -p --sparse" +
		" --numeric-owner --acls --xattrs '--xattrs-include=user.*' '--xattrs-include=security.capability' '--warning=no-file-ignored'" +
		" '--warning=no-xattr-write' --one-file-system '--warning=no-file-ignored' '--directory=" + tmp + "' ./etc/vzdump/pct.conf ./etc/vzdump/pct.fw" +
		" '--directory=/mnt/vzsnap0' --no-anchored '--exclude=lost+found' --anchored '--exclude=./tmp/?*' '--exclude=./var/tmp/?*' '--exclude=./var/run/?*.pid' ./" +
		compressor + " >" + temporary(g.Archive, ".tar.dat")
}

// upload writes the output of proxmox-backup-client (3.3 and newer) for a container.
func upload(w *writer, r *Run, g *GuestRun) (cause string) {
	pbs, group := r.Options.Target.PBS, path.Base(path.Dir(g.Archive))
	tmp := fmt.Sprintf("/var/tmp/vzdumptmp%d_%d", 1000+g.Start%30000, g.VMID)
	run := "lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- /usr/bin/proxmox-backup-client backup --crypt-mode=none pct.conf:" + tmp +
		"/etc/vzdump/pct.conf root.pxar:/mnt/vzsnap0 --include-dev /mnt/vzsnap0/./ --skip-lost-and-found --exclude=/tmp/?* --exclude=/var/tmp/?*" +
		" --exclude=/var/run/?*.pid --backup-type ct --backup-id " + group + " --backup-time " + strconv.FormatInt(g.Start, 10) + " --entries-max 1048576 --repository " + pbs
	w.info("set max number of entries in memory for file-based backups to 1048576")
	w.info("run: " + run)
	w.info("Starting backup: " + g.Archive + "    ")
	w.info("Client name: pve    ")
	w.info("Starting backup protocol: " + time.Unix(g.Start, 0).In(r.Location).Format(time.ANSIC) + "    ")
	if g.First {
		w.info("No previous manifest available.    ")
	} else {
		w.info("Downloading previous manifest (" + time.Unix(g.Start-86400, 0).In(r.Location).Format(time.ANSIC) + ")    ")
	}
	w.infof("Upload config file '%s/etc/vzdump/pct.conf' to '%s' as pct.conf.blob    ", tmp, pbs)
	w.infof("Upload directory '/mnt/vzsnap0' to '%s' as root.pxar.didx    ", pbs)
	for t := g.Start + 60; t < g.End; t += 60 {
		w.at(t)
		part := float64(t-g.Start) / float64(g.End-g.Start)
		w.infof("processed %s in %s, uploaded %s", pbsSize(int64(float64(g.Total)*part)), renderDuration(t-g.Start), pbsSize(int64(float64(g.Size)*part)))
	}
	w.at(g.End)
	if line := clientFailure(g); line != "" {
		w.info(line)
		return "command '" + run + "' failed: exit code 255"
	}
	if g.Outcome == Interrupted {
		return "command '" + run + "' failed: interrupted by signal"
	}
	seconds := float64(max(g.End-g.Start, 1))
	w.infof("root.pxar: had to backup %s of %s (compressed %s) in %.2f s (average %s/s)", pbsSize(g.Read), pbsSize(g.Total), pbsSize(g.Size), seconds, pbsSize(int64(float64(g.Read)/seconds)))
	if reused := g.Total - g.Read; reused > 0 {
		w.infof("root.pxar: backup was done incrementally, reused %s (%.1f%%)", pbsSize(reused), float64(reused)*100/float64(g.Total))
	}
	w.infof("Uploaded backup catalog (%s)", pbsSize(300000+g.Total/40000))
	w.infof("Duration: %.2fs    ", seconds)
	w.info("End Time: " + time.Unix(g.End, 0).In(r.Location).Format(time.ANSIC) + "    ")
	return ""
}
