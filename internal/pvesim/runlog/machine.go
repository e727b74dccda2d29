package runlog

import (
	"fmt"
	"strconv"
)

// machine writes the work on a QEMU guest.
func machine(w *writer, r *Run, g *GuestRun, mode string) {
	if mode == "snapshot" {
		disks(w, g)
		modeLines(w, r, mode)
	} else {
		modeLines(w, r, mode)
		disks(w, g)
	}
	gu := g.Guest
	switch {
	case gu.Running && mode == "stop":
		w.info("stopping virtual guest")
	case mode == "suspend":
		w.info("suspending guest")
	}
	hook(w, r, g, "backup-start", mode)
	if g.Outcome == HookFailed {
		fail(w, g, hookCause(r, g, "backup-start", mode))
		return
	}
	if g.Outcome == StorageUnavailable {
		fail(w, g, "storage '"+r.Options.Target.Storage+"' is not online")
		return
	}
	creating(w, r, g)
	if included(gu) == 0 {
		diskless(w, r, g)
	} else if cause := transfer(w, r, g, mode); cause != "" {
		fail(w, g, cause)
		return
	}
	w.at(g.End)
	if r.Options.Target.PBS == "" {
		w.info("archive file size: " + archiveSize(g.Size))
	}
	if cause := stored(w, r, g, mode); cause != "" {
		fail(w, g, cause)
		return
	}
	if mode == "suspend" && gu.Running {
		w.info("resume vm")
	}
	finish(w, r, g, mode)
}

// disks names the machine and says which of its disks are in.
func disks(w *writer, g *GuestRun) {
	if g.Guest.Name != "" {
		w.info("VM Name: " + g.Guest.Name)
	}
	for _, v := range g.Guest.Volumes {
		if v.Included {
			w.infof("include disk '%s' '%s' %s", v.Key, v.ID, diskSize(v.Size))
		} else {
			w.infof("exclude disk '%s' '%s' (%s)", v.Key, v.ID, v.Reason)
		}
	}
	for _, volume := range g.Guest.Unused {
		w.infof("skip unused drive '%s' (not included into backup)", volume)
	}
	if g.Guest.Snapshots {
		w.info("snapshots found (not included into backup)")
	}
}

// included counts the volumes that are in the backup.
func included(g *Guest) int {
	n := 0
	for _, v := range g.Volumes {
		if v.Included {
			n++
		}
	}
	return n
}

// diskless writes the short work on a machine without disks.
func diskless(w *writer, r *Run, g *GuestRun) {
	w.info("backup contains no disks")
	w.info("starting diskless backup")
	if pbs := r.Options.Target.PBS; pbs != "" {
		w.infof("/usr/bin/proxmox-backup-client backup --repository %s --backup-type vm --backup-id %d --backup-time %d qemu-server.conf:/var/tmp/vzdumptmp%d_%d/qemu-server.conf",
			pbs, g.VMID, g.Start, 1000+g.Start%30000, g.VMID)
		w.info("Starting backup: " + g.Archive)
		w.info("Duration: 0.12s")
		return
	}
	w.infof("/usr/bin/vma create -v -c %s/qemu-server.conf exec:zstd --threads=1 > %s", temporary(g.Archive, ".tmp"), temporary(g.Archive, ".vma.dat"))
}

// transfer writes the copy of the disks. It returns the cause where the copy failed.
func transfer(w *writer, r *Run, g *GuestRun, mode string) (cause string) {
	gu := g.Guest
	started := !gu.Running || mode == "stop"
	if started {
		w.info("starting kvm to execute backup task")
	}
	if g.Outcome == Permission && r.Options.Target.PBS == "" {
		return startRefused(w, g)
	}
	freeze := gu.Running && gu.Agent && mode != "stop"
	if freeze {
		w.info("issuing guest-agent 'fs-freeze' command")
	}
	if g.Outcome == SnapshotFailed {
		w.info("aborting backup job")
		return fmt.Sprintf("lvcreate 'pve/vm-%d-fleece-0' error:   Volume group \"pve\" has insufficient free space (120 extents): 8192 required.", g.VMID)
	}
	w.info("starting backup via QMP command")
	if freeze {
		w.info("issuing guest-agent 'fs-thaw' command")
	}
	if text := refused(r, g); text != "" {
		w.at(g.End)
		w.failure(text)
		aborting(w, gu, started)
		return text
	}
	w.infof("started backup task '%s'", uuid(hash(r.Seed, uint64(g.VMID), uint64(g.Start))))
	switch {
	case gu.Running && mode == "snapshot":
		w.info("resuming VM again")
	case gu.Running:
		w.infof("resuming VM again after %d seconds", 1+hash(r.Seed, uint64(g.Start))%4)
	}
	bitmaps(w, r, g)
	if cause := broken(r, g); cause != "" {
		progress(w, g, 0.3+float64(hash(r.Seed, uint64(g.Start), 5)%60)/100)
		return breakOff(w, r, g, cause, started)
	}
	progress(w, g, 1)
	w.at(g.End)
	totals(w, r, g)
	if started && !gu.Running {
		w.info("stopping kvm after backup task")
	}
	return ""
}

