package runlog

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// guest writes the block of one guest: what comes before its own kind of work, that work, and the end.
func guest(w *writer, r *Run, g *GuestRun) {
	w.at(g.Start)
	if !w.past() {
		return
	}
	if !g.Outcome.Started() {
		fail(w, g, earlyCause(r, g))
		return
	}
	gu := g.Guest
	w.infof("Starting Backup of VM %d (%s)", g.VMID, gu.Type)
	w.info("Backup started at " + w.local(g.Start))
	w.info("status = " + map[bool]string{true: "running", false: "stopped"}[gu.Running])
	mode := r.Options.Mode
	if mode == "" {
		mode = "snapshot"
	}
	if !gu.Running {
		mode = "stop"
	}
	if g.Outcome == GuestLocked || g.Outcome == LockTimeout {
		fail(w, g, lockCause(gu, g.Outcome))
		return
	}
	if gu.Type == "lxc" {
		container(w, r, g, mode)
	} else {
		machine(w, r, g, mode)
	}
}

// modeLines announce the effective mode and its limits.
func modeLines(w *writer, r *Run, mode string) {
	w.info("backup mode: " + mode)
	if r.Options.Bandwidth > 0 {
		w.infof("bandwidth limit: %d KiB/s", r.Options.Bandwidth)
	}
	w.info("ionice priority: 7")
}

// hook prints what the hook script says in a phase. It may say anything, lines that look like vzdump's own included.
func hook(w *writer, r *Run, g *GuestRun, phase, mode string) {
	if r.Options.Hook == "" {
		return
	}
	w.infof("HOOK: %s %s %d", phase, mode, g.VMID)
	if r.Options.Target.Dir != "" {
		w.info("DUMPDIR=" + r.Options.Target.Dir)
	}
	w.info("HOSTNAME=" + g.Guest.Name)
	if r.Options.Target.Storage != "" {
		w.info("STOREID=" + r.Options.Target.Storage)
	}
	w.info("TARGET=" + g.Archive)
	w.info("VMTYPE=" + g.Guest.Type)
	if phase == "backup-start" {
		for _, line := range g.Guest.HookLines {
			w.info(line)
		}
	}
}

// creating is the line that names the archive.
func creating(w *writer, r *Run, g *GuestRun) {
	kind := "vzdump"
	if r.Options.Target.PBS != "" {
		kind = "Proxmox Backup Server"
	}
	w.infof("creating %s archive '%s'", kind, g.Archive)
}

// stored writes what follows a complete archive: notes, protection, retention, hooks. It returns the cause where one of them failed.
func stored(w *writer, r *Run, g *GuestRun, mode string) (cause string) {
	o := r.Options
	if o.Notes {
		w.info("adding notes to backup")
		if g.Outcome == Warned {
			w.warn("unable to add notes - error writing notes file: Input/output error")
		}
	}
	if g.Outcome == ProtectFailed {
		w.info("marking backup as protected")
		return "unable to set protected flag - unable to create '" + g.Archive + ".protected' - Permission denied"
	}
	if o.Protected {
		w.info("marking backup as protected")
	}
	if g.Outcome == PruneFailed || o.Retention != "" {
		if cause := prune(w, r, g); cause != "" {
			return cause
		}
	}
	hook(w, r, g, "backup-end", mode)
	if g.Outcome == HookEndFailed {
		return hookCause(r, g, "backup-end", mode)
	}
	return ""
}

// prune writes the retention part of a guest's block.
func prune(w *writer, r *Run, g *GuestRun) (cause string) {
	retention := r.Options.Retention
	if retention == "" {
		retention = "keep-last=3"
	}
	w.info("prune older backups with retention: " + retention)
	group := g.Guest.pbsGroup()
	if r.Options.Target.PBS != "" {
		w.info("running 'proxmox-backup-client prune' for '" + group + "'")
		if g.Outcome == PruneFailed {
			w.failure("prune '" + group + "': proxmox-backup-client failed: Error: permission check failed - missing Datastore.Modify|Datastore.Prune on /datastore/backup")
		}
	} else {
		for _, ctime := range g.Pruned {
			w.info("removing backup '" + r.PruneName(g, ctime) + "'")
		}
		if g.Outcome == PruneFailed {
			name := r.PruneName(g, g.Start-8*86400)
			w.info("removing backup '" + name + "'")
			w.failure("error when removing backup '" + name + "' - removing archive " + r.Options.Target.Dir + "/" + path.Base(name) + " failed: Permission denied")
		}
	}
	if g.Outcome == PruneFailed {
		return "error pruning backups - check log"
	}
	if len(g.Pruned) == 0 {
		w.info("pruned 0 backup(s)")
	} else {
		w.infof("pruned %d backup(s) not covered by keep-retention policy", len(g.Pruned))
	}
	return ""
}

// finish writes the last lines of a good guest.
func finish(w *writer, r *Run, g *GuestRun, mode string) {
	w.infof("Finished Backup of VM %d (%s)", g.VMID, clockDuration(g.End-g.Start))
	w.info("Backup finished at " + w.local(g.End))
	hook(w, r, g, "log-end", mode)
	if g.Outcome == Warned && !r.Options.Notes {
		w.warn(hookCause(r, g, "log-end", mode))
	}
}

// fail writes the last lines of a failed guest; the cause may have several lines.
func fail(w *writer, g *GuestRun, cause string) {
	w.at(g.End)
	w.failure(fmt.Sprintf("Backup of VM %d failed - %s", g.VMID, cause))
	w.info("Failed at " + w.local(g.End))
}

// pbsGroup is the guest's group on a Proxmox Backup Server, "vm/100".
func (g *Guest) pbsGroup() string {
	if g.Type == "lxc" {
		return "ct/" + strconv.Itoa(g.VMID)
	}
	return "vm/" + strconv.Itoa(g.VMID)
}

// temporary is the archive's name with another ending, as vzdump calls its unfinished files.
func temporary(archive, ending string) string {
	dir, name := path.Split(archive)
	stem, _, _ := strings.Cut(name, ".")
	return dir + stem + ending
}
