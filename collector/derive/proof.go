package derive

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// shelves sorts all listed archives by guest and storage; orphans belong to no guest, or to a former one of the same id.
type shelves struct {
	byGuest map[string]map[string][]*archive // by guest, then storage
	orphans map[string][]*archive            // by storage
}

func sortArchives(memory *state.Cluster, w *World) shelves {
	result := shelves{byGuest: map[string]map[string][]*archive{}, orphans: map[string][]*archive{}}
	for place, listing := range w.Listings {
		for i := range listing.archives {
			one := &listing.archives[i]
			one.node = place.Node
			id := guestID(memory, one.guestType(), one.vmid)
			if guest := memory.Guests[id]; guest == nil || one.created < guest.Born {
				result.orphans[place.Storage] = append(result.orphans[place.Storage], one)
				continue
			}
			if result.byGuest[id] == nil {
				result.byGuest[id] = map[string][]*archive{}
			}
			result.byGuest[id][place.Storage] = append(result.byGuest[id][place.Storage], one)
		}
	}
	return result
}

// listedAt returns as of when all archives of a pair are known: a shared storage is listed once, a local one on the guest's node.
func (w *World) listedAt(storage, node string) int64 {
	for _, place := range []Place{{Storage: storage}, {Storage: storage, Node: node}} {
		if listing, found := w.Listings[place]; found {
			return listing.At
		}
	}
	return 0
}

// proveByArchives takes archives as proof of backups that no log told of. An archive that a log names has that log's verdict and time.
// One without counts as a success at its own time, which is its start, unless it is renamed, from the future or unfinished.
func proveByArchives(w *World, guest *state.Guest, target *state.Target, storage string, archives []*archive) {
	for _, one := range archives {
		if one.renamed || one.created > w.Now+slack || unfinished(w, guest, storage, one) {
			continue
		}
		if _, told := target.Archives[one.key]; told {
			continue
		}
		remember(target, one.created, false)
		if target.Success == nil || one.created > target.Success.End {
			target.Success = &state.Success{Start: one.created, End: one.created, ArchiveBytes: one.storedBytes()}
			clearUnknown(guest, one.created)
		}
		refute(target, one.created)
	}
}

// refute takes back a failure that an archive without a log contradicts: that of an earlier task, or of the very task that wrote the archive,
// when it failed without naming its guests. A log that names the guest as failed names its archive too.
func refute(target *state.Target, created int64) {
	failure := target.Attempt
	if failure == nil || !failure.Failed {
		return
	}
	task, err := vzdump.ParseUPID(failure.Task)
	switch {
	case created > failure.End:
		target.Attempt = &state.Attempt{End: created}
	case err == nil && created >= task.Start:
		target.Attempt = &state.Attempt{End: failure.End, Task: failure.Task}
	}
}

// unfinished reports an archive that may still be written: anything that began after a task that runs. A Proxmox Backup Server lists
// snapshots from their first byte on, given up ones too: there it is also one of size 1, and one of a task that was not seen or read yet.
func unfinished(w *World, guest *state.Guest, storage string, one *archive) bool {
	tasks := w.Running
	if one.pbs {
		size, sized := one.size.Get()
		read := w.Nodes[guest.Node].TasksKnown
		if sized && size <= 1 || read != 0 && one.created > read {
			return true
		}
		tasks = w.undecided()
	}
	return slices.ContainsFunc(tasks, func(task RunningTask) bool {
		return one.created >= task.Task.Start-slack && mayWrite(w, task, storage)
	})
}

// undecided returns the tasks whose results are not known yet.
func (w *World) undecided() []RunningTask { return slices.Concat(w.Running, w.Unread) }

// mayWrite reports whether a running task may write to a storage, as far as its log tells.
func mayWrite(w *World, running RunningTask, storage string) bool {
	named := StorageOfTask(w, running.Task, &running.Report)
	return named == "" || named == storage
}

// forgetArchives drops what logs said of archives that a later complete listing no longer shows.
func forgetArchives(target *state.Target, archives []*archive, listed int64) {
	if listed == 0 || len(target.Archives) == 0 {
		return
	}
	present := make(map[string]bool, len(archives))
	for _, one := range archives {
		present[one.key] = true
	}
	for key, fact := range target.Archives {
		if !present[key] && fact.End < listed {
			delete(target.Archives, key)
		}
	}
}

// sumArchives counts the archives of a pair. Sizes come from the listing, else from the logs.
func sumArchives(target *state.Target, archives []*archive, details bool) snapshot.Archives {
	var sum snapshot.Archives
	var extra snapshot.ArchiveDetails
	pbs := false
	for _, one := range archives {
		sum.Count++
		if one.protected {
			sum.Protected++
		}
		size := one.storedBytes()
		if fact, told := target.Archives[one.key]; told && !size.Known() {
			size = fact.Bytes
		}
		if bytes, known := size.Get(); known {
			sum.Sized++
			sum.Bytes += bytes
		}
		if !one.renamed { // whose time is that of a file
			sum.Oldest, sum.Newest = earlier(sum.Oldest, one.created), later(sum.Newest, one.created)
		}
		if one.pbs {
			pbs = true
			addDetails(&extra, one)
		}
	}
	if details && pbs {
		sum.Details = optional.Some(extra)
	}
	return sum
}

func addDetails(sum *snapshot.ArchiveDetails, one *archive) {
	if one.encrypted {
		sum.Encrypted++
	}
	switch one.verified {
	case verifiedOK:
		sum.Verified++
	case verifiedFailed:
		sum.VerifyFailed++
	}
	if size, known := one.size.Get(); known && size > 1 {
		sum.LogicalBytes = optional.Some(sum.LogicalBytes.Or(0) + size)
	}
}

func earlier(a snapshot.Seconds, b int64) snapshot.Seconds { return optional.Some(min(a.Or(b), b)) }

func later(a snapshot.Seconds, b int64) snapshot.Seconds { return optional.Some(max(a.Or(b), b)) }
