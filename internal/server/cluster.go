package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/problems"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// clusterView is one cluster as the page shows it. Its texts are fit to be shown, and unknown facts are empty.
type clusterView struct {
	Name          string
	Up            bool
	Nodes, Guests string
	Sources       []sourceView
	Storages      []storageView
	Jobs          []jobView
}

// sourceView is all sources of one kind together: a large cluster has hundreds.
type sourceView struct {
	Name, State string
	Up          bool // all of them
	Last        moment
	Every, Took string
}

type storageView struct {
	ID, Type, Nodes    string
	Up                 bool // on all nodes that need it
	Usage              []string
	Archives, Orphaned string
}

type jobView struct {
	ID, Schedule, Storage, Guests string
	Next, Last                    moment
	Failed                        bool
	Outcome, Keeps                string
}

func viewCluster(c *snapshot.Cluster, now int64) clusterView {
	online := 0
	for _, node := range c.Nodes {
		if node.Online {
			online++
		}
	}
	return clusterView{
		Name: words.Name(c.Name), Up: c.Up,
		Nodes:   fmt.Sprintf("%d of %s online", online, words.Count(len(c.Nodes), "node", "nodes")),
		Guests:  words.Count(len(c.Guests), "guest", "guests"),
		Sources: viewSources(c.Sources, now), Storages: viewStorages(c), Jobs: viewJobs(c.Jobs, now),
	}
}

// viewSources gives a line for each kind: the oldest read, and the one that took longest.
func viewSources(sources []snapshot.Source, now int64) []sourceView {
	byKind := map[snapshot.SourceKind][]snapshot.Source{}
	var kinds []snapshot.SourceKind
	for _, source := range sources {
		if byKind[source.Kind] == nil {
			kinds = append(kinds, source.Kind)
		}
		byKind[source.Kind] = append(byKind[source.Kind], source)
	}
	views := make([]sourceView, 0, len(kinds))
	for _, kind := range kinds {
		views = append(views, viewSource(byKind[kind], now))
	}
	return views
}

func viewSource(sources []snapshot.Source, now int64) sourceView {
	up, longest, known := 0, 0.0, false
	oldest := sources[0]
	for _, source := range sources {
		if source.Up {
			up++
		}
		if source.LastSuccess.Or(0) < oldest.LastSuccess.Or(0) {
			oldest = source
		}
		if took, ok := source.Duration.Get(); ok {
			longest, known = max(longest, took), true
		}
	}
	view := sourceView{
		Name: problems.Noun(snapshot.Source{Kind: sources[0].Kind}), Up: up == len(sources), State: "read", Last: at(oldest.LastSuccess, now),
		Every: words.Span(int64(oldest.Interval)),
	}
	switch {
	case len(sources) > 1:
		view.State = fmt.Sprintf("%d of %d read", up, len(sources))
	case !view.Up:
		view.State = "not read"
	}
	if known {
		view.Took = time.Duration(longest * float64(time.Second)).Round(time.Millisecond).String()
	}
	return view
}

func viewStorages(c *snapshot.Cluster) []storageView {
	archives := map[string]int{}
	listed := map[string]bool{}
	for i := range c.Targets {
		if found, known := c.Targets[i].Archives.Get(); known {
			listed[c.Targets[i].Storage] = true
			archives[c.Targets[i].Storage] += found.Count
		}
	}
	views := make([]storageView, 0, len(c.Storages))
	for _, storage := range c.Storages {
		view := storageView{ID: words.Name(storage.ID), Type: words.Name(storage.Type), Up: true}
		if storage.Shared {
			view.Type += ", shared"
		}
		active := 0
		for _, node := range storage.Nodes {
			if node.Up {
				active++
			}
			view.Up = view.Up && (node.Up || !node.Needed)
		}
		view.Nodes = fmt.Sprintf("active on %d of %d", active, len(storage.Nodes))
		for _, usage := range storage.Usage {
			view.Usage = append(view.Usage, describeUsage(usage))
		}
		if listed[storage.ID] {
			view.Archives = words.Count(archives[storage.ID], "archive", "archives")
		}
		if orphaned, known := storage.OrphanedArchives.Get(); known {
			view.Orphaned = words.Count(orphaned, "archive", "archives")
			if bytes, sized := storage.OrphanedBytes.Get(); sized && orphaned > 0 {
				view.Orphaned += ", " + size(bytes)
			}
		}
		views = append(views, view)
	}
	return views
}

func describeUsage(usage snapshot.StorageUsage) string {
	text := size(usage.Used) + " of " + size(usage.Size)
	if usage.Size > 0 {
		text += fmt.Sprintf(" (%.0f %%)", 100*float64(usage.Used)/float64(usage.Size))
	}
	if usage.Node != "" {
		text = words.Name(usage.Node) + ": " + text
	}
	return text
}

func size(bytes int64) string { return humanize.IBytes(uint64(max(0, bytes))) }

func viewJobs(jobs []snapshot.Job, now int64) []jobView {
	views := make([]jobView, 0, len(jobs))
	for _, job := range jobs {
		view := jobView{
			ID: words.Name(job.ID), Schedule: words.Name(job.Schedule), Storage: words.Name(job.Storage),
			Guests: words.Count(job.Guests, "guest", "guests"),
			Next:   at(job.NextRun, now), Last: at(job.LastRun, now), Failed: job.LastRunFailed.Or(false),
		}
		if !job.Enabled {
			view.Next = moment{Text: "disabled"}
		}
		if job.LastRun.Known() {
			view.Outcome = outcome(job)
		}
		var keeps []string
		for _, keep := range job.Retention {
			keeps = append(keeps, fmt.Sprintf("%d %s", keep.Count, strings.TrimPrefix(words.Name(keep.Keep), "keep-")))
		}
		view.Keeps = strings.Join(keeps, ", ")
		views = append(views, view)
	}
	slices.SortStableFunc(views, func(a, b jobView) int { return cmp.Compare(a.ID, b.ID) })
	return views
}

func outcome(job snapshot.Job) string {
	text := ", well"
	if failed, known := job.LastRunFailed.Get(); !known {
		text = ""
	} else if failed {
		text = ", failed"
	}
	if took, known := job.LastRunDuration.Get(); known {
		text += ", took " + words.Span(took)
	}
	return text
}
