package cluster

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// jobProperties are the properties of a job that the declared file has keys for, by Proxmox VE's names. All others are left alone.
var jobProperties = []string{
	"all", "bwlimit", "comment", "compress", "enabled", "exclude", "fleecing", "mailnotification", "mailto", "mode", "node", "notes-template",
	"notification-mode", "pbs-change-detection-mode", "pool", "protected", "prune-backups", "repeat-missed", "schedule", "storage", "vmid", "zstd",
}

// selectionProperties are those of them that select guests. A job has one kind of selection: the file decides all of them or none.
var selectionProperties = []string{"all", "exclude", "node", "pool", "vmid"}

// jobDefaults are the values that mean the same as a property's absence.
var jobDefaults = map[string]string{
	"protected": "0", "repeat-missed": "0", "bwlimit": "0", "notification-mode": "auto", "mailnotification": "always",
}

// JobFields writes a job's properties, those that the declared file has keys for, in their canonical form. What has no effect is absent: the
// exclusions of a job for a pool, and fleecing that is switched off.
func JobFields(job *pve.Job) map[string]string {
	fields := map[string]string{"enabled": flag(job.Enabled)}
	set := func(name, value string) {
		if value != "" && value != jobDefaults[name] {
			fields[name] = value
		}
	}
	for _, name := range jobProperties {
		if !slices.Contains(selectionProperties, name) {
			set(name, job.Options[name])
		}
	}
	set("schedule", job.Schedule)
	set("storage", job.Storage)
	set("mode", job.Mode)
	set("compress", compression(job.Compress))
	set("comment", job.Comment)
	set("notes-template", job.NotesTemplate)
	set("repeat-missed", flag(job.RepeatMissed))
	fields["prune-backups"] = retention(job.Retention)
	fields["mailto"] = strings.Join(splitList(fields["mailto"]), ",")
	fields["fleecing"] = fleecing(fields["fleecing"])
	setSelection(fields, job)
	for name, value := range fields {
		if value == "" {
			delete(fields, name)
		}
	}
	return fields
}

// setSelection writes which guests a job selects, by the rules of [pve.Selection].
func setSelection(fields map[string]string, job *pve.Job) {
	fields["node"] = job.Node
	switch {
	case job.Pool != "":
		fields["pool"] = job.Pool
	case job.All:
		fields["all"] = "1"
		fields["exclude"] = idList(job.Exclude)
	default:
		fields["vmid"] = idList(job.VMIDs)
	}
}

// compression is one name for each way to compress: 1 is an old word for lzo.
func compression(word string) string {
	if word == "1" {
		return "lzo"
	}
	return word
}

// retention is a rule in its canonical form, without zeros. One that this program cannot read is left as it is.
func retention(rule string) string {
	parsed, err := vzdump.ParseRetention(rule)
	if err != nil {
		return rule
	}
	return parsed.String()
}

// fleecing leaves a setting that is switched off out.
func fleecing(properties string) string {
	if slices.Contains(strings.Split(properties, ","), "enabled=1") {
		return properties
	}
	return ""
}

// idList writes ids in ascending order, each once.
func idList(ids []int) string {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.Itoa(id)
	}
	return strings.Join(words, ",")
}

// splitList cuts a list at Proxmox VE's separators.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t", r) })
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return "0"
}
