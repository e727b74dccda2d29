package derive

import (
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Runs tells when schedules run: by the cluster's own answers where it gave them, else by the calendar event itself, in a node's zone.
// It is used by one goroutine at a time.
type Runs struct {
	answering *time.Location
	analyzed  map[string]AnalyzedRuns
	events    map[string]*vzdump.CalendarEvent // nil for one that cannot be parsed
	next      map[runsKey]int64                // memo; 0 for no further run
}

type runsKey struct {
	schedule, zone string
	after          int64
}

// NewRuns returns the runs of a world's schedules.
func NewRuns(w *World) *Runs {
	return &Runs{
		answering: w.zone(w.Answering),
		analyzed:  w.Analyzed,
		events:    map[string]*vzdump.CalendarEvent{},
		next:      map[runsKey]int64{},
	}
}

// Next returns the first run strictly after a moment, and false where there is none or the schedule is not understood.
func (r *Runs) Next(schedule string, zone *time.Location, after int64) (int64, bool) {
	key := runsKey{schedule, zone.String(), after}
	if run, known := r.next[key]; known {
		return run, run != 0
	}
	run, found := r.compute(schedule, zone, after)
	if !found {
		run = 0
	}
	r.next[key] = run
	return run, found
}

func (r *Runs) compute(schedule string, zone *time.Location, after int64) (int64, bool) {
	if run, found, answered := r.fromCluster(schedule, zone, after); answered {
		return run, found
	}
	event := r.event(schedule)
	if event == nil {
		return 0, false
	}
	run, found := event.Next(time.Unix(after, 0).In(zone))
	return run.Unix(), found
}

// fromCluster answers from what the cluster itself worked out, where that covers the moment and was worked out in the same zone.
func (r *Runs) fromCluster(schedule string, zone *time.Location, after int64) (run int64, found, answered bool) {
	answer, known := r.analyzed[schedule]
	if !known || after < answer.From || r.answering.String() != zone.String() {
		return 0, false, false
	}
	at, exact := slices.BinarySearch(answer.Runs, after)
	if exact {
		at++
	}
	if at < len(answer.Runs) {
		return answer.Runs[at], true, true
	}
	return 0, false, answer.Complete
}

func (r *Runs) event(schedule string) *vzdump.CalendarEvent {
	event, known := r.events[schedule]
	if !known {
		if parsed, err := vzdump.ParseCalendarEvent(schedule); err == nil {
			event = &parsed
		}
		r.events[schedule] = event
	}
	return event
}

// lookBack lists how far before a moment its latest run is searched, the nearest first, so that frequent schedules cost little.
var lookBack = []time.Duration{2 * time.Minute, time.Hour, 24 * time.Hour, 8 * 24 * time.Hour, 32 * 24 * time.Hour, 370 * 24 * time.Hour}

// Latest returns the last run at or before a moment, within about a year.
func (r *Runs) Latest(schedule string, zone *time.Location, at int64) (int64, bool) {
	for _, back := range lookBack {
		run, found := r.Next(schedule, zone, at-int64(back/time.Second))
		if !found || run > at {
			continue
		}
		for {
			following, more := r.Next(schedule, zone, run)
			if !more || following > at {
				return run, true
			}
			run = following
		}
	}
	return 0, false
}

// zone returns a node's time zone; where it is unknown that of another node, else UTC.
func (w *World) zone(node string) *time.Location {
	if facts := w.Nodes[node]; facts.Zone != nil {
		return facts.Zone
	}
	names := make([]string, 0, len(w.Nodes))
	for name := range w.Nodes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if zone := w.Nodes[name].Zone; zone != nil {
			return zone
		}
	}
	return time.UTC
}
