package vzdump

import (
	"maps"
	"slices"
	"strings"
)

// FromJob tells whether a task with this command line may be a run of the job as it is now. Nothing in a task names its job, so the line is
// all there is to go by: it has the job's options, all of them and no others, in random order, and "--quiet 1" from the scheduler.
//
// Values that mean the same are the same: lists in any order and with any separators, booleans, retention rules, compress 1 and lzo, maxfiles
// 3 and keep-last=3. Guests are compared as sets. A line that names only some of the job's guests may be its run as well; one that names
// others is not. A job that was edited since does not match its earlier runs.
func (c CommandLine) FromJob(job JobSelection) bool {
	fits, _ := c.compare(job)
	return fits
}

// JobsOf returns the indexes of the jobs that the task may be a run of. Where some name exactly the line's guests, only those count.
func (c CommandLine) JobsOf(jobs []JobSelection) []int {
	var fitting, exactly []int
	for i, job := range jobs {
		fits, exact := c.compare(job)
		if fits {
			fitting = append(fitting, i)
		}
		if exact {
			exactly = append(exactly, i)
		}
	}
	if len(exactly) > 0 {
		return exactly
	}
	return fitting
}

// compare tells whether the line may be the job's, and whether it also names exactly the job's guests.
func (c CommandLine) compare(job JobSelection) (fits, exact bool) {
	if !c.Scheduled() {
		return false, false
	}
	run, err := selectionOf(c.Options)
	if err != nil {
		return false, false
	}
	run.VMIDs = c.VMIDs
	run, job = run.normal(), job.normal()
	if run.All != job.All || run.Pool != job.Pool || run.Node != job.Node || !slices.Equal(run.Exclude, job.Exclude) || !maps.Equal(run.Options, job.Options) {
		return false, false
	}
	if slices.Equal(run.VMIDs, job.VMIDs) {
		return true, true
	}
	foreign := func(id int) bool { return !slices.Contains(job.VMIDs, id) }
	return len(run.VMIDs) > 0 && !slices.ContainsFunc(run.VMIDs, foreign), false
}

// normal returns a selection in which whatever means the same is the same.
func (j JobSelection) normal() JobSelection {
	normal := JobSelection{
		VMIDs:   sortedSet(j.VMIDs),
		Exclude: sortedSet(j.Exclude),
		Pool:    j.Pool,
		Node:    j.Node,
		Options: map[string]string{},
	}
	// vzdump takes a list of exclusions for "all but these", unless there is a pool.
	normal.All = j.All || len(normal.Exclude) > 0 && j.Pool == ""
	for name, value := range j.Options {
		if value = normalOption(name, value); value != "" && !notCompared[name] {
			normal.Options[name] = value
		}
	}
	// Up to Proxmox VE 8 a job may still have the count that prune-backups replaced.
	if files := normal.Options["maxfiles"]; files != "" {
		delete(normal.Options, "maxfiles")
		if normal.Options["prune-backups"] == "" {
			normal.Options["prune-backups"] = normalOption("prune-backups", "keep-last="+files)
		}
	}
	return normal
}

// notCompared are the properties of jobs that vzdump's command line does not have, and those that JobSelection has fields for. Quiet is what
// the scheduler adds.
var notCompared = map[string]bool{
	"id": true, "type": true, "schedule": true, "starttime": true, "dow": true, "enabled": true, "comment": true,
	"repeat-missed": true, "next-run": true, "job-id": true, "digest": true, "quiet": true,
	"vmid": true, "all": true, "exclude": true, "pool": true, "node": true,
}

// normalOption writes equal values of an option alike. An empty value is as good as none.
func normalOption(name, value string) string {
	switch name {
	case "protected", "remove", "stdexcludes", "stop", "stdout":
		return normalBoolean(value)
	case "compress":
		if value == "1" {
			return "lzo"
		}
	case "prune-backups":
		if rule, err := ParseRetention(value); err == nil {
			return rule.String()
		}
	case "fleecing":
		return normalProperties(value, "enabled")
	case "performance":
		return normalProperties(value, "")
	case "mailto":
		return strings.Join(sortedSet(strings.FieldsFunc(value, isListSeparator)), ",")
	case "exclude-path":
		return strings.Join(sortedSet(strings.Split(value, "\n")), "\n")
	}
	return value
}

func normalBoolean(value string) string {
	set, ok := parseBoolean(value)
	switch {
	case !ok:
		return value
	case set:
		return "1"
	}
	return "0"
}

// normalProperties sorts a property string. A part without a name belongs to the property that may go without: "1,storage=local" is
// "enabled=1,storage=local".
func normalProperties(value, nameless string) string {
	var parts []string
	for part := range strings.SplitSeq(value, ",") {
		name, setting, named := strings.Cut(part, "=")
		if !named {
			name, setting = nameless, part
		}
		if name == "enabled" {
			setting = normalBoolean(setting)
		}
		parts = append(parts, name+"="+setting)
	}
	return strings.Join(sortedSet(parts), ",")
}

func sortedSet[T int | string](values []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}
