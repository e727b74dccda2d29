package pvesim

import (
	"cmp"
	"path"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// nextGuest begins the next guest of a run, or ends the run after the last one.
func (c *Cluster) nextGuest(run *backupRun) {
	if len(run.todo) == 0 {
		c.over(run)
		return
	}
	vmid := run.todo[0]
	run.todo = run.todo[1:]
	guest := c.model.Guests[vmid]
	if guest != nil && guest.Node != run.task.node {
		guest = nil // it went away while earlier guests were backed up
	}
	rule := c.ruleFor(run, vmid, aboutGuest)
	gr := c.plan(run, vmid, guest, rule)
	run.Guests = append(run.Guests, gr)
	if guest != nil && gr.Outcome.Started() && gr.Outcome != runlog.GuestLocked && gr.Outcome != runlog.LockTimeout {
		run.config = guest.saved()
		guest.Lock = "backup"
		c.beginArchive(run, &gr)
	}
	run.keepLock, run.unpruned = rule != nil && rule.KeepLock, rule != nil && rule.Unpruned
	c.later(run, gr.End, func() { c.endGuest(run) })
}

// plan decides how the backup of a guest will go.
func (c *Cluster) plan(run *backupRun, vmid int, guest *Guest, rule *Rule) runlog.GuestRun {
	gr := runlog.GuestRun{VMID: vmid, Start: c.at, End: c.at}
	if guest == nil {
		gr.Outcome = runlog.GuestMissing
		return gr
	}
	gr.Guest = c.factsOf(guest)
	if guest.Lock != "" {
		gr.Outcome = runlog.GuestLocked
	} else if rule != nil {
		gr.Outcome, gr.Limit = rule.Outcome, 3
	}
	storage := c.model.Storage(run.options["storage"])
	if gr.Outcome == runlog.OK {
		gr.Outcome, gr.Limit = c.limited(run, storage, guest)
	}
	if gr.Outcome == runlog.BackupLimit || gr.Outcome == runlog.ProtectedLimit || gr.Outcome == runlog.GuestLocked {
		return gr
	}
	c.measure(run, &gr, guest, storage)
	if rule != nil {
		gr.Size = int64(float64(gr.Size) * cmp.Or(rule.Size, 1))
		gr.End = gr.Start + int64(float64(gr.End-gr.Start)*cmp.Or(rule.Duration, 1))
	}
	c.troubles(run, &gr, storage)
	gr.Archive = archivePath(run, guest, gr.Start)
	return gr
}

// limited looks for limits on the number of archives.
func (c *Cluster) limited(run *backupRun, storage *Storage, guest *Guest) (o runlog.Outcome, limit int) {
	if storage == nil {
		return runlog.OK, 0
	}
	protected, plain := 0, 0
	for _, a := range c.shelfAt(c.model.place(storage, run.task.node)).byGuest[guest.VMID] {
		if a.Protected {
			protected++
		} else if a.Renamed == "" {
			plain++
		}
	}
	if limit, err := strconv.Atoi(storage.Config["max-protected-backups"]); err == nil && limit >= 0 && run.Options.Protected && protected >= limit {
		return runlog.ProtectedLimit, limit
	}
	rule := statedRetention(run.options, storage)
	limit = rule.Last + rule.Hourly + rule.Daily + rule.Weekly + rule.Monthly + rule.Yearly
	if run.options["remove"] == "0" && !rule.KeepsAll() && plain >= limit {
		return runlog.BackupLimit, limit
	}
	return runlog.OK, 0
}

// troubles turns a planned success into a failure where the storage cannot take it, and shortens what breaks off early.
func (c *Cluster) troubles(run *backupRun, gr *runlog.GuestRun, storage *Storage) {
	if storage != nil && gr.Outcome == runlog.OK {
		switch free := c.free(storage, run.task.node); {
		case !storage.Active(run.task.node):
			gr.Outcome = runlog.StorageUnavailable
		case storage.Size > 0 && gr.Size > free:
			gr.Outcome = runlog.StorageFull
		}
	}
	span := gr.End - gr.Start
	switch gr.Outcome {
	case runlog.GuestLocked, runlog.StorageUnavailable, runlog.HookFailed:
		gr.End = gr.Start
	case runlog.LockTimeout:
		gr.End = gr.Start + 10
	case runlog.QMPTimeout:
		gr.End = gr.Start + 125
	case runlog.Permission, runlog.SnapshotFailed, runlog.Unknown:
		gr.End = gr.Start + 1
	case runlog.StorageFull, runlog.IOError, runlog.Network, runlog.ArchiveWrite, runlog.Interrupted, runlog.Crashed:
		gr.End = gr.Start + max(span*2/3, 1)
	}
}

// endGuest is the end of a guest's backup: the archive is stored or given up, older ones are pruned, the lock goes.
func (c *Cluster) endGuest(run *backupRun) {
	gr := &run.Guests[len(run.Guests)-1]
	if guest := c.model.Guests[gr.VMID]; guest != nil && gr.Guest != nil && guest.Lock == "backup" && gr.Outcome != runlog.GuestLocked &&
		!(run.keepLock && gr.Outcome == runlog.Crashed) {
		guest.Lock = ""
	}
	c.endArchive(run, gr)
	if gr.Outcome == runlog.Interrupted || gr.Outcome == runlog.Crashed {
		c.abort(run, gr.Outcome)
		c.over(run)
		return
	}
	c.nextGuest(run)
}

// archivePath is the archive as the log names it.
func archivePath(run *backupRun, guest *Guest, start int64) string {
	a := Archive{VMID: guest.VMID, Type: guest.Type, Created: start}
	if run.Options.Target.PBS != "" {
		return a.name()
	}
	a.Ending, a.wall = ending(guest.Type, run.Options.Compress), wallClock(start, run.Location)
	return path.Join(run.Options.Target.Dir, a.name())
}

// ending is the file ending of an archive.
func ending(kind, compress string) string {
	base := "vma"
	if kind == "lxc" {
		base = "tar"
	}
	return base + map[string]string{"zstd": ".zst", "gzip": ".gz", "lzo": ".lzo", "1": ".lzo"}[compress]
}

// prunedName is the volume id of an archive that a run removed.
func (run *backupRun) prunedName(g *runlog.GuestRun, ctime int64) string {
	a := Archive{
		Storage: run.options["storage"], VMID: g.VMID, Type: g.Guest.Type, Created: ctime,
		Ending: ending(g.Guest.Type, run.Options.Compress), wall: wallClock(ctime, run.Location),
	}
	if a.Storage == "" {
		return path.Join(run.Options.Target.Dir, a.name())
	}
	return a.Volume()
}
