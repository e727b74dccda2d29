package pvesim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// beginArchive makes an upload visible on a Proxmox Backup Server: a snapshot of one byte that is not finished.
func (c *Cluster) beginArchive(run *backupRun, gr *runlog.GuestRun) {
	run.partial = nil
	if storage := c.model.Storage(run.options["storage"]); storage != nil && storage.Type == "pbs" && gr.Outcome != runlog.StorageUnavailable {
		run.partial = c.model.AddArchive(Archive{
			Storage: storage.ID, Node: run.task.node, VMID: gr.VMID, Type: gr.Guest.Type,
			Created: gr.Start, Size: 1, Unfinished: true,
		})
	}
}

// endArchive stores the archive of a guest that has come to its end, or takes the unfinished one away, and prunes.
func (c *Cluster) endArchive(run *backupRun, gr *runlog.GuestRun) {
	storage := c.model.Storage(run.options["storage"])
	if storage == nil || gr.Guest == nil {
		return
	}
	partial := run.partial
	run.partial = nil
	shelf := c.shelfAt(c.model.place(storage, run.task.node))
	if !gr.Outcome.Stored() {
		if partial != nil && gr.Outcome != runlog.Crashed {
			shelf.remove(partial)
		}
		return
	}
	a := Archive{
		Storage: storage.ID, Node: run.task.node, VMID: gr.VMID, Type: gr.Guest.Type, Created: gr.Start, Size: gr.Size,
		Protected: run.Options.Protected && gr.Outcome != runlog.ProtectFailed, Ending: ending(gr.Guest.Type, run.Options.Compress),
		Config: run.config,
	}
	if run.Options.Notes {
		a.Notes = c.notes(run, gr)
	}
	if storage.Type == "pbs" {
		shelf.remove(partial)
		a.Ending, a.Size, a.Stored, a.Encrypted = "", max(gr.Total, 1), max(gr.Size, 1), storage.Config["encryption-key"]
	}
	c.model.AddArchive(a)
	if gr.Outcome != runlog.PruneFailed && gr.Outcome != runlog.ProtectFailed && run.Options.Retention != "" && !run.unpruned {
		gr.Pruned = c.prune(run, storage, shelf, gr)
	}
}

// prune removes what the run's retention does not keep of one guest, and returns the creation times.
func (c *Cluster) prune(run *backupRun, storage *Storage, s *shelf, gr *runlog.GuestRun) []int64 {
	rule := retention(run.options, storage)
	group, times := s.group(gr.VMID, gr.Guest.Type, run.Location)
	var pruned []int64
	for i, keep := range rule.Keep(times) {
		if !keep {
			s.remove(group[i])
			pruned = append(pruned, group[i].Created)
		}
	}
	slices.Sort(pruned)
	// A snapshot that was never finished goes with the first pruning after a later one that was.
	for _, a := range slices.Clone(s.byGuest[gr.VMID]) {
		if a.Unfinished && a.Created < gr.Start {
			s.remove(a)
		}
	}
	return pruned
}

// notes fills in a run's notes template.
func (c *Cluster) notes(run *backupRun, gr *runlog.GuestRun) string {
	text := run.options["notes-template"]
	for _, pair := range [...][2]string{
		{"{{guestname}}", gr.Guest.Name},
		{"{{vmid}}", strconv.Itoa(gr.VMID)},
		{"{{node}}", run.task.node},
		{"{{cluster}}", c.model.Name},
		{`\n`, "\n"},
		{`\\`, `\`},
	} {
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

// group lists what retention looks at: the finished archives of a guest that are neither protected nor renamed, with their times.
func (s *shelf) group(vmid int, kind string, zone *time.Location) ([]*Archive, []time.Time) {
	var group []*Archive
	var times []time.Time
	for _, a := range s.byGuest[vmid] {
		if a.Type == kind && !a.Protected && a.Renamed == "" && !a.Unfinished {
			group = append(group, a)
			times = append(times, time.Unix(a.ctime(zone), 0).In(zone))
		}
	}
	return group, times
}
