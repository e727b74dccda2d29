package derive

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// cover is what the jobs mean for one guest.
type cover struct {
	uncovered snapshot.UncoveredReason // empty when an enabled job with a future run and a usable storage selects it
	jobs      map[string][]*pve.Job    // by storage: the enabled jobs that back it up there
	blocked   map[string][]*pve.Job    // by storage: the enabled jobs that would, if the storage could be used
	outside   bool                     // the declared file says that something else backs it up
}

// covered reports whether an enabled job backs the guest up.
func (c *cover) covered() bool { return len(c.jobs) > 0 }

// nearness orders the reasons: the nearer a job comes to backing a guest up, the more its obstacle says.
var nearness = []snapshot.UncoveredReason{
	snapshot.UncoveredNoJob, snapshot.UncoveredOtherNode, snapshot.UncoveredJobDisabled, snapshot.UncoveredNeverRuns, snapshot.UncoveredStorageUnusable,
}

// coverGuest goes through the jobs for one guest.
func coverGuest(w *World, guest *state.Guest, selectors []selector, runs *Runs) cover {
	result := cover{uncovered: snapshot.UncoveredNoJob}
	for _, candidate := range selectors {
		if !candidate.names(guest) {
			continue
		}
		reason := obstacle(w, guest, candidate, runs)
		if reason == "" {
			result.jobs = assign(result.jobs, w.storageOf(candidate.job, guest.Node), candidate.job)
			continue
		}
		if reason == snapshot.UncoveredStorageUnusable {
			result.blocked = assign(result.blocked, w.storageOf(candidate.job, guest.Node), candidate.job)
		}
		if slices.Index(nearness, reason) > slices.Index(nearness, result.uncovered) {
			result.uncovered = reason
		}
	}
	if result.covered() {
		result.uncovered = ""
	}
	return result
}

// wanted lists the jobs by which a backup is due on a storage. Where the storage cannot be used it is still due for a guest that other jobs
// cover: that it is covered must not hide that a second copy is no longer made.
func (c *cover) wanted(storage string) []*pve.Job {
	if !c.covered() {
		return nil
	}
	return slices.Concat(c.jobs[storage], c.blocked[storage])
}

func assign(jobs map[string][]*pve.Job, storage string, job *pve.Job) map[string][]*pve.Job {
	if jobs == nil {
		jobs = map[string][]*pve.Job{}
	}
	jobs[storage] = append(jobs[storage], job)
	return jobs
}

// obstacle says what keeps a job that names a guest from backing it up, or nothing.
func obstacle(w *World, guest *state.Guest, candidate selector, runs *Runs) snapshot.UncoveredReason {
	switch {
	case !candidate.reaches(guest):
		return snapshot.UncoveredOtherNode
	case !candidate.job.Enabled:
		return snapshot.UncoveredJobDisabled
	case !w.runsAgain(candidate.job, guest.Node, runs):
		return snapshot.UncoveredNeverRuns
	case !w.usable(w.storageOf(candidate.job, guest.Node), guest.Node):
		return snapshot.UncoveredStorageUnusable
	default:
		return ""
	}
}
