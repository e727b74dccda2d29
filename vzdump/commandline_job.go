package vzdump

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// JobSelection is what a backup job hands to vzdump: which guests, where, and with which options.
type JobSelection struct {
	// VMIDs are the guests that the job names; a job for a pool or for all guests names none.
	VMIDs []int
	// All is set for a job that takes every guest, Exclude aside.
	All     bool
	Exclude []int
	Pool    string
	// Node is the only node that runs the job; empty for every node.
	Node string
	// Options are the job's other properties by their names in GET /cluster/backup, as text: property strings such as "keep-last=3" for
	// those that the API returns as objects, one value a line for arrays. Properties that vzdump is not told (schedule, comment and so on)
	// may be among them and are of no account.
	Options map[string]string
}

// NewJobSelection makes a selection of a job as GET /cluster/backup returns it, decoded from JSON. It takes numbers, texts and booleans for one
// another, since the API does. The error names the property that could not be read.
func NewJobSelection(job map[string]any) (JobSelection, error) {
	options := make(map[string]string, len(job))
	for name, value := range job {
		options[name] = optionText(value)
	}
	return selectionOf(options)
}

// selectionOf takes the selection out of options, among which it stays.
func selectionOf(options map[string]string) (selection JobSelection, err error) {
	selection.Options = options
	selection.Pool, selection.Node = options["pool"], options["node"]
	if selection.VMIDs, err = parseVMIDList(options["vmid"]); err != nil {
		return JobSelection{}, fmt.Errorf("vmid: %w", err)
	}
	if selection.Exclude, err = parseVMIDList(options["exclude"]); err != nil {
		return JobSelection{}, fmt.Errorf("exclude: %w", err)
	}
	if all, given := options["all"]; given {
		var ok bool
		if selection.All, ok = parseBoolean(all); !ok {
			return JobSelection{}, fmt.Errorf("all: %q is neither 0 nor 1", all)
		}
	}
	return selection, nil
}

// optionText writes a JSON value as vzdump's command line would.
func optionText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case bool:
		if value {
			return "1"
		}
		return "0"
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case json.Number:
		return value.String()
	case []any:
		lines := make([]string, len(value))
		for i, each := range value {
			lines[i] = optionText(each)
		}
		return strings.Join(lines, "\n")
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, name+"="+optionText(value[name]))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(value)
}
