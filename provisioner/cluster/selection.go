package cluster

import (
	"slices"
	"strconv"
	"strings"
)

// selection notes which guests a job selects. It reports false where there is nobody to select at the moment: Proxmox VE has no such job, and
// one that is there must not go because a tag did.
func (w *wisher) selection(job *jobWish) bool {
	guests := []string{"environments", job.environment.Name, "guests"}
	for _, name := range selectionProperties {
		job.say(w, name, "", guests) // one kind of selection excludes the others
	}
	if job.Node != "" {
		job.say(w, "node", job.Node, job.place("node"))
	}
	switch selects := job.Guests; {
	case len(selects.Pools) > 0:
		path := below(guests, "pools", strconv.Itoa(slices.Index(job.environment.Guests.Pools, selects.Pools[0])))
		job.say(w, "pool", selects.Pools[0], path)
		w.warnOfPool(job, selects.Pools[0], path)
	case len(selects.Nodes) > 0:
		path := below(guests, "nodes", strconv.Itoa(slices.Index(job.environment.Guests.Nodes, selects.Nodes[0])))
		job.say(w, "node", selects.Nodes[0], path)
		job.say(w, "all", "1", path)
		job.say(w, "exclude", idList(w.excluded(job, selects.Nodes[0])), guests)
	case selects.All:
		job.say(w, "all", "1", below(guests, "all"))
		job.say(w, "exclude", idList(w.excluded(job, "")), guests)
	default:
		ids := w.listed(job)
		if len(ids) == 0 {
			w.warn(guests, "give a guest one of the tags, or take the environment out of the file",
				"environment %s selects no guest: its job %s is left as it is", job.environment.Name, job.ID)
			return false
		}
		job.say(w, "vmid", idList(ids), guests)
	}
	return true
}

// excluded lists the guests that a job for all guests of a node, or of the cluster, leaves out: those that the file excludes, those that belong
// to an environment further up, and those that are exempt. An adopted job leaves out what the file excludes, and nobody else.
func (w *wisher) excluded(job *jobWish, node string) []int {
	ids := slices.Clone(job.Guests.Exclude)
	if job.Adopt {
		return ids
	}
	before := idsOf(job.current["exclude"])
	for _, guest := range w.inv.Guests {
		if node != "" && guest.Node != node {
			continue
		}
		elsewhere := w.belongs[guest.VMID] != job.environment.Name
		unknown := guest.Silent && before[guest.VMID] // it was excluded for a reason, which may be a tag that cannot be seen now
		if elsewhere || unknown || w.exempt(guest.VMID) {
			ids = append(ids, guest.VMID)
		}
	}
	return ids
}

// listed lists the guests of an environment that names ids and tags: the ids as they are, and of the guests with a tag those that belong to it
// and are not exempt.
func (w *wisher) listed(job *jobWish) []int {
	selector := job.Guests
	var ids []int
	for i, vmid := range selector.VMIDs {
		if slices.Contains(selector.Exclude, vmid) {
			continue
		}
		ids = append(ids, vmid)
		if w.exempt(vmid) {
			w.warn([]string{"environments", job.environment.Name, "guests", "vmids", strconv.Itoa(i)}, "take it out of `vmids`, or out of `exempt`",
				"guest %d is exempt and is backed up all the same: the environment names it", vmid)
		}
	}
	if len(selector.Tags) == 0 {
		return ids
	}
	before := idsOf(job.current["vmid"])
	for _, guest := range w.inv.Guests {
		belongs := w.belongs[guest.VMID] == job.environment.Name
		unknown := guest.Silent && before[guest.VMID] && !slices.Contains(selector.Exclude, guest.VMID) // its tags cannot be seen now
		if (belongs || unknown) && !w.exempt(guest.VMID) {
			ids = append(ids, guest.VMID)
		}
	}
	return ids
}

// warnOfPool tells which guests of a pool are backed up although the file has other plans for them: a job for a pool cannot exclude any.
func (w *wisher) warnOfPool(job *jobWish, pool string, path []string) {
	if job.Adopt {
		return
	}
	var elsewhere, exempt []string
	for _, guest := range w.inv.Guests {
		if guest.Pool != pool {
			continue
		}
		if w.exempt(guest.VMID) {
			exempt = append(exempt, strconv.Itoa(guest.VMID))
		} else if w.belongs[guest.VMID] != job.environment.Name {
			elsewhere = append(elsewhere, strconv.Itoa(guest.VMID))
		}
	}
	const hint = "a job for a pool cannot exclude guests: take them out of the pool, or select by `nodes`, `tags` or `vmids`"
	if len(elsewhere) > 0 {
		w.warn(path, hint, "job %s backs up guests of pool %s that belong to an environment further up: %s", job.ID, pool, strings.Join(elsewhere, ", "))
	}
	if len(exempt) > 0 {
		w.warn(path, hint, "job %s backs up guests of pool %s that are exempt: %s", job.ID, pool, strings.Join(exempt, ", "))
	}
}

// idsOf reads a list of ids.
func idsOf(list string) map[int]bool {
	ids := map[int]bool{}
	for _, word := range splitList(list) {
		if id, err := strconv.Atoi(word); err == nil {
			ids[id] = true
		}
	}
	return ids
}
