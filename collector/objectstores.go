package collector

import (
	"maps"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

// objectStoreView is all object stores with their series. These are made together, so that a family's series are in the order of a registry;
// there are few.
type objectStoreView struct {
	snapshots map[string]*snapshot.ObjectStore
	families  []*dto.MetricFamily
	leftOut   int
}

// PublishObjectStore replaces the picture of one object store, by its name. The snapshot must not be changed afterwards.
func (s *Store) PublishObjectStore(store *snapshot.ObjectStore) {
	s.writing.Lock()
	defer s.writing.Unlock()
	now := s.current.Load()
	all := maps.Clone(now.stores.snapshots)
	if all == nil {
		all = map[string]*snapshot.ObjectStore{}
	}
	all[cleanLabel(store.Name)] = store
	s.replaceObjectStores(now, all)
}

// KeepObjectStores forgets every object store but those named, as [Store.Keep] does with clusters.
func (s *Store) KeepObjectStores(names ...string) {
	s.writing.Lock()
	defer s.writing.Unlock()
	now := s.current.Load()
	all := map[string]*snapshot.ObjectStore{}
	for _, name := range names {
		if known, ok := now.stores.snapshots[cleanLabel(name)]; ok {
			all[cleanLabel(name)] = known
		}
	}
	s.replaceObjectStores(now, all)
}

func (s *Store) replaceObjectStores(now *view, all map[string]*snapshot.ObjectStore) {
	made := buildObjectStores(sortedStores(all))
	s.tellLeftOut(made.leftOut, now.stores.leftOut)
	s.current.Store(newView(now.clusters, objectStoreView{all, made.families, len(made.leftOut)}))
}

// ObjectStores returns the newest picture of every object store, sorted by name.
func (s *Store) ObjectStores() []*snapshot.ObjectStore {
	return sortedStores(s.current.Load().stores.snapshots)
}

func sortedStores(all map[string]*snapshot.ObjectStore) []*snapshot.ObjectStore {
	sorted := make([]*snapshot.ObjectStore, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		sorted = append(sorted, all[name])
	}
	return sorted
}

// buildObjectStores makes every series of all object stores, as build does for a cluster.
func buildObjectStores(snapshots []*snapshot.ObjectStore) *builder {
	b := newBuilder("")
	stores, read, drifts := make([]snapshot.ObjectStore, len(snapshots)), []snapshot.Source(nil), []driftOf(nil)
	for i, store := range snapshots {
		stores[i] = *store
		read = append(read, store.Sources...)
		drifts = append(drifts, driftsOf(store.Name, store.Drift)...)
	}
	add(b, objectStores, stores)
	add(b, sources, read)
	add(b, buckets, bucketsOf(stores))
	add(b, terraformStates, statesOf(stores))
	add(b, drift, drifts)
	return b
}
