package vzdump

import (
	"fmt"
	"strconv"
	"strings"
)

// Retention is a rule for what a prune keeps, the property "prune-backups" of jobs and storages. The counts are numbers of archives, or of
// the latest hours, days, ISO weeks, months and years that have one; 0 leaves that part of the rule out.
//
// The zero Retention states nothing, and then nothing is removed.
type Retention struct {
	KeepAll bool
	Last    int
	Hourly  int
	Daily   int
	Weekly  int
	Monthly int
	Yearly  int
}

// retentionCounts tells the counts' names in property strings, in alphabetical order.
func (r *Retention) retentionCounts() [6]retentionCount {
	return [...]retentionCount{
		{"keep-daily", &r.Daily},
		{"keep-hourly", &r.Hourly},
		{"keep-last", &r.Last},
		{"keep-monthly", &r.Monthly},
		{"keep-weekly", &r.Weekly},
		{"keep-yearly", &r.Yearly},
	}
}

type retentionCount struct {
	name  string
	value *int
}

// ParseRetention reads a property string as jobs, storages and command lines carry it ("keep-daily=7,keep-last=3"), also with blanks after
// the commas, as a task's log writes it. An empty text is the zero Retention. A rule that states only zeros keeps all, as in Proxmox VE, and
// is returned so.
//
// Unknown names, negative and repeated values, and keep-all together with a count are errors; each names the part.
func ParseRetention(text string) (Retention, error) {
	var rule Retention
	stated := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		if !found {
			return Retention{}, fmt.Errorf("retention rule %q: %q has no value", text, part)
		}
		if stated[name] {
			return Retention{}, fmt.Errorf("retention rule %q: %q is stated twice", text, name)
		}
		stated[name] = true
		if err := rule.set(name, value); err != nil {
			return Retention{}, fmt.Errorf("retention rule %q: %w", text, err)
		}
	}
	if rule.KeepAll && len(stated) > 1 {
		return Retention{}, fmt.Errorf("retention rule %q: keep-all cannot be set together with other options", text)
	}
	rule.KeepAll = len(stated) > 0 && rule.KeepsAll()
	return rule, nil
}

func (r *Retention) set(name, value string) error {
	if name == "keep-all" {
		keepAll, ok := parseBoolean(value)
		if !ok {
			return fmt.Errorf("keep-all must be 0 or 1, not %q", value)
		}
		r.KeepAll = keepAll
		return nil
	}
	for _, count := range r.retentionCounts() {
		if count.name != name {
			continue
		}
		number, err := strconv.Atoi(value)
		if err != nil || number < 0 {
			return fmt.Errorf("%s must be a whole number of at least 0, not %q", name, value)
		}
		*count.value = number
		return nil
	}
	return fmt.Errorf("%q is not one of keep-all, keep-last, keep-hourly, keep-daily, keep-weekly, keep-monthly, keep-yearly", name)
}

// parseBoolean reads the words that Proxmox VE takes for true and false.
func parseBoolean(word string) (value, ok bool) {
	switch strings.ToLower(word) {
	case "1", "on", "yes", "true":
		return true, true
	case "0", "off", "no", "false":
		return false, true
	}
	return false, false
}

// IsZero reports that the rule states nothing, so that another one applies: a job's rule, else the storage's, else the node's.
func (r Retention) IsZero() bool { return r == Retention{} }

// KeepsAll reports that the rule removes nothing, because it says so or because it states no count.
func (r Retention) KeepsAll() bool {
	for _, count := range r.retentionCounts() {
		if *count.value > 0 {
			return r.KeepAll
		}
	}
	return true
}

// String returns the rule as Proxmox VE writes it into jobs: alphabetical, without blanks and zeros, "keep-all=1" alone where all is kept. The
// zero Retention is the empty string.
func (r Retention) String() string {
	if r.IsZero() {
		return ""
	}
	if r.KeepsAll() {
		return "keep-all=1"
	}
	var parts []string
	for _, count := range r.retentionCounts() {
		if *count.value > 0 {
			parts = append(parts, count.name+"="+strconv.Itoa(*count.value))
		}
	}
	return strings.Join(parts, ",")
}
