package cluster

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// part is what one job selects of an environment: a job has one pool or one node, or a list of ids.
type part struct {
	suffix string // of the job's id
	pool   string
	node   string
	path   []string // where the file names it
}

var notForIDs = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// parts cuts an environment's selection into jobs.
func parts(environment *config.Environment) []part {
	names, key := environment.Guests.Pools, "pools"
	if len(names) == 0 {
		names, key = environment.Guests.Nodes, "nodes"
	}
	path := []string{"environments", environment.Name, "guests"}
	if len(names) == 0 {
		return []part{{path: path}}
	}
	var list []part
	for i, name := range names {
		one := part{path: below(path, key, strconv.Itoa(i))}
		if len(names) > 1 {
			one.suffix = "-" + notForIDs.ReplaceAllString(name, "-")
		}
		if key == "pools" {
			one.pool = name
		} else {
			one.node = name
		}
		list = append(list, one)
	}
	return list
}

// selection notes which guests a job selects. It reports false where there is nobody to select: Proxmox VE has no such job.
func (w *wisher) selection(job *jobWish, environment *config.Environment, one part, options config.JobOptions) bool {
	guests := []string{"environments", environment.Name, "guests"}
	for _, name := range selectionProperties {
		job.say(w, name, "", guests) // one kind of selection excludes the others
	}
	if options.Node != "" {
		job.say(w, "node", options.Node, below(job.path, "node"))
	}
	switch {
	case one.pool != "":
		job.say(w, "pool", one.pool, one.path)
		w.warnOfPool(job, environment, one)
	case one.node != "":
		job.say(w, "node", one.node, one.path)
		job.say(w, "all", "1", one.path)
		job.say(w, "exclude", idList(w.excluded(job, environment, one.node)), guests)
	case environment.Guests.All:
		job.say(w, "all", "1", below(guests, "all"))
		job.say(w, "exclude", idList(w.excluded(job, environment, "")), guests)
	default:
		ids := w.listed(job, environment)
		if len(ids) == 0 {
			w.warn(guests, "give a guest one of the tags, or take the environment out of the file",
				"environment %s selects no guest: its job %s is left as it is", environment.Name, job.id)
			return false
		}
		job.say(w, "vmid", idList(ids), guests)
	}
	return true
}

// excluded lists the guests that a job for all guests of a node, or of the cluster, leaves out: those that the file excludes, those that belong
// to an environment further up, and those that are exempt. An adopted job leaves out what the file excludes, and nobody else.
func (w *wisher) excluded(job *jobWish, environment *config.Environment, node string) []int {
	ids := slices.Clone(environment.Guests.Exclude)
	if job.adopt {
		return ids
	}
	before := idsOf(job.current["exclude"])
	for _, guest := range w.inv.Guests {
		if node != "" && guest.Node != node {
			continue
		}
		elsewhere := w.belongs[guest.VMID] != environment.Name
		unknown := guest.Silent && before[guest.VMID] // it was excluded for a reason, which may be a tag that cannot be seen now
		if elsewhere || unknown || w.exempt(guest.VMID) {
			ids = append(ids, guest.VMID)
		}
	}
	return ids
}

// listed lists the guests of an environment that names ids and tags: the ids as they are, and of the guests with a tag those that belong to it
// and are not exempt.
func (w *wisher) listed(job *jobWish, environment *config.Environment) []int {
	selector := environment.Guests
	var ids []int
	for i, vmid := range selector.VMIDs {
		if slices.Contains(selector.Exclude, vmid) {
			continue
		}
		ids = append(ids, vmid)
		if w.exempt(vmid) {
			w.warn([]string{"environments", environment.Name, "guests", "vmids", strconv.Itoa(i)}, "take it out of `vmids`, or out of `exempt`",
				"guest %d is exempt and is backed up all the same: the environment names it", vmid)
		}
	}
	if len(selector.Tags) == 0 {
		return ids
	}
	before := idsOf(job.current["vmid"])
	for _, guest := range w.inv.Guests {
		belongs := w.belongs[guest.VMID] == environment.Name
		unknown := guest.Silent && before[guest.VMID] && !slices.Contains(selector.Exclude, guest.VMID) // its tags cannot be seen now
		if (belongs || unknown) && !w.exempt(guest.VMID) {
			ids = append(ids, guest.VMID)
		}
	}
	return ids
}

// warnOfPool tells which guests of a pool are backed up although the file has other plans for them: a job for a pool cannot exclude any.
func (w *wisher) warnOfPool(job *jobWish, environment *config.Environment, one part) {
	if job.adopt {
		return
	}
	var elsewhere, exempt []string
	for _, guest := range w.inv.Guests {
		if guest.Pool != one.pool {
			continue
		}
		if w.exempt(guest.VMID) {
			exempt = append(exempt, strconv.Itoa(guest.VMID))
		} else if w.belongs[guest.VMID] != environment.Name {
			elsewhere = append(elsewhere, strconv.Itoa(guest.VMID))
		}
	}
	const hint = "a job for a pool cannot exclude guests: take them out of the pool, or select by `nodes`, `tags` or `vmids`"
	if len(elsewhere) > 0 {
		w.warn(one.path, hint, "job %s backs up guests of pool %s that belong to an environment further up: %s", job.id, one.pool, strings.Join(elsewhere, ", "))
	}
	if len(exempt) > 0 {
		w.warn(one.path, hint, "job %s backs up guests of pool %s that are exempt: %s", job.id, one.pool, strings.Join(exempt, ", "))
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
