package cluster

import (
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// future is the job as it will be, as far as it decides who is backed up.
func (j *jobWish) future() pve.Job {
	return pve.Job{
		ID: j.ID, Enabled: j.fields["enabled"].Text == "1", Schedule: j.fields["schedule"].Text, Storage: j.fields["storage"].Text,
		Node: j.fields["node"].Text, Pool: j.fields["pool"].Text, All: j.fields["all"].Text == "1",
		VMIDs: ascending(idsOf(j.fields["vmid"].Text)), Exclude: ascending(idsOf(j.fields["exclude"].Text)),
	}
}

func ascending(ids map[int]bool) []int {
	list := make([]int, 0, len(ids))
	for id := range ids {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// willCover lists the guests that a job will back up.
func (w *wisher) willCover(job *jobWish) []int {
	future := job.future()
	return covered(w.inv, &future, runsAgain(future.Schedule, w.now), func(id, node string) bool {
		storage, known := w.storageAs(id)
		return known && !storage.disabled && slices.Contains(storage.content, "backup") && (len(storage.nodes) == 0 || slices.Contains(storage.nodes, node))
	})
}

// runsAgain reports whether a schedule has a run to come. One that this program cannot read is the cluster's to judge.
func runsAgain(schedule string, now time.Time) bool {
	event, err := vzdump.ParseCalendarEvent(schedule)
	if err != nil {
		return true
	}
	_, found := event.Next(now)
	return found
}

// storageAs is a storage as it will be once the file is carried out.
type storageAs struct {
	kind           string
	content, nodes []string
	disabled       bool
}

// storageAs finds a storage by its id among those that are declared and those that exist.
func (w *wisher) storageAs(id string) (storageAs, bool) {
	var found storageAs
	exists, there := w.inv.Storage(id)
	if there {
		found = storageAs{exists.Type, exists.Content, exists.Nodes, exists.Disabled}
	}
	declared, is := w.declared[id]
	if !is {
		return found, there
	}
	found.kind, found.disabled = declared.Type, !declared.Enabled
	if len(declared.Content) > 0 {
		found.content = declared.Content
	} else {
		found.content = append([]string{"backup"}, found.content...)
	}
	if len(declared.Nodes) > 0 || !declared.Adopt {
		found.nodes = declared.Nodes
	}
	return found, true
}
