package collector

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

// Store holds the newest snapshot of every cluster and of every object store together with their series. Refreshes write to it, scrapes and pages read from it, all at
// the same time and without waiting for each other.
type Store struct {
	logger *slog.Logger
	descs  map[string]*prometheus.Desc // by metric name, for registries

	writing sync.Mutex // one writer at a time
	current atomic.Pointer[view]
}

// view is what readers see. It is replaced, never changed.
type view struct {
	clusters map[string]published
	stores   objectStoreView
	families []*dto.MetricFamily // of all clusters and object stores, sorted by name
}

type published struct {
	snapshot *snapshot.Cluster
	families []*dto.MetricFamily
	leftOut  int
}

// NewStore returns an empty store. It logs what it has to leave out of the metrics.
func NewStore(logger *slog.Logger) *Store {
	s := &Store{logger: logger, descs: map[string]*prometheus.Desc{}}
	for _, d := range Definitions() {
		if !d.Live {
			s.descs[d.Name] = prometheus.NewDesc(d.Name, d.Help(), d.Labels, nil)
		}
	}
	s.current.Store(&view{})
	return s
}

// Publish replaces the picture of one cluster, by its name. The snapshot must not be changed afterwards.
func (s *Store) Publish(c *snapshot.Cluster) {
	made := build(c) // outside of the lock: clusters do not wait for each other
	s.writing.Lock()
	defer s.writing.Unlock()
	name := cleanLabel(c.Name)
	clusters := maps.Clone(s.current.Load().clusters)
	if clusters == nil {
		clusters = map[string]published{}
	}
	s.tellLeftOut(made.leftOut, clusters[name].leftOut, "cluster", name)
	clusters[name] = published{c, made.families, len(made.leftOut)}
	s.current.Store(newView(clusters, s.current.Load().stores))
}

// tellLeftOut logs what has no series: once, not at every refresh.
func (s *Store) tellLeftOut(all []leftOut, before int, about ...any) {
	if n := len(all); n > 0 && n != before {
		s.logger.Warn("left out of the metrics what has the same labels as something else",
			append(about, "count", n, "metric", all[0].metric, "labels", strings.Join(all[0].labels, ", "))...)
	}
}

// Keep forgets every cluster but those named, as after a reload of the declared file: their series are gone at the next scrape.
func (s *Store) Keep(names ...string) {
	s.writing.Lock()
	defer s.writing.Unlock()
	clusters := map[string]published{}
	for _, name := range names {
		if known, ok := s.current.Load().clusters[cleanLabel(name)]; ok {
			clusters[cleanLabel(name)] = known
		}
	}
	s.current.Store(newView(clusters, s.current.Load().stores))
}

// Snapshot returns the newest picture of a cluster, or nil before its first.
func (s *Store) Snapshot(cluster string) *snapshot.Cluster {
	return s.current.Load().clusters[cleanLabel(cluster)].snapshot
}

// Snapshots returns the newest picture of every cluster, sorted by name.
func (s *Store) Snapshots() []*snapshot.Cluster {
	clusters := s.current.Load().clusters
	all := make([]*snapshot.Cluster, 0, len(clusters))
	for _, name := range slices.Sorted(maps.Keys(clusters)) {
		all = append(all, clusters[name].snapshot)
	}
	return all
}

// newView joins the families of all clusters, cluster by cluster, behind those of the object stores, whose label cluster is empty.
func newView(clusters map[string]published, stores objectStoreView) *view {
	byName := map[string]*dto.MetricFamily{}
	join := func(families []*dto.MetricFamily) {
		for _, family := range families {
			joined := family
			if first, ok := byName[family.GetName()]; ok {
				joined = &dto.MetricFamily{
					Name: first.Name, Help: first.Help, Type: first.Type,
					Metric: slices.Concat(first.Metric, family.Metric),
				}
			}
			byName[family.GetName()] = joined
		}
	}
	join(stores.families)
	for _, name := range slices.Sorted(maps.Keys(clusters)) {
		join(clusters[name].families)
	}
	v := &view{clusters: clusters, stores: stores, families: make([]*dto.MetricFamily, 0, len(byName))}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		v.families = append(v.families, byName[name])
	}
	return v
}
