package pvesim

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// notOnCommandLine are a job's properties that vzdump never hears of.
var notOnCommandLine = []string{"vmid", "comment", "repeat-missed", "schedule", "enabled", "id", "type"}

// scheduledOptions are the options of a job's runs: its properties, and quiet.
func (c *Cluster) scheduledOptions(job *Job) map[string]string {
	options := maps.Clone(job.Options)
	if options == nil {
		options = map[string]string{}
	}
	options["storage"] = job.Storage()
	options["quiet"] = "1"
	return options
}

// logOptions are the options as a run's log needs them.
func (m *Model) logOptions(options map[string]string) *runlog.Options {
	o := &runlog.Options{
		VMIDs: listed(options["vmid"]), Mode: options["mode"], Compress: options["compress"], Hook: options["script"],
		Notes: options["notes-template"] != "", Protected: options["protected"] == "1",
	}
	o.Bandwidth, _ = strconv.Atoi(options["bwlimit"])
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if value := options[name]; !slices.Contains(notOnCommandLine, name) && (value != "" || name == "notes-template") {
			o.Flags = append(o.Flags, runlog.Flag{Name: name, Value: value})
		}
	}
	storage := m.Storage(options["storage"])
	if rule := retention(options, storage); !rule.KeepsAll() {
		o.Retention = strings.ReplaceAll(rule.String(), ",", ", ")
	}
	o.Target = runlog.Target{Storage: options["storage"], Dir: options["dumpdir"]}
	if storage != nil {
		o.Target.PBS = storage.Repository()
		if storage.Path() != "" {
			o.Target.Dir = storage.Path() + "/dump"
		}
	}
	return o
}
