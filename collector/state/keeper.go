package state

import (
	"encoding/json"
	"fmt"
	"sync"
)

// Keeper writes the memory of all clusters into one file, while each cluster's memory is owned by its own refresh. It is safe for use by
// several goroutines.
type Keeper struct {
	file *File

	mu       sync.Mutex
	clusters map[string]json.RawMessage
}

// NewKeeper returns a keeper that begins with what the file holds. The error is that of [File.Load]: the keeper is usable in every case.
func NewKeeper(file *File) (*Keeper, error) {
	loaded, err := file.Load()
	return &Keeper{file: file, clusters: loaded}, err
}

// Cluster returns the memory of a cluster, or a new one where there is none or it cannot be read.
func (k *Keeper) Cluster(name string) (*Cluster, error) {
	k.mu.Lock()
	raw, known := k.clusters[name]
	k.mu.Unlock()
	if !known {
		return New(), nil
	}
	memory := New()
	if err := json.Unmarshal(raw, memory); err != nil {
		return New(), fmt.Errorf("state of cluster %s: %w", name, err)
	}
	memory.fill()
	return memory, nil
}

// Put takes over the memory of a cluster and writes the file.
func (k *Keeper) Put(name string, memory *Cluster) error {
	raw, err := json.Marshal(memory)
	if err != nil {
		return fmt.Errorf("state of cluster %s: %w", name, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.clusters[name] = raw
	return k.file.Save(k.clusters)
}

// Forget drops the clusters that are not among names, without writing: the next Put does.
func (k *Keeper) Forget(names []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	configured := make(map[string]bool, len(names))
	for _, name := range names {
		configured[name] = true
	}
	for name := range k.clusters {
		if !configured[name] {
			delete(k.clusters, name)
		}
	}
}
