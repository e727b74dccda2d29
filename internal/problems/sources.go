package problems

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// nouns are what the sources are called in sentences.
var nouns = map[snapshot.SourceKind]string{
	snapshot.SourceResources:   "inventory",
	snapshot.SourcePermissions: "token's permissions",
	snapshot.SourceJobs:        "backup jobs",
	snapshot.SourceSchedules:   "schedules",
	snapshot.SourceVolumes:     "guests' volumes",
	snapshot.SourceTasks:       "tasks",
	snapshot.SourceLogs:        "task logs",
	snapshot.SourceStorages:    "storage settings",
	snapshot.SourceArchives:    "archives",
	snapshot.SourceTime:        "clock",
	snapshot.SourceDefaults:    "vzdump defaults",
	snapshot.SourceDrills:      "results of restore drills",
	snapshot.SourceHealth:      "health",
	snapshot.SourceCertificate: "certificate",
	snapshot.SourceBuckets:     "buckets' versioning",
	snapshot.SourceStates:      "Terraform states",
	snapshot.SourceSerials:     "states' serial numbers",
	snapshot.SourceUsage:       "buckets' sizes",
}

// Noun names a source in words: "backup jobs", "archives on backup-nfs".
func Noun(source snapshot.Source) string {
	noun, known := nouns[source.Kind]
	if !known {
		noun = string(source.Kind)
	}
	if source.Storage != "" {
		noun += " on " + words.Name(source.Storage)
	}
	return noun
}

// sources tells what cannot be read, and what was not read for too long, one line per node or part of the cluster.
func (x *examination) sources() {
	if !x.Up {
		return // nothing can be read, which is one line already
	}
	inventory, _ := x.source(snapshot.SourceResources)
	if late(inventory, x.now) {
		x.add(Problem{
			Severity: Warning, Kind: SourceStale,
			Text: "Cluster " + words.Name(x.Name) + " was last read " + words.When(inventory.LastSuccess.Or(0), x.now) + ", although it should be every " +
				words.Span(int64(inventory.Interval)),
			Hint: "a refresh hangs or takes too long: look at pve_backup_source_duration_seconds and at the log of this exporter",
		})
		return
	}
	x.sourceLines(SourceDown, func(s snapshot.Source) bool { return !s.Up })
	x.sourceLines(SourceStale, func(s snapshot.Source) bool { return s.Up && late(s, x.now) })
}

// Late reports whether a source was not read for much longer than it should be. Schedules and defaults are read seldom, and only when they
// are used up.
func late(source snapshot.Source, now int64) bool {
	if source.Kind == snapshot.SourceSchedules || source.Kind == snapshot.SourceDefaults || source.Interval <= 0 {
		return false
	}
	last, known := source.LastSuccess.Get()
	return known && float64(now-last) > max(3*source.Interval, 300)
}

// sourceLines gives one line for each place with sources of a kind of problem.
func (x *examination) sourceLines(kind Kind, concerned func(snapshot.Source) bool) {
	byPlace := map[string][]snapshot.Source{}
	var places []string
	for _, source := range x.Sources {
		if !concerned(source) || x.explained(source) {
			continue
		}
		place := source.Node
		if place == "" {
			place = "\x00" + string(source.Kind) + source.Storage // no node is called so
		}
		if byPlace[place] == nil {
			places = append(places, place)
		}
		byPlace[place] = append(byPlace[place], source)
	}
	for _, place := range places {
		x.sourceLine(kind, byPlace[place])
	}
}

// explained reports whether another line tells why a source cannot be read.
func (x *examination) explained(source snapshot.Source) bool {
	_, storageDown := x.down[source.Storage]
	switch {
	case x.offline[source.Node]:
		return true
	case source.Storage != "" && (storageDown || x.lacks(source.Storage)):
		return true
	}
	// The API's words for a missing privilege: "GET /path on https://address: 403 Permission check failed".
	return len(x.MissingPermissions) > 0 && strings.Contains(source.Problem, ": 403 ")
}

func (x *examination) sourceLine(kind Kind, sources []snapshot.Source) {
	var what []string
	oldest := sources[0].LastSuccess
	for _, source := range sources {
		what = append(what, Noun(source))
		if last, known := source.LastSuccess.Get(); !known || last < oldest.Or(0) {
			oldest = source.LastSuccess
		}
	}
	last := "never read so far"
	if at, known := oldest.Get(); known {
		last = "last read " + words.When(at, x.now)
	}
	p := Problem{Severity: Warning, Kind: kind, Hint: hintCheck, Subject: Subject{Node: sources[0].Node}}
	if slices.ContainsFunc(sources, func(s snapshot.Source) bool { return s.Storage == sources[0].Storage }) && len(sources) == 1 {
		p.Storage = sources[0].Storage
	}
	place := ""
	if p.Node != "" {
		place = " of node " + words.Name(p.Node)
	}
	cannot := " cannot be read, "
	if kind == SourceStale {
		cannot = " were not read for too long, "
	}
	p.Text = "The " + words.List(what, len(nouns)) + place + cannot + last
	if problem := sources[0].Problem; problem != "" {
		p.Text += ": " + problem
	}
	x.add(p)
}
