package collector

import "slices"

// Prefix begins the name of every metric of this exporter.
const Prefix = "pve_backup_"

// Labels that several metrics carry. Those of a single metric stand beside it.
const (
	LabelCluster     = "cluster"     // the configured name
	LabelEnvironment = "environment" // the first environment of the declared file that matches the guest, else "unassigned"
	LabelID          = "id"          // the guest: qemu/100, lxc/101
	LabelStorage     = "storage"
	LabelNode        = "node"
	LabelReason      = "reason" // from a closed list
	LabelJob         = "backup_job"
	LabelStore       = "store"  // the configured name of an object store
	LabelBucket      = "bucket" // in an object store
)

// Type is the kind of a metric, as its TYPE line says.
type Type string

// The kinds that the exporter uses.
const (
	Gauge     Type = "gauge"
	Counter   Type = "counter"
	Histogram Type = "histogram"
)

// Definition is what the documentation, the dashboards and the rules know of one metric.
type Definition struct {
	Name    string
	Type    Type
	Labels  []string // every label that a series carries, in the order of the documentation
	Meaning string   // one sentence or more, with the unit
	Origin  string   // the API path, log line or file that states the fact
	// Live tells a metric that the exporter keeps at every moment from one that shows the last refresh.
	Live bool
}

// Help is the text of the metric's HELP line: the meaning, the origin and whether the value is cached.
func (d Definition) Help() string {
	freshness := ", as of the last refresh."
	if d.Live {
		freshness = "."
	}
	return d.Meaning + " From " + d.Origin + freshness
}

// Section is a group of definitions under one heading of the documentation.
type Section struct {
	Title       string
	Intro       string // Markdown, may be empty
	Definitions []Definition
}

// Sections returns every metric of the exporter in the order of the documentation.
func Sections() []Section {
	return []Section{
		{Title: "Cluster and data sources", Intro: sourcesIntro, Definitions: slices.Concat(
			clusters.definitions(), sources.definitions(), permissions.definitions(), endpoints.definitions(), apiDefinitions)},
		{Title: "Guests", Intro: guestsIntro(), Definitions: guests.definitions()},
		{Title: "Targets: one guest on one storage", Intro: targetsIntro(), Definitions: targets.definitions()},
		{Title: "Jobs", Intro: jobsIntro, Definitions: slices.Concat(jobs.definitions(), retention.definitions())},
		{Title: "Nodes", Definitions: nodes.definitions()},
		{Title: "Storages", Intro: storagesIntro, Definitions: slices.Concat(
			storages.definitions(), storageNodes.definitions(), storageUsage.definitions())},
		{Title: "Object stores and Terraform states", Intro: objectStoresIntro, Definitions: slices.Concat(
			objectStores.definitions(), buckets.definitions(), terraformStates.definitions())},
		{Title: "Restore drills", Intro: drillsIntro, Definitions: drills.definitions()},
		{Title: "The declared file", Intro: driftIntro, Definitions: drift.definitions()},
		{Title: "The exporter itself", Definitions: exporterDefinitions},
	}
}

// Definitions returns every metric of the exporter.
func Definitions() []Definition {
	var all []Definition
	for _, section := range Sections() {
		all = append(all, section.Definitions...)
	}
	return all
}
