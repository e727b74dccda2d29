package derive

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// storageSnapshots describes the storages that can hold backups, as the nodes see them and with what lies there for nobody.
func storageSnapshots(memory *state.Cluster, w *World, covers map[string]cover, sorted shelves) []snapshot.Storage {
	needed := neededPlaces(memory, covers)
	byID := map[string]*snapshot.Storage{}
	for i := range w.Usage {
		resource := &w.Usage[i]
		if !slices.Contains(strings.Split(resource.Content, ","), "backup") {
			continue
		}
		storage := byID[resource.Storage]
		if storage == nil {
			storage = &snapshot.Storage{ID: resource.Storage, Type: resource.Type, Shared: resource.Shared}
			byID[resource.Storage] = storage
		}
		storage.Nodes = append(storage.Nodes, snapshot.StorageNode{
			Node: resource.Node, Up: resource.Active,
			Needed:         needed[Place{resource.Storage, resource.Node}],
			ContentVisible: w.contentVisible(resource.Storage, resource.Node, resource.Shared),
		})
		// A storage that is not active is listed with zeros, which are not sizes. A shared one shows the same figures on every node.
		if resource.Active && resource.Size > 0 && (!resource.Shared || len(storage.Usage) == 0) {
			usage := snapshot.StorageUsage{Size: resource.Size, Used: resource.Used, Available: max(0, resource.Size-resource.Used)}
			if !resource.Shared {
				usage.Node = resource.Node
			}
			storage.Usage = append(storage.Usage, usage)
		}
	}
	result := make([]snapshot.Storage, 0, len(byID))
	for id, storage := range byID {
		addOrphans(w, memory, storage, sorted.orphans[id])
		result = append(result, *storage)
	}
	slices.SortFunc(result, func(a, b snapshot.Storage) int { return strings.Compare(a.ID, b.ID) })
	return result
}

// neededPlaces tells on which nodes an enabled job would use a storage.
func neededPlaces(memory *state.Cluster, covers map[string]cover) map[Place]bool {
	needed := map[Place]bool{}
	for id, each := range covers {
		for storage := range each.jobs {
			needed[Place{storage, memory.Guests[id].Node}] = true
		}
	}
	return needed
}

// contentVisible tells whether the token may list the archives of a storage on a node, once that was tried.
func (w *World) contentVisible(storage, node string, shared bool) optional.Value[bool] {
	place := Place{Storage: storage}
	if !shared {
		place.Node = node
	}
	if _, listed := w.Listings[place]; listed {
		return optional.Some(true)
	}
	if w.Permissions != nil && !w.seesStorage(storage) {
		return optional.Some(false)
	}
	return optional.Value[bool]{}
}

func addOrphans(w *World, memory *state.Cluster, storage *snapshot.Storage, orphans []*archive) {
	if memory.LastComplete == 0 || !w.listedEverywhere(storage) {
		return
	}
	storage.OrphanedArchives = optional.Some(len(orphans))
	if len(orphans) == 0 {
		storage.OrphanedBytes = optional.Some(int64(0))
	}
	for _, one := range orphans {
		if bytes, known := one.storedBytes().Get(); known {
			storage.OrphanedBytes = optional.Some(storage.OrphanedBytes.Or(0) + bytes)
		}
	}
}

// listedEverywhere reports whether all archives of a storage are known: of a local one on every node where it is active.
func (w *World) listedEverywhere(storage *snapshot.Storage) bool {
	if storage.Shared {
		_, listed := w.Listings[Place{Storage: storage.ID}]
		return listed
	}
	for _, node := range storage.Nodes {
		if _, listed := w.Listings[Place{storage.ID, node.Node}]; node.Up && !listed {
			return false
		}
	}
	return true
}
