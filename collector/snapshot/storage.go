package snapshot

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"

// Storage is one storage that can hold backups.
type Storage struct {
	ID     string
	Type   string // dir, nfs, cifs, pbs, ...
	Shared bool
	Nodes  []StorageNode
	Usage  []StorageUsage // one without a node for a shared storage, else one per node where it is active
	// OrphanedArchives and OrphanedBytes are about archives of guests that are gone; unknown until the storage was listed completely.
	OrphanedArchives optional.Value[int]
	OrphanedBytes    optional.Value[int64] // of those whose size is known
}

// StorageNode is a storage as one node sees it.
type StorageNode struct {
	Node           string
	Up             bool                 // active (GET /cluster/resources)
	Needed         bool                 // an enabled job would use it on this node
	ContentVisible optional.Value[bool] // the token may list its archives; unknown until tried
}

// StorageUsage is the space on a storage. Node is empty for a shared storage.
type StorageUsage struct {
	Node                  string
	Size, Used, Available int64 // bytes
}
