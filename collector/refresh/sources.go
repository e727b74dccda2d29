package refresh

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// sourceKey names one source.
type sourceKey struct {
	kind          snapshot.SourceKind
	node, storage string
}

// sources remembers how each source fared.
type sources struct {
	interval func(snapshot.SourceKind) float64 // how often a kind is read, in seconds
	logger   *slog.Logger
	store    string // the object store whose sources they are, empty for those of a cluster
	known    map[sourceKey]*snapshot.Source
}

func newSources(options Options) *sources {
	return &sources{interval: options.interval, logger: options.Logger.With("cluster", options.Settings.Cluster), known: map[sourceKey]*snapshot.Source{}}
}

// interval returns how often a kind of source is read, in seconds.
func (o *Options) interval(kind snapshot.SourceKind) float64 {
	switch kind {
	case snapshot.SourceResources, snapshot.SourcePermissions, snapshot.SourceTasks, snapshot.SourceLogs, snapshot.SourceJobs, snapshot.SourceDrills:
		return o.Interval.Seconds()
	case snapshot.SourceDefaults, snapshot.SourceSchedules:
		return seldom.Seconds()
	default:
		return o.SlowInterval.Seconds()
	}
}

// record notes the outcome of a read. A change between up and down is logged once.
func (s *sources) record(key sourceKey, began, ended time.Time, err error) {
	source := s.known[key]
	changed := source == nil || source.Up != (err == nil)
	if source == nil {
		source = &snapshot.Source{Kind: key.kind, Node: key.node, Storage: key.storage, Store: s.store, Interval: s.interval(key.kind)}
		s.known[key] = source
	}
	source.Up = err == nil
	source.Duration = optional.Some(ended.Sub(began).Seconds())
	source.Problem = ""
	log := s.logger.With("kind", string(key.kind), "node", key.node, "storage", key.storage)
	if err != nil {
		source.Problem = err.Error()
		if changed {
			log.Warn("source is down", "err", err)
		}
		return
	}
	if changed && source.LastSuccess.Known() {
		log.Info("source is up again")
	}
	source.LastSuccess = optional.Some(ended.Unix())
}

// up reports whether a source was read when it was tried last.
func (s *sources) up(key sourceKey) bool {
	source := s.known[key]
	return source != nil && source.Up
}

// keepOnly drops the sources of nodes and storages that are gone.
func (s *sources) keepOnly(keep func(sourceKey) bool) {
	for key := range s.known {
		if !keep(key) {
			delete(s.known, key)
		}
	}
}

// restore takes over the sources of the state file, all of them down until they were read.
func (s *sources) restore(remembered []snapshot.Source) []snapshot.Source {
	for _, source := range remembered {
		source.Up = false
		source.Problem = "not read since the start"
		source.Duration = optional.Value[float64]{}
		s.known[sourceKey{source.Kind, source.Node, source.Storage}] = &source
	}
	return s.list()
}

// list returns a copy of all sources, sorted.
func (s *sources) list() []snapshot.Source {
	result := make([]snapshot.Source, 0, len(s.known))
	for _, source := range s.known {
		result = append(result, *source)
	}
	slices.SortFunc(result, func(a, b snapshot.Source) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Storage, b.Storage))
	})
	return result
}
