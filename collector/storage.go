package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// Names of the storage series.
const (
	StorageInfo             = Prefix + "storage_info"
	StorageUp               = Prefix + "storage_up"
	StorageNeeded           = Prefix + "storage_needed"
	StorageContentVisible   = Prefix + "storage_content_visible"
	StorageSize             = Prefix + "storage_size_bytes"
	StorageUsed             = Prefix + "storage_used_bytes"
	StorageAvailable        = Prefix + "storage_available_bytes"
	StorageOrphanedArchives = Prefix + "storage_orphaned_archives"
	StorageOrphanedBytes    = Prefix + "storage_orphaned_bytes"
)

const storagesIntro = "Only storages that may hold backups. Space is counted once for a shared storage, where the label `node` is empty; it is " +
	"absent while the storage is inactive, since Proxmox VE then reports zeros."

var storages = group[snapshot.Storage]{
	labels:   []string{LabelStorage},
	identity: func(s *snapshot.Storage) []string { return []string{s.ID} },
	families: []family[snapshot.Storage]{
		{
			name:          StorageInfo,
			meaning:       "1 for every storage that may hold backups.",
			origin:        "GET /storage",
			value:         one[snapshot.Storage],
			further:       []string{"type", "shared"},
			furtherValues: func(s *snapshot.Storage) []string { return []string{s.Type, boolLabel(s.Shared)} },
		},
		{
			name:    StorageOrphanedArchives,
			meaning: "Number of archives of guests that are gone.",
			origin:  listing,
			value:   func(s *snapshot.Storage) (float64, bool) { return number(s.OrphanedArchives) },
		},
		{
			name:    StorageOrphanedBytes,
			meaning: "Size of those archives of guests that are gone whose size is known, in bytes.",
			origin:  "the content listing with archive_details, else the task logs",
			value:   func(s *snapshot.Storage) (float64, bool) { return number(s.OrphanedBytes) },
		},
	},
}

// storageNode is a storage as one node sees it.
type storageNode struct {
	storage string
	snapshot.StorageNode
}

var storageNodes = group[storageNode]{
	labels:   []string{LabelStorage, LabelNode},
	identity: func(s *storageNode) []string { return []string{s.storage, s.Node} },
	families: []family[storageNode]{
		{
			name:    StorageUp,
			meaning: "1 when the storage is active on the node, else 0.",
			origin:  "GET /cluster/resources",
			value:   func(s *storageNode) (float64, bool) { return yesNo(s.Up) },
		},
		{
			name:    StorageNeeded,
			meaning: "1 when an enabled job would write to the storage on the node, else 0.",
			origin:  "GET /cluster/backup and /cluster/resources",
			value:   func(s *storageNode) (float64, bool) { return yesNo(s.Needed) },
		},
		{
			name:    StorageContentVisible,
			meaning: "1 when the token may list the archives on the storage, else 0; absent until it was tried.",
			origin:  listing,
			value:   func(s *storageNode) (float64, bool) { return answer(s.ContentVisible) },
		},
	},
}

func onNodes(storages []snapshot.Storage) []storageNode {
	var all []storageNode
	for _, storage := range storages {
		for _, node := range storage.Nodes {
			all = append(all, storageNode{storage.ID, node})
		}
	}
	return all
}

// usage is the space on a storage: once if it is shared, else per node.
type usage struct {
	storage string
	snapshot.StorageUsage
}

var storageUsage = group[usage]{
	labels:   []string{LabelStorage, LabelNode},
	identity: func(u *usage) []string { return []string{u.storage, u.Node} },
	families: []family[usage]{
		{
			name:    StorageSize,
			meaning: "Size of the storage, in bytes.",
			origin:  "GET /cluster/resources",
			value:   func(u *usage) (float64, bool) { return float64(u.Size), true },
		},
		{
			name:    StorageUsed,
			meaning: "Used space on the storage, in bytes.",
			origin:  "GET /cluster/resources",
			value:   func(u *usage) (float64, bool) { return float64(u.Used), true },
		},
		{
			name:    StorageAvailable,
			meaning: "Available space on the storage, in bytes.",
			origin:  "GET /cluster/resources",
			value:   func(u *usage) (float64, bool) { return float64(u.Available), true },
		},
	},
}

func usages(storages []snapshot.Storage) []usage {
	var all []usage
	for _, storage := range storages {
		for _, space := range storage.Usage {
			all = append(all, usage{storage.ID, space})
		}
	}
	return all
}
