package pve

import (
	"context"
	"net/url"
)

// VZDumpDefaults is what a backup on a node does where its job does not say (GET /nodes/{node}/vzdump/defaults): the node's
// /etc/vzdump.conf over Proxmox VE's own defaults.
type VZDumpDefaults struct {
	Storage  string
	Dumpdir  string
	Mode     string
	Compress string
	// Retention is the rule in canonical form: the storage's, if one was asked for and has one, else the node's, else keep-all=1.
	Retention string
	Remove    bool // false: nothing is pruned
	// Options are all defaults by name, written as those of a [Job].
	Options map[string]string
}

// VZDumpDefaults asks for a node's defaults. With a storage they include its retention, which needs Datastore.Audit on it.
func (c *Client) VZDumpDefaults(ctx context.Context, node, storage string) (VZDumpDefaults, error) {
	query := url.Values{}
	if storage != "" {
		query.Set("storage", storage)
	}
	return fetchObject(ctx, c, query, readDefaults, "/nodes/{node}/vzdump/defaults", node)
}

func readDefaults(r *record) VZDumpDefaults {
	d := VZDumpDefaults{
		Storage: r.text("storage"), Dumpdir: r.text("dumpdir"), Mode: r.text("mode"), Compress: r.text("compress"),
		Retention: r.properties("prune-backups"), Remove: r.flag("remove", true), Options: make(map[string]string),
	}
	for name := range r.fields {
		if text := optionText(r, name); text != "" {
			d.Options[name] = text
		}
	}
	return d
}
