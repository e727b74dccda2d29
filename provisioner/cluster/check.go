package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
)

// Proxmox VE takes a job that names a storage, a node or a guest that does not exist, and an id that it can never find again. So all of it is
// checked here. What a job has already is no reason to refuse the whole file: it is a warning.

// The versions from which on Proxmox VE knows a property.
const (
	sinceNotes         = "7.2"
	sinceNotifications = "8.1"
	sinceFleecing      = "8.2"
	sinceBasePath      = "8.0"
)

var jobSince = map[string]string{
	"notes-template": sinceNotes, "protected": sinceNotes, "repeat-missed": sinceNotes, "notification-mode": sinceNotifications,
	"fleecing": sinceFleecing, "pbs-change-detection-mode": sinceFleecing,
}

func (w *wisher) checkJob(job *jobWish) {
	w.checkJobID(job)
	w.checkJobStorage(job)
	w.checkJobPlaces(job)
	w.checkJobGuests(job)
	w.checkJobVersions(job)
}

// complainOf reports what is wrong with a property: a problem where it would be sent, a warning where the job has it already.
func (w *wisher) complainOf(job *jobWish, name, hint, format string, values ...any) {
	list := &w.wish.Problems
	if job.current != nil && job.current[name] == job.fields[name].Text {
		list = &w.wish.Warnings
	}
	w.complain(list, job.said[name], hint, fmt.Sprintf(format, values...))
}

// checkJobID refuses an id that Proxmox VE takes for no new job. Those of jobs that are adopted may be odd, as long as the job is there.
func (w *wisher) checkJobID(job *jobWish) {
	if job.current == nil && !newJobID.MatchString(job.ID) {
		w.problem(job.place("id"), "name the id of a job that exists; a new one begins with a letter, and has letters, digits, `_` and `-` only, 2 to 50 in all",
			"there is no job %s in cluster %s, and Proxmox VE can make none with such an id", job.ID, w.inv.Cluster)
	}
}

// checkJobStorage looks at where a job writes.
func (w *wisher) checkJobStorage(job *jobWish) {
	id := job.fields["storage"].Text
	storage, known := w.storageAs(id)
	switch {
	case !known:
		w.complainOf(job, "storage", w.storageHint(id), "storage %s does not exist in cluster %s", id, w.inv.Cluster)
		return
	case !slices.Contains(storage.content, "backup"):
		w.complainOf(job, "storage", "give it the content `backup`, or name another storage", "storage %s may not hold backups", id)
	case storage.disabled:
		w.warn(job.said["storage"], "enable it, or name another storage", "storage %s is disabled: job %s will fail", id, job.ID)
	default:
		if nodes := w.nodesWithout(job, storage); len(nodes) > 0 {
			w.complainOf(job, "storage", "add them to the storage's `nodes`, or name another storage",
				"storage %s is not for every node that job %s backs up guests of: not for %s", id, job.ID, strings.Join(nodes, ", "))
		}
	}
	if _, said := job.fields["pbs-change-detection-mode"]; said && storage.kind != "pbs" {
		w.complainOf(job, "pbs-change-detection-mode", "take it out: it is for a Proxmox Backup Server only",
			"storage %s is no Proxmox Backup Server", id)
	}
}

func (w *wisher) storageHint(id string) string {
	var ids []string
	for i := range w.inv.Storages {
		ids = append(ids, w.inv.Storages[i].ID)
	}
	for name := range w.declared {
		ids = append(ids, name)
	}
	hint := "declare it under `storages`, or name one that exists; a token without Datastore.Audit on it does not see it"
	if near, found := nearest.Word(id, ids); found {
		hint = "did you mean " + near + "? If not, " + hint
	}
	return hint
}

// nodesWithout lists the nodes with guests of a job on which its storage is not allowed.
func (w *wisher) nodesWithout(job *jobWish, storage storageAs) []string {
	if len(storage.nodes) == 0 {
		return nil
	}
	future := job.future()
	selection := future.Selection()
	var nodes []string
	for _, guest := range w.inv.Guests {
		if selection.Names(guest.VMID, guest.Pool) && selection.Reaches(guest.Node) && !slices.Contains(storage.nodes, guest.Node) {
			nodes = append(nodes, guest.Node)
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// checkJobPlaces looks for the node, the pool and the storage for fleecing.
func (w *wisher) checkJobPlaces(job *jobWish) {
	if node, said := job.fields["node"]; said {
		if _, exists := w.inv.node(node.Text); !exists {
			w.complainOf(job, "node", "the nodes are "+w.nodeNames(), "node %s does not exist in cluster %s", node.Text, w.inv.Cluster)
		}
	}
	if pool, said := job.fields["pool"]; said && w.inv.PoolsKnown && !slices.Contains(w.inv.Pools, pool.Text) {
		w.complainOf(job, "pool", "make it, or name one that exists; a token without Pool.Audit on it does not see it",
			"pool %s does not exist in cluster %s", pool.Text, w.inv.Cluster)
	}
	if fleecing, said := job.fields["fleecing"]; said {
		_, id, _ := strings.Cut(fleecing.Text, "storage=")
		if _, known := w.storageAs(id); !known {
			w.complainOf(job, "fleecing", w.storageHint(id), "storage %s for fleecing does not exist in cluster %s", id, w.inv.Cluster)
		}
	}
}

func (w *wisher) nodeNames() string {
	var names []string
	for _, node := range w.inv.Nodes {
		names = append(names, node.Name)
	}
	return strings.Join(names, ", ")
}

// checkJobGuests looks for the guests that a job names.
func (w *wisher) checkJobGuests(job *jobWish) {
	before := idsOf(job.current["vmid"])
	for _, word := range splitList(job.fields["vmid"].Text) {
		vmid, _ := strconv.Atoi(word)
		if _, exists := w.inv.Guest(vmid); exists {
			continue
		}
		list, path := &w.wish.Problems, job.placeOfGuest(vmid)
		if before[vmid] {
			list = &w.wish.Warnings
		}
		w.complain(list, path, "take it out of `vmids`; a token without VM.Audit on it does not see it",
			fmt.Sprintf("guest %d does not exist in cluster %s: every run of job %s would fail", vmid, w.inv.Cluster, job.ID))
	}
}

// placeOfGuest finds where an environment names a guest.
func (j *jobWish) placeOfGuest(vmid int) []string {
	return []string{"environments", j.environment.Name, "guests", "vmids", strconv.Itoa(slices.Index(j.environment.Guests.VMIDs, vmid))}
}

// checkJobVersions refuses what the cluster's version does not know yet.
func (w *wisher) checkJobVersions(job *jobWish) {
	for _, name := range jobProperties {
		if _, said := job.fields[name]; said && jobSince[name] != "" && !w.knows(jobSince[name]) {
			w.problem(job.said[name], "take it out, or upgrade the cluster", "%s came with Proxmox VE %s: cluster %s has %s", name, jobSince[name], w.inv.Cluster, w.inv.Version)
		}
	}
}
