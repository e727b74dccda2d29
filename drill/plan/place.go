package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Need is what a restored guest takes, in bytes.
type Need struct{ Memory, Disk int64 }

// NeedOf works out what a guest takes from the settings in its archive: all of its memory, and all of the space that its disks may fill. A limit
// of its memory, in MiB, is 0 for none.
func NeedOf(kind string, settings Settings, limit int) Need {
	size := memory(settings)
	if limit > 0 {
		size = min(size, limit)
	}
	need := Need{Memory: int64(size) << 20}
	for _, volume := range volumes(kind, settings) {
		need.Disk += volume.Bytes
	}
	return need
}

// Reserve is what is left to a node: memory that no drill takes from it.
const Reserve = 1 << 30

// Nodes lists the nodes on which an archive can be restored, sorted: they are online, and can use the storage that it is restored to as well as
// the one that it lies on. Only names one node that it has to be; it is empty for any. The error says what keeps the last ones away.
func Nodes(resources pve.Resources, target, source, only string) ([]string, error) {
	active := func(storage, node string) bool {
		return slices.ContainsFunc(resources.Storages, func(each pve.StorageResource) bool {
			return each.Storage == storage && each.Node == node && each.Active
		})
	}
	var found, without []string
	for _, node := range resources.Nodes {
		switch {
		case only != "" && node.Node != only:
		case !node.Online:
			without = append(without, node.Node+" is offline")
		case !active(target, node.Node):
			without = append(without, node.Node+" cannot use storage "+target)
		case !active(source, node.Node):
			without = append(without, node.Node+" cannot use storage "+source)
		default:
			found = append(found, node.Node)
		}
	}
	slices.Sort(found)
	if len(found) > 0 {
		return found, nil
	}
	if len(without) == 0 {
		return nil, ui.Hint(fmt.Errorf("there is no node %q", only), "name a node of the cluster in the `drill` of the declared file")
	}
	return nil, ui.Hint(fmt.Errorf("no node can restore it: %s", strings.Join(without, ", ")),
		"the `drill` of the declared file names storage and node; the node needs both, the storage and the one that the archive lies on")
}

// Room chooses among nodes the one with the most free memory, in bytes by node, that has room for a guest. The error says what is missing.
func Room(resources pve.Resources, target string, free map[string]int64, need Need) (string, error) {
	best := ""
	var least []string
	for node, memory := range free {
		space := available(resources, target, node)
		switch {
		case memory < need.Memory+Reserve:
			least = append(least, fmt.Sprintf("%s has %s of memory free, and %s + %s to spare are needed", node, inGiB(memory), inGiB(need.Memory), inGiB(Reserve)))
		case space < need.Disk:
			least = append(least, fmt.Sprintf("storage %s has %s free on %s, and the disks may take %s", target, inGiB(space), node, inGiB(need.Disk)))
		case best == "" || cmp.Or(-cmp.Compare(memory, free[best]), strings.Compare(node, best)) < 0:
			best = node
		}
	}
	if best != "" {
		return best, nil
	}
	slices.Sort(least)
	return "", ui.Hint(fmt.Errorf("there is no room for it: %s", strings.Join(least, "; ")),
		"`memory` in the cluster's `drill` limits what a scratch guest gets; another `storage` or `node` may have room; `exclude` leaves a guest out")
}

func available(resources pve.Resources, storage, node string) int64 {
	for _, each := range resources.Storages {
		if each.Storage == storage && each.Node == node && each.Active {
			return each.Size - each.Used
		}
	}
	return 0
}

func inGiB(bytes int64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }

// FreeID finds an id of the range that no guest has, and that no entry of the journal names: its guest may be on a node that does not answer.
func FreeID(resources pve.Resources, entries []Entry, first, last int) (int, error) {
	for vmid := first; vmid <= last; vmid++ {
		taken := slices.ContainsFunc(resources.Guests, func(guest pve.GuestResource) bool { return guest.VMID == vmid }) ||
			slices.ContainsFunc(entries, func(entry Entry) bool { return entry.VMID == vmid })
		if !taken {
			return vmid, nil
		}
	}
	return 0, ui.Hint(fmt.Errorf("all ids from %d to %d are taken", first, last),
		"drills keep these ids for scratch guests: move other guests away, or declare other `vmids`; what an earlier drill left and could not remove is told above")
}

// TakenIn names the enabled jobs that would back up a scratch guest because they run before it is gone and take in whatever guests there are.
// Times are Unix seconds.
func TakenIn(jobs []pve.Job, vmid int, node, pool string, until int64) []string {
	var names []string
	for i := range jobs {
		job := &jobs[i]
		selection := job.Selection()
		if job.Enabled && job.NextRun > 0 && job.NextRun <= until && selection.Names(vmid, pool) && selection.Reaches(node) {
			names = append(names, job.ID)
		}
	}
	slices.Sort(names)
	return names
}
