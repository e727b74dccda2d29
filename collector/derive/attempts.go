package derive

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// attempt is what one finished task did for one guest.
type attempt struct {
	storage    string // empty when unknown
	start, end int64
	task       string
	failed     bool
	stored     bool // a good archive exists, whatever the verdict
	reason     vzdump.Reason
	archive    string // vzdump.Volume.Key
	facts      vzdump.Guest
	job        string // the scheduled job whose run this was, or empty
	delay      int64  // from the start of that run to the end of the backup
	ruled      bool   // that job has a retention rule of its own, which was in effect: its options are on the task's command line
}

// FoldTask takes over the results of a finished vzdump task, exactly once per UPID: see state.Node.Folded.
func FoldTask(memory *state.Cluster, w *World, task pve.Task, report vzdump.Report, runs *Runs) {
	node := memory.Node(task.Node)
	match := matchJob(w, task, report.Command, runs)
	failed := vzdump.ParseStatus(task.Status).Failed()
	if match != nil {
		rememberRun(memory, match, task, failed)
	}
	attempts := attemptsOf(memory, w, task, &report, match)
	named := slices.ContainsFunc(report.Guests, func(g vzdump.Guest) bool { _, finished := verdict(g.Result); return finished })
	if failed && !named {
		attempts = attribute(memory, w, task, &report, match, runs)
	}
	for id, each := range attempts {
		for _, one := range each {
			fold(memory, memory.Guests[id], one)
		}
	}
	if task.End >= node.LastTask {
		node.LastTask = task.End
		node.UnattributedFailure = 0
		if failed && !named && len(attempts) == 0 {
			node.UnattributedFailure = task.End
		}
	}
}

// attemptsOf reads the attempts out of a log, by guest. Guests that no longer exist are left out: a job that names them is another metric.
func attemptsOf(memory *state.Cluster, w *World, task pve.Task, report *vzdump.Report, match *jobRun) map[string][]attempt {
	place := newPlacer(task, report, w.Nodes[task.Node].Zone)
	storage := StorageOfTask(w, task, report)
	attempts := map[string][]attempt{}
	for _, facts := range report.Guests {
		failed, finished := verdict(facts.Result)
		id := guestID(memory, facts.Type, facts.VMID)
		if !finished || id == "" {
			continue
		}
		one := attempt{storage: storage, task: task.UPID, failed: failed, reason: facts.Reason, facts: facts, stored: !failed || facts.ArchiveStored}
		one.start, one.end = span(place, task, facts)
		if facts.Archive != "" {
			if volume, err := vzdump.ParseArchivePath(facts.Archive); err == nil {
				one.archive = volume.Key()
			}
		}
		if match != nil && match.scheduled {
			one.job, one.delay = match.job, max(0, one.end-match.tick)
			one.ruled = w.job(match.job).Retention != ""
		}
		attempts[id] = append(attempts[id], one)
	}
	return attempts
}

// span returns when a guest's backup began and ended; the task's own times stand in for those that the log lacks.
func span(place *placer, task pve.Task, facts vzdump.Guest) (start, end int64) {
	took, timed := facts.Duration.Get()
	start, started := place.at(facts.Started)
	end, ended := place.near(facts.Ended, start+took)
	if !ended {
		end = task.End
	}
	if !started {
		start = end
		if timed {
			start = end - took
		}
	}
	return min(start, end), end
}

// verdict maps a guest's result; a guest that was not reached, or still runs, made no attempt.
func verdict(result vzdump.GuestResult) (failed, finished bool) {
	switch result {
	case vzdump.GuestSuccess, vzdump.GuestWarning:
		return false, true
	case vzdump.GuestFailed, vzdump.GuestInterrupted:
		return true, true
	default:
		return false, false
	}
}

// guestID finds a guest of a log in the inventory. A failure before the backup began does not say what kind of guest it was.
func guestID(memory *state.Cluster, kind string, vmid int) string {
	kinds := []string{kind}
	if kind == "" {
		kinds = []string{"qemu", "lxc"}
	}
	for _, each := range kinds {
		id := each + "/" + itoa(vmid)
		if memory.Guests[id] != nil {
			return id
		}
	}
	return ""
}

// fold takes over one attempt, unless it belongs to a former incarnation of the guest.
func fold(memory *state.Cluster, guest *state.Guest, one attempt) {
	if guest == nil || one.start < guest.Born || (one.storage == "" && one.failed && succeededSince(guest, one.end)) {
		return
	}
	target := guest.Target(one.storage)
	if one.end > max(guest.FirstSeen, memory.Started) {
		target.Attempts++
		if one.failed {
			target.Failures++
		}
	}
	if target.Attempt == nil || one.end >= target.Attempt.End {
		target.Attempt = &state.Attempt{End: one.end, Failed: one.failed, Reason: one.reason, Task: one.task}
	}
	if one.archive != "" {
		rememberArchive(target, one)
	}
	if one.stored {
		foldSuccess(target, one)
		clearUnknown(guest, one.end)
	}
}

// succeededSince reports whether a guest succeeded anywhere after a failure whose storage is unknown.
func succeededSince(guest *state.Guest, end int64) bool {
	for _, target := range guest.Targets {
		if target.Success != nil && target.Success.End >= end {
			return true
		}
	}
	return false
}

func foldSuccess(target *state.Target, one attempt) {
	remember(target, one.start, one.ruled)
	if one.job != "" && one.end >= target.Delays[one.job].End { // history is read in any order
		if target.Delays == nil {
			target.Delays = map[string]state.Delay{}
		}
		target.Delays[one.job] = state.Delay{Seconds: one.delay, End: one.end}
	}
	// A log says more than the archive that it wrote: it replaces a success that only the archive's own time had told of.
	if target.Success != nil && one.end < target.Success.End && !(target.Success.Task == "" && one.start <= target.Success.Start+slack && target.Success.Start <= one.end) {
		return
	}
	target.Success = &state.Success{
		Start: one.start, End: one.end, Task: one.task,
		Duration:         seconds(one.facts.Duration),
		ArchiveBytes:     one.facts.ArchiveBytes,
		TransferredBytes: one.facts.TransferredBytes,
		DowntimeSeconds:  seconds(one.facts.DowntimeSeconds),
	}
}

func rememberArchive(target *state.Target, one attempt) {
	if target.Archives == nil {
		target.Archives = map[string]state.ArchiveFact{}
	}
	target.Archives[one.archive] = state.ArchiveFact{End: one.end, Good: one.stored, Bytes: one.facts.ArchiveBytes}
}

// clearUnknown forgets a failure whose storage was never known once the guest succeeded anywhere.
func clearUnknown(guest *state.Guest, end int64) {
	unknown := guest.Targets[""]
	if unknown != nil && unknown.Success == nil && unknown.Attempt != nil && unknown.Attempt.End <= end {
		delete(guest.Targets, "")
	}
}

func seconds[T int | int64 | float64](v optional.Value[T]) optional.Value[int64] {
	if value, known := v.Get(); known {
		return optional.Some(int64(value))
	}
	return optional.Value[int64]{}
}
