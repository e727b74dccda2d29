package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What Proxmox VE keeps of a job's texts, in characters.
const (
	maxComment = 512
	maxNotes   = 1024
	maxJobID   = 50
)

// newJobID is what Proxmox VE takes for the id of a new job. Longer ones it makes, and can then neither show nor change nor remove them.
var newJobID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{1,49}$`)

// jobs checks the jobs that the environments lead to.
func (c checker) jobs() {
	first := map[[2]string]Job{}
	told := map[string]bool{}
	for _, job := range c.file.Jobs() {
		if at := strings.Join(job.Path, "/"); !told[at] { // once for all pools or nodes
			told[at] = true
			c.job(job)
		}
		guests := []string{"environments", job.Environment, "guests"}
		if !c.decoder.Sound(append(job.Path, "id")...) || !c.decoder.Sound(guests...) || !c.jobID(job) {
			continue
		}
		key := [2]string{job.Cluster, job.ID}
		earlier, ok := first[key]
		if !ok {
			first[key] = job
			continue
		}
		c.sameID(earlier, job)
	}
}

// sameID reports a job that would have the id of an earlier one.
func (c checker) sameID(earlier, job Job) {
	hint := "give one of them another `id`"
	if slices.Equal(earlier.Path, job.Path) {
		hint = "make an environment of one of the two pools or nodes, with an `id` of its own: a job's id has `-` for what it cannot hold"
	}
	at, _ := c.decoder.Place(earlier.Path...)
	c.problem(fmt.Sprintf("two jobs of cluster %s have the id `%s`: the other is that of `%s` on line %d", job.Cluster, job.ID, strings.Join(earlier.Path, "."), at.Line),
		hint, append(job.Path, "id")...)
}

// jobID checks the id that a job is to have in Proxmox VE, and reports whether it can have it.
func (c checker) jobID(job Job) bool {
	path := append(slices.Clone(job.Path), "id")
	switch {
	case job.Adopt && utf8.RuneCountInString(job.ID) <= maxJobID, newJobID.MatchString(job.ID):
		return true
	case !c.has(path...) && notInID.MatchString(strings.ReplaceAll(job.ID, ".", "-")):
		return false // the environment's name is no name at all, and that is told
	case len(job.ID) > maxJobID:
		hint := "add a shorter `id`, such as `id: nightly`"
		if c.inParts(job.Environment) {
			hint += ", or make an environment of the pool or node"
		}
		c.problem(fmt.Sprintf("the job's id `%s` would have %d characters, and Proxmox VE handles %d", job.ID, len(job.ID), maxJobID), hint, path...)
	case c.has(path...):
		c.problem(fmt.Sprintf("`%s` cannot be the id of a new job", job.ID),
			"begin it with a letter, and use letters, digits, `_` and `-` only; a job that exists under such an id needs `adopt: true`", path...)
	default:
		c.problem(fmt.Sprintf("`%s` cannot be the id of a job", job.ID), "add `id`, with letters, digits, `_` and `-` only, such as `id: nightly`", path...)
	}
	return false
}

// job checks what one job of the file says.
func (c checker) job(job Job) {
	at := func(key string) []string { return append(slices.Clone(job.Path), key) }
	c.retention(c.written(job), at("retention")...)
	if c.has(at("node")...) && c.has("environments", job.Environment, "guests", "nodes") {
		c.problem("`node` beside `nodes` of the guests is of no use: there is a job for each of those nodes, and it runs there", "take out `node`", at("node")...)
	}
	if job.Adopt {
		return // its texts are taken as they are
	}
	marker := JobMarker(c.file.Provision.Owner, job.Environment)
	room := maxComment - len(marker) - 1
	switch length := utf8.RuneCountInString(job.Comment); {
	case strings.Contains(job.Comment, "[pve-backup-exporter"):
		c.problem("the comment has the mark by which provisioning knows its jobs", "take it out: it is appended to the comment", at("comment")...)
	case length > room:
		c.problem(fmt.Sprintf("the comment has %d characters, and there is room for %d beside the mark that is appended", length, room), "shorten it", at("comment")...)
	}
	if length := utf8.RuneCountInString(job.Notes()); length > maxNotes && c.has(at("notes-template")...) {
		c.problem(fmt.Sprintf("the template has %d characters with the job's id, and Proxmox VE keeps %d", length, maxNotes), "shorten it", at("notes-template")...)
	}
}

// written is the retention that the file gives a job itself, nil where it has none.
func (c checker) written(job Job) *Retention {
	if !c.has(append(slices.Clone(job.Path), "retention")...) {
		return nil
	}
	return job.Retention
}

// disks checks what an environment says about volumes.
func (c checker) disks(environment Environment, path []string) {
	at := func(keys ...string) []string { return append(slices.Clone(path), keys...) }
	backup := environment.Backup
	if backup.Disks == "unmanaged" && len(backup.ExcludedDisks) > 0 {
		c.problem("`excluded_disks` beside `disks: unmanaged` means nothing: the volumes are left as they are", "take out one of the two", at("excluded_disks")...)
	}
	first := map[string]int{}
	guests := environment.Guests
	onlyIDs := len(guests.Pools)+len(guests.Nodes)+len(guests.Tags) == 0 && !guests.All && c.decoder.Sound("environments", environment.Name, "guests")
	for i, excluded := range backup.ExcludedDisks {
		here := at("excluded_disks", strconv.Itoa(i))
		c.once(first, i, fmt.Sprintf("guest %d has two lists of excluded disks", excluded.VMID), excluded.VMID, append(here, "vmid")...)
		if onlyIDs && excluded.VMID != 0 && len(guests.VMIDs) > 0 && !slices.Contains(guests.VMIDs, excluded.VMID) {
			c.problem(fmt.Sprintf("guest %d is none of the guests of environment `%s`", excluded.VMID, environment.Name), "correct the id, or add it to `vmids`", append(here, "vmid")...)
		}
		if c.has(append(here, "disks")...) && len(excluded.Disks) == 0 && c.decoder.Sound(append(here, "disks")...) {
			c.problem("`disks` names no volume", "name what is to stay out, such as `disks: [scsi1]`, or take the guest out of the list", append(here, "disks")...)
		}
	}
}

// inParts reports an environment with a job for each of several pools or nodes.
func (c checker) inParts(name string) bool {
	return slices.ContainsFunc(c.file.Environments, func(environment Environment) bool {
		return environment.Name == name && len(environment.Guests.Pools)+len(environment.Guests.Nodes) > 1
	})
}
