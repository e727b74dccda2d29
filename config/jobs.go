package config

import (
	"regexp"
	"slices"
	"strings"
)

// Job is one backup job that the file asks for, with everything filled in that the file leaves to its profile and to the program.
type Job struct {
	Cluster, Environment string
	Offsite              bool     // the second job of its environment
	Path                 []string // where the file has it, for [File.Position]
	Storage, Schedule    string

	// Guests is what the job selects: one pool, one node with its exclusions, all guests of the cluster, or ids and tags.
	Guests Selector

	// JobOptions are the file's, with the id that the job has in Proxmox VE; mode, compress and retention as [Backup.Resolve] has them; and the
	// node of a job that selects one. Of an adopted job, what is empty or nil is left as it is. Comment and NotesTemplate are as they were
	// written: see Notes and [JobMarker].
	JobOptions
}

// Jobs lists the jobs that the file asks for, in its order: of each environment the first job before the off-site one, and where it selects
// several pools or nodes, each as often. An environment without a backup has none.
func (f *File) Jobs() []Job {
	var list []Job
	for _, environment := range f.Environments {
		if environment.Backup == nil {
			continue
		}
		backup := environment.Backup.Resolve()
		first := Job{
			Cluster: environment.Cluster, Environment: environment.Name, Path: []string{"environments", environment.Name, "backup"},
			Storage: backup.Storage, Schedule: backup.Schedule, JobOptions: backup.JobOptions,
		}
		list = append(list, each(first, environment)...)
		if backup.Offsite != nil {
			second := first
			second.Offsite, second.Path = true, append(slices.Clone(first.Path), "offsite")
			second.Storage, second.Schedule, second.JobOptions = backup.Offsite.Storage, backup.Offsite.Schedule, backup.Offsite.JobOptions
			list = append(list, each(second, environment)...)
		}
	}
	return list
}

// each makes of a job one for each pool or node that its environment selects.
func each(job Job, environment Environment) []Job {
	if job.ID == "" {
		job.ID = "backup-" + environment.Name
		if job.Offsite {
			job.ID += "-offsite"
		}
	}
	guests := environment.Guests
	parts := slices.Concat(guests.Pools, guests.Nodes)
	if len(parts) == 0 {
		job.Guests = guests
		return []Job{job}
	}
	list := make([]Job, 0, len(parts))
	for i, part := range parts {
		one := job
		if len(parts) > 1 {
			one.ID += "-" + idPart(part)
		}
		if i < len(guests.Pools) {
			one.Guests = Selector{Pools: []string{part}, Exclude: guests.Exclude}
		} else {
			one.Guests, one.Node = Selector{Nodes: []string{part}, Exclude: guests.Exclude}, part
		}
		list = append(list, one)
	}
	return list
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// idPart is a pool's or node's name as a job id can hold it.
func idPart(name string) string { return notInID.ReplaceAllString(name, "-") }

// defaultNotes are those that Proxmox VE's own interface suggests, and what else finds an archive's guest again.
const defaultNotes = "{{guestname}} {{vmid}} {{node}}"

// Notes are the notes-template that the job is to have: the declared one or the default, with a mark that tells which job made an archive. Those of
// an adopted job are as they were written, empty where the file does not say them.
func (j Job) Notes() string {
	if j.Adopt {
		return j.NotesTemplate
	}
	notes, mark := j.NotesTemplate, "[job "+j.ID+"]"
	if notes == "" {
		notes = defaultNotes
	}
	if !strings.Contains(notes, mark) {
		notes += " " + mark
	}
	return notes
}

// JobMarker is what stands at the end of the comment of a job that provisioning made, and tells whose it is. The owner may be empty.
func JobMarker(owner, environment string) string {
	if owner != "" {
		owner = " owner=" + owner
	}
	return "[pve-backup-exporter" + owner + " environment=" + environment + "]"
}
