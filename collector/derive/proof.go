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

// archive is one listed archive with what its name tells.
type archive struct {
	pve.Archive
	volume vzdump.Volume
}

// renamed reports an archive whose name vzdump would not give: it is never pruned, and its time proves nothing.
func (a archive) renamed() bool { return a.Mark == "renamed" || !a.volume.Standard }

func (a archive) protected() bool { return a.Protected || a.Mark == "protected" }

// shelves sorts all listed archives by guest and storage; orphans belong to no guest, or to a former one of the same id.
type shelves struct {
	byGuest map[string]map[string][]archive // by guest, then storage
	orphans map[string][]archive            // by storage
}

func sortArchives(memory *state.Cluster, w *World) shelves {
	result := shelves{byGuest: map[string]map[string][]archive{}, orphans: map[string][]archive{}}
	for place, listing := range w.Listings {
		for _, listed := range listing.Archives {
			volume, err := vzdump.ParseVolumeID(listed.VolumeID)
			if err != nil {
				continue
			}
			one := archive{Archive: listed, volume: volume}
			id := guestID(memory, kindOf(listed, volume), listed.VMID)
			if guest := memory.Guests[id]; guest == nil || listed.Created < guest.Born {
				result.orphans[place.Storage] = append(result.orphans[place.Storage], one)
				continue
			}
			if result.byGuest[id] == nil {
				result.byGuest[id] = map[string][]archive{}
			}
			result.byGuest[id][place.Storage] = append(result.byGuest[id][place.Storage], one)
		}
	}
	return result
}

func kindOf(listed pve.Archive, volume vzdump.Volume) string {
	if kind := strings.ToLower(listed.Type); kind == "qemu" || kind == "lxc" {
		return kind
	}
	return volume.GuestType
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
func proveByArchives(w *World, guest *state.Guest, target *state.Target, archives []archive) {
	for _, one := range archives {
		if one.renamed() || one.Created > w.Now+slack || unfinished(w, guest, one) {
			continue
		}
		if _, told := target.Archives[one.volume.Key()]; told {
			continue
		}
		remember(target, one.Created)
		if target.Success == nil || one.Created > target.Success.End {
			target.Success = &state.Success{Start: one.Created, End: one.Created, ArchiveBytes: storedBytes(one)}
			clearUnknown(guest, one.Created)
		}
		refute(target, one.Created)
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
func unfinished(w *World, guest *state.Guest, one archive) bool {
	tasks := w.Running
	if one.volume.PBS {
		size, sized := one.Size.Get()
		read := w.Nodes[guest.Node].TasksKnown
		if sized && size <= 1 || read != 0 && one.Created > read {
			return true
		}
		tasks = w.undecided()
	}
	return slices.ContainsFunc(tasks, func(task RunningTask) bool {
		return one.Created >= task.Task.Start-slack && mayWrite(w, task, one.volume.Storage)
	})
}

// undecided returns the tasks whose results are not known yet.
func (w *World) undecided() []RunningTask { return slices.Concat(w.Running, w.Unread) }

// mayWrite reports whether a running task may write to a storage, as far as its log tells.
func mayWrite(w *World, running RunningTask, storage string) bool {
	named := StorageOfTask(w, running.Task, &running.Report)
	return named == "" || named == storage
}

// storedBytes is the size that an archive takes: a Proxmox Backup Server lists what the guest holds instead.
func storedBytes(one archive) optional.Value[int64] {
	if one.volume.PBS {
		return optional.Value[int64]{}
	}
	return one.Size
}

// forgetArchives drops what logs said of archives that a later complete listing no longer shows.
func forgetArchives(target *state.Target, archives []archive, listed int64) {
	if listed == 0 || len(target.Archives) == 0 {
		return
	}
	present := make(map[string]bool, len(archives))
	for _, one := range archives {
		present[one.volume.Key()] = true
	}
	for key, fact := range target.Archives {
		if !present[key] && fact.End < listed {
			delete(target.Archives, key)
		}
	}
}

// sumArchives counts the archives of a pair. Sizes come from the listing, else from the logs.
func sumArchives(target *state.Target, archives []archive, details bool) snapshot.Archives {
	var sum snapshot.Archives
	var extra snapshot.ArchiveDetails
	pbs := false
	for _, one := range archives {
		sum.Count++
		if one.protected() {
			sum.Protected++
		}
		size := storedBytes(one)
		if fact, told := target.Archives[one.volume.Key()]; told && !size.Known() {
			size = fact.Bytes
		}
		if bytes, known := size.Get(); known {
			sum.Sized++
			sum.Bytes += bytes
		}
		if !one.renamed() { // whose time is that of a file
			sum.Oldest, sum.Newest = earlier(sum.Oldest, one.Created), later(sum.Newest, one.Created)
		}
		if one.volume.PBS {
			pbs = true
			addDetails(&extra, one)
		}
	}
	if details && pbs {
		sum.Details = optional.Some(extra)
	}
	return sum
}

func addDetails(sum *snapshot.ArchiveDetails, one archive) {
	if one.Encrypted {
		sum.Encrypted++
	}
	switch one.Verification {
	case "ok":
		sum.Verified++
	case "failed":
		sum.VerifyFailed++
	}
	if size, known := one.Size.Get(); known && size > 1 {
		sum.LogicalBytes = optional.Some(sum.LogicalBytes.Or(0) + size)
	}
}

func earlier(a snapshot.Seconds, b int64) snapshot.Seconds { return optional.Some(min(a.Or(b), b)) }

func later(a snapshot.Seconds, b int64) snapshot.Seconds { return optional.Some(max(a.Or(b), b)) }

// starts returns the times of archives, the oldest first.
func starts(archives []archive) []int64 {
	times := make([]int64, 0, len(archives))
	for _, one := range archives {
		times = append(times, one.Created)
	}
	slices.Sort(times)
	return times
}
