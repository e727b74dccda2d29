package pve

import (
	"context"
	"encoding/json"
)

// StorageConfig is a storage as the cluster's storage.cfg defines it (GET /storage).
type StorageConfig struct {
	ID       string
	Type     string   // dir, nfs, cifs, pbs, ...
	Content  []string // backup, images, ..., in any order
	Nodes    []string // the only nodes that may use it; empty for all
	Disabled bool
	// Shared reports that all nodes see the same archives: by its type, or because it is flagged so. For a type of a third-party plugin
	// only [StorageResource] knows.
	Shared bool
	// Retention is the storage's rule in canonical form; empty when it has none.
	Retention string
	// Digest is that of the whole storage.cfg.
	Digest string
	// Raw is the storage as it was sent. It never holds passwords or keys.
	Raw map[string]any
}

// networkTypes are the types that Proxmox VE takes for shared without a flag (@SHARED_STORAGE in pve-storage).
var networkTypes = map[string]bool{
	"nfs": true, "cifs": true, "glusterfs": true, "cephfs": true, "pbs": true, "rbd": true, "iscsi": true, "iscsidirect": true, "zfs": true, "drbd": true,
}

// Storages lists the cluster's storages. Those without Datastore.Audit for the token are missing, and nothing says so.
func (c *Client) Storages(ctx context.Context) ([]StorageConfig, error) {
	list, _, err := fetchRows(ctx, c, nil, readStorage, "/storage")
	return list, err
}

func readStorage(r *record) StorageConfig {
	s := StorageConfig{
		ID: r.required("storage"), Type: r.text("type"), Content: r.list("content"), Nodes: r.list("nodes"),
		Disabled: r.flag("disable", false), Shared: r.flag("shared", false), Retention: r.properties("prune-backups"),
		Digest: r.text("digest"), Raw: make(map[string]any),
	}
	s.Shared = s.Shared || networkTypes[s.Type]
	for name, raw := range r.fields {
		var value any
		if err := json.Unmarshal(raw, &value); err == nil {
			s.Raw[name] = value
		}
	}
	return s
}
