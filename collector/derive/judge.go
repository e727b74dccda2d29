package derive

import (
	"maps"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Judge puts together the picture of a cluster and brings the memory up to date. Call it after the inventory, the tasks and the archives
// of a refresh were taken over. Until full is true for the first time, when tasks and archives were all read once, nothing is due.
func Judge(memory *state.Cluster, w *World, settings Settings, runs *Runs, full bool) *snapshot.Cluster {
	selectors := make([]selector, 0, len(w.Jobs))
	for i := range w.Jobs {
		selectors = append(selectors, newSelector(&w.Jobs[i]))
	}
	covers := make(map[string]cover, len(memory.Guests))
	for id, guest := range memory.Guests {
		covers[id] = coverGuest(w, guest, selectors, runs)
	}
	external := externalPairs(memory, settings)
	for key := range external {
		outside := covers[key.Guest]
		outside.outside, outside.uncovered = true, ""
		covers[key.Guest] = outside
	}
	sorted := sortArchives(memory, w)
	pairs := pairing{
		memory: memory, w: w, settings: settings, covers: covers, sorted: sorted, runs: runs,
		external: external,
		settled:  memory.Settled || full,
		baseline: full && !memory.Settled,
	}
	guests := guestSnapshots(memory, w, settings, covers)
	picture := &snapshot.Cluster{
		Name: settings.Cluster, Taken: w.Now,
		MissingPermissions: MissingPermissions(memory, w, settings),
		Nodes:              nodeSnapshots(memory, w),
		Guests:             guests,
		Targets:            pairs.targets(guests),
		Storages:           storageSnapshots(memory, w, covers, sorted),
		Drills:             drillSnapshots(memory, w, settings, guests),
	}
	if w.JobsKnown {
		picture.Jobs = jobSnapshots(memory, w, selectors, covers, runs)
		forgetJobs(memory, w)
	}
	memory.Settled = memory.Settled || full
	return picture
}

// forgetJobs drops the runs of jobs that no longer exist.
func forgetJobs(memory *state.Cluster, w *World) {
	maps.DeleteFunc(memory.Jobs, func(id string, _ *state.Job) bool {
		return !slices.ContainsFunc(w.Jobs, func(job pve.Job) bool { return job.ID == id })
	})
}
