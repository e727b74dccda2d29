package pvesim

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Job is a backup job as /etc/pve/jobs.cfg holds it. Booleans and numbers are kept as the texts "0", "1" and so on in Options.
type Job struct {
	ID       string
	Schedule string // a calendar event
	Disabled bool
	// Options are the properties besides id, schedule and enabled: storage, mode, compress, vmid, all, exclude, pool, node,
	// prune-backups, notes-template, comment, repeat-missed, remove, protected, fleecing, ...
	Options map[string]string
}

// Get returns a property; empty where it is absent.
func (j *Job) Get(name string) string { return j.Options[name] }

// Storage returns the storage that the job writes to; PVE's default is "local".
func (j *Job) Storage() string {
	if id := j.Options["storage"]; id != "" || j.Options["dumpdir"] != "" {
		return id
	}
	return "local"
}

// VMIDs returns the ids that the job names, ascending, each once; none for all- and pool-jobs.
func (j *Job) VMIDs() []int { return idList(j.Options["vmid"]) }

// Excluded returns the ids that an all-job leaves out.
func (j *Job) Excluded() []int { return idList(j.Options["exclude"]) }

// idList reads a list of ids in any of the forms that PVE takes, ascending and each once.
func idList(text string) []int {
	ids := listed(text)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// listed reads a list of ids, separated by commas, semicolons or blanks, in the order in which it states them.
func listed(text string) []int {
	var ids []int
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",; \t", r) }) {
		if id, err := strconv.Atoi(word); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// retention is the rule that a run with these options applies on a storage; keep-all where nothing states one.
func retention(options map[string]string, s *Storage) vzdump.Retention {
	if options["remove"] == "0" {
		return vzdump.Retention{KeepAll: true}
	}
	return statedRetention(options, s)
}

// statedRetention is the rule of the options, else of the storage.
func statedRetention(options map[string]string, s *Storage) vzdump.Retention {
	texts := []string{options["prune-backups"]}
	if s != nil {
		texts = append(texts, s.Retention)
	}
	for _, text := range texts {
		if rule, err := vzdump.ParseRetention(text); err == nil && !rule.IsZero() {
			return rule
		}
	}
	return vzdump.Retention{KeepAll: true}
}
