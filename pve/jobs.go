package pve

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// Job is one scheduled vzdump job (GET /cluster/backup).
type Job struct {
	ID      string
	Enabled bool // a job that does not say is enabled
	// Schedule is a calendar event of Proxmox VE, in the time zone of the node that runs the job.
	Schedule string
	Storage  string // empty: each node's vzdump.conf decides
	Dumpdir  string // a folder instead of a storage
	Node     string // the only node that the job runs on, or empty for all
	Mode     string // snapshot, suspend or stop; empty: vzdump.conf, else snapshot
	Compress string // 0, 1, gzip, lzo or zstd; empty: vzdump.conf, else none
	Comment  string
	// NotesTemplate is what the archives' notes are made from.
	NotesTemplate string

	// The selection: VMIDs, or Pool, or All except Exclude. VMIDs may name guests that are gone.
	All     bool
	Pool    string
	VMIDs   []int
	Exclude []int

	// Retention is the job's own rule in canonical form, such as keep-daily=7,keep-last=3; empty when the storage's or the node's counts.
	Retention string
	// NextRun is when the answering node would run it next, in Unix seconds, also for a disabled job; 0 when the schedule never fires again.
	NextRun int64
	// RepeatMissed reports that a run which was missed is made up for.
	RepeatMissed bool

	// Options are the vzdump options of the job that its runs have on their command line, by name: property strings with all their keys
	// in alphabetical order, the values of an option that may be repeated one a line. The guests that the job names are not among them,
	// nor what only the scheduler knows (id, schedule, enabled, comment, ...).
	Options map[string]string
	// Raw is the job as it was sent.
	Raw map[string]any
}

// notOnCommandLine are members of a job that vzdump's command line never has: guest-common's command_line drops them.
var notOnCommandLine = []string{
	"id", "type", "vmid", "enabled", "schedule", "starttime", "dow", "comment", "repeat-missed", "next-run", "job-id", "digest",
}

// Jobs lists the scheduled backup jobs (GET /cluster/backup). It needs Sys.Audit on /, and is refused otherwise.
func (c *Client) Jobs(ctx context.Context) ([]Job, error) {
	jobs, _, err := fetchRows(ctx, c, nil, readJob, "/cluster/backup")
	return jobs, err
}

// Job returns one backup job, without its next run, and whether it exists (GET /cluster/backup/{id}). It needs Sys.Audit on /.
func (c *Client) Job(ctx context.Context, id string) (Job, bool, error) {
	job, err := fetchObject(ctx, c, nil, readJob, "/cluster/backup/{id}", id)
	if IsNotFound(err) {
		return Job{}, false, nil
	}
	return job, err == nil, err
}

func readJob(r *record) Job {
	j := Job{
		ID: r.required("id"), Enabled: r.flag("enabled", true), Schedule: r.text("schedule"),
		Storage: r.text("storage"), Dumpdir: r.text("dumpdir"), Node: r.text("node"), Mode: r.text("mode"), Compress: r.text("compress"),
		Comment: r.text("comment"), NotesTemplate: r.text("notes-template"),
		All: r.flag("all", false), Pool: r.text("pool"), VMIDs: r.ids("vmid"), Exclude: r.ids("exclude"),
		Retention: r.properties("prune-backups"), NextRun: r.count("next-run"), RepeatMissed: r.flag("repeat-missed", false),
		Options: make(map[string]string), Raw: make(map[string]any),
	}
	if len(j.Exclude) > 0 && j.Pool == "" {
		j.All = true // an exclusion without a pool means all others, said or not
	}
	for name, raw := range r.fields {
		var value any
		if err := json.Unmarshal(raw, &value); err == nil {
			j.Raw[name] = value
		}
		if slices.Contains(notOnCommandLine, name) {
			continue
		}
		if text := optionText(r, name); text != "" {
			j.Options[name] = text
		}
	}
	return j
}

// optionText writes an option as the command line has it.
func optionText(r *record, name string) string {
	_, isProperties := propertyDefaults[name]
	switch kindOfJSON(r.fields[name]) {
	case "array":
		return strings.Join(r.list(name), "\n")
	case "object":
		return r.properties(name)
	}
	if isProperties {
		return r.properties(name)
	}
	return r.text(name)
}
