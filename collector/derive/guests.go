package derive

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// noteTemplate is the reason why templates are exempt.
const noteTemplate = "template"

// guestSnapshots describes the guests, those of nodes that are down included.
func guestSnapshots(memory *state.Cluster, w *World, settings Settings, covers map[string]cover) []snapshot.Guest {
	locks := map[string]string{}
	for i := range w.Guests {
		locks[w.Guests[i].ID] = w.Guests[i].Lock
	}
	disks := countDisks(w)
	running := runningGuests(memory, w)
	result := make([]snapshot.Guest, 0, len(memory.Guests))
	for id, guest := range memory.Guests {
		described := snapshot.Guest{
			ID: id, Environment: environmentOf(guest, settings), VMID: guest.VMID, Name: guest.Name, Type: guest.Type, Node: guest.Node,
			Pool: guest.Pool, Template: guest.Template, Lock: locks[id],
		}
		exempt(&described, w.Now, settings)
		if w.JobsKnown {
			each := covers[id]
			described.Covered = optional.Some(each.covered() || each.outside)
			if !described.Exempt {
				described.Uncovered = each.uncovered
			}
		}
		if now, backedUp := running[id]; backedUp {
			described.Running, described.RunningSince, described.RunningProgress = true, now.since, now.progress
		}
		if count, known := disks[id]; known {
			described.ExcludedDisks, described.BindMounts = optional.Some(count.excluded), optional.Some(count.bind)
		}
		result = append(result, described)
	}
	slices.SortFunc(result, func(a, b snapshot.Guest) int { return strings.Compare(a.ID, b.ID) })
	return result
}

func environmentOf(guest *state.Guest, settings Settings) string {
	if settings.Environment == nil {
		return snapshot.Unassigned
	}
	return settings.Environment(guest.VMID, guest.HomeNode, guest.Pool, pve.SplitTags(guest.Tags))
}

// exempt applies the file's exemptions. One that has expired no longer excuses anything, but its end stays to be seen.
func exempt(guest *snapshot.Guest, now int64, settings Settings) {
	if guest.Template {
		guest.Exempt, guest.Note = true, noteTemplate
	}
	if settings.Scratch != nil && settings.Scratch(guest.VMID) {
		guest.Exempt, guest.Note = true, noteDrill
	}
	exemption, declared := settings.Exemptions[guest.VMID]
	if !declared {
		return
	}
	if exemption.Until != 0 {
		guest.ExemptUntil = optional.Some(exemption.Until)
		if exemption.Until <= now {
			return
		}
	}
	guest.Exempt, guest.Note = true, exemption.Note
}

type diskCount struct{ excluded, bind int }

// countDisks counts what the backup of a guest leaves out. Several jobs may list a guest: they agree, since flags belong to the guest.
func countDisks(w *World) map[string]diskCount {
	result := map[string]diskCount{}
	for _, guests := range w.Volumes {
		for _, guest := range guests {
			var count diskCount
			for _, volume := range guest.Volumes {
				switch {
				case volume.Included:
				case volume.NotVolume: // a folder or device of the host, which no vzdump contains
					count.bind++
				default:
					count.excluded++
				}
			}
			result[guest.Type+"/"+itoa(guest.VMID)] = count
		}
	}
	return result
}

type runningGuest struct {
	since    snapshot.Seconds
	progress optional.Value[float64]
}

// runningGuests finds the guests that vzdump tasks are at now.
func runningGuests(memory *state.Cluster, w *World) map[string]runningGuest {
	result := map[string]runningGuest{}
	for i := range w.Running {
		running := &w.Running[i]
		place := newPlacer(running.Task, &running.Report, w.Nodes[running.Task.Node].Zone)
		for _, facts := range running.Report.Guests {
			id := guestID(memory, facts.Type, facts.VMID)
			if facts.Result != vzdump.GuestRunning || id == "" {
				continue
			}
			now := runningGuest{since: optional.Some(running.Task.Start), progress: facts.Progress}
			if since, known := place.at(facts.Started); known {
				now.since = optional.Some(since)
			}
			result[id] = now
		}
	}
	return result
}