// bitmaps writes what a Proxmox Backup Server's client says of each disk's changed blocks.
func bitmaps(w *writer, r *Run, g *GuestRun) {
	if r.Options.Target.PBS == "" {
		return
	}
	n := included(g.Guest)
	for _, v := range g.Guest.Volumes {
		if !v.Included {
			continue
		}
		if g.First || !g.Guest.Running {
			w.info(v.Key + ": dirty-bitmap status: created new")
			continue
		}
		w.infof("%s: dirty-bitmap status: OK (%s of %s dirty)", v.Key, renderBytes(g.Read/int64(n), 1), renderBytes(v.Size, 1))
	}
	if !g.First && g.Guest.Running {
		w.infof("using fast incremental mode (dirty-bitmap), %s dirty of %s total", renderBytes(g.Read, 1), renderBytes(g.Total, 1))
	}
}

// progress writes a line for each percent, three seconds apart at least, as far as the copy came.
func progress(w *writer, g *GuestRun, reach float64) {
	span := g.End - g.Start
	if span <= 0 {
		w.at(g.End)
		progressLine(w, 0, 0, g, g.Start)
		return
	}
	last := int64(-1)
	for t := g.Start + 3; ; t += 3 {
		t = min(t, g.End)
		done := int64(float64(g.Read) * reach * float64(t-g.Start) / float64(span))
		percent := int64(100)
		if g.Read > 0 {
			percent = done * 100 / g.Read
		}
		if percent != last {
			w.at(t)
			if !w.past() {
				return
			}
			last = percent
			progressLine(w, percent, done, g, t)
		}
		if t == g.End {
			return
		}
	}
}

// progressLine writes one line of the copy's progress.
func progressLine(w *writer, percent, done int64, g *GuestRun, t int64) {
	rate := done / max(t-g.Start, 1)
	text := strconv.FormatInt(percent, 10)
	for len(text) < 3 {
		text = " " + text
	}
	w.info(text + "% (" + renderBytes(done, 1) + " of " + renderBytes(g.Read, 1) + ") in " + renderDuration(t-g.Start) +
		", read: " + renderRate(rate, 1) + ", write: " + renderRate(rate*2/5, 1))
}

// totals writes the figures after the copy.
func totals(w *writer, r *Run, g *GuestRun) {
	if r.Options.Target.PBS != "" {
		if g.First || !g.Guest.Running {
			zero := g.Total / 5
			w.infof("backup is sparse: %s (%d%%) total zero data", renderBytes(zero, 2), percentOf(zero, g.Total))
		}
		reused := g.Total - g.Size
		w.infof("backup was done incrementally, reused %s (%d%%)", renderBytes(reused, 2), percentOf(reused, g.Total))
	} else if zero := g.Read * int64(20+hash(r.Seed, uint64(g.VMID))%50) / 100; zero > 0 {
		w.infof("backup is sparse: %s (%d%%) total zero data", renderBytes(zero, 2), percentOf(zero, g.Read))
	}
	if seconds := g.End - g.Start; seconds > 0 {
		w.infof("transferred %s in %d seconds (%s)", renderBytes(g.Read, 2), seconds, renderRate(g.Read, seconds))
	} else {
		w.infof("transferred %s in <1 seconds", renderBytes(g.Read, 2))
	}
}

// percentOf is a whole percentage, 0 of nothing.
func percentOf(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	return part * 100 / whole
}
