package pvesim

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// storageEndpoints are the calls about the configuration and the state of storages.
func (c *Cluster) storageEndpoints() []wire.Endpoint {
	audit := c.need("/storage/{storage}", "Datastore.Audit", "Datastore.AllocateSpace")
	return []wire.Endpoint{
		{Method: "GET", Template: "/storage", Params: []wire.Param{{Name: "type", Values: typesOfStorages()}}, Handle: c.getStorages},
		{Method: "GET", Template: "/storage/{storage}", Check: c.need("/storage/{storage}", "Datastore.Allocate"), Handle: c.getStorage},
		{Method: "GET", Template: "/nodes/{node}/storage", OnNode: true, Protected: true, Handle: c.getNodeStorages, Params: []wire.Param{
			{Name: "storage"}, {Name: "content", Check: checkContent}, {Name: "enabled", Kind: wire.Boolean}, {Name: "target"}, {Name: "format", Kind: wire.Boolean},
		}},
		{Method: "GET", Template: "/nodes/{node}/storage/{storage}/status", OnNode: true, Protected: true, Check: audit, Handle: c.getStorageStatus},
	}
}

// checkContent is PVE's format for kinds of content.
func checkContent(text string) error {
	known := []string{"images", "rootdir", "vztmpl", "iso", "backup", "snippets", "none", "import"}
	for kind := range strings.SplitSeq(text, ",") {
		if !slices.Contains(known, kind) {
			return textError("invalid content type '" + kind + "'")
		}
	}
	return nil
}

// seesStorage reports whether the caller may see a storage at all.
func (c *Cluster) seesStorage(call *wire.Call, id string) bool {
	return c.may(call, "/storage/"+id, "Datastore.Audit") || c.may(call, "/storage/"+id, "Datastore.AllocateSpace")
}

func (c *Cluster) getStorages(call *wire.Call) (wire.Answer, *wire.Error) {
	data := []object{}
	for _, s := range c.model.Storages {
		if kind := call.Get("type"); c.seesStorage(call, s.ID) && (kind == "" || kind == s.Type) {
			data = append(data, c.storageConfig(s))
		}
	}
	return wire.Answer{Data: data}, nil
}

func (c *Cluster) getStorage(call *wire.Call) (wire.Answer, *wire.Error) {
	s := c.model.Storage(call.Get("storage"))
	if s == nil {
		return wire.Answer{}, wire.Failure("storage '" + call.Get("storage") + "' does not exist")
	}
	return wire.Answer{Data: c.storageConfig(s)}, nil
}

// storageConfig shows a storage's configuration; secrets are none of it.
func (c *Cluster) storageConfig(s *Storage) object {
	row := object{"storage": s.ID, "type": s.Type, "content": join(s.Content, ","), "digest": c.storageDigest()}
	for name, value := range s.Config {
		switch name {
		case "password":
		case "max-protected-backups", "priority", "port", "mkdir", "create-base-path", "create-subdirs":
			row[name] = number(value)
		default:
			row[name] = rawText(value)
		}
	}
	if s.Type != "pbs" && s.Config["path"] == "" && slices.Contains([]string{"nfs", "cifs", "cephfs"}, s.Type) {
		row["path"] = s.Path()
	}
	if len(s.Nodes) > 0 {
		row["nodes"] = join(s.Nodes, ",")
	}
	if s.Disabled {
		row["disable"] = 1
	}
	if s.Shared {
		row["shared"] = 1
	}
	if s.Retention != "" {
		row["prune-backups"] = s.Retention
	}
	return row
}

// storageDigest is the checksum of storage.cfg.
func (c *Cluster) storageDigest() string {
	sum := sha1.New()
	for _, s := range c.model.Storages {
		fmt.Fprintln(sum, s.ID, s.Type, s.Content, s.Nodes, s.Shared, s.Disabled, s.Retention, s.Config)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// getNodeStorages lists the storages with their state on one node. With a content filter, those that are disabled there are left out.
func (c *Cluster) getNodeStorages(call *wire.Call) (wire.Answer, *wire.Error) {
	node, wanted := call.Get("node"), call.Get("content")
	data := []object{}
	for _, s := range c.model.Storages {
		enabled := !s.Disabled && s.On(node)
		if !c.seesStorage(call, s.ID) || call.Has("storage") && call.Get("storage") != s.ID ||
			!enabled && (call.Bool("enabled") || wanted != "") || wanted != "" && !slices.ContainsFunc(strings.Split(wanted, ","), s.Holds) {
			continue
		}
		row := c.storageState(s, node)
		row["storage"] = s.ID
		if total := row["total"].(int64); total > 0 {
			row["used_fraction"] = float64(row["used"].(int64)) / float64(total)
		}
		data = append(data, row)
	}
	return wire.Answer{Data: data}, nil
}

// storageState is a storage's state on a node. One that is not active shows zeros, which are no figures.
func (c *Cluster) storageState(s *Storage, node string) object {
	row := object{
		"type": s.Type, "content": join(s.Content, ","), "shared": b2i(s.IsShared()), "enabled": b2i(!s.Disabled && s.On(node)),
		"active": b2i(s.Active(node)), "total": int64(0), "used": int64(0), "avail": int64(0),
	}
	if s.Active(node) {
		used := c.used(s, node)
		row["total"], row["used"], row["avail"] = s.Size, used, s.Size-used
	}
	return row
}

func (c *Cluster) getStorageStatus(call *wire.Call) (wire.Answer, *wire.Error) {
	s := c.model.Storage(call.Get("storage"))
	if s == nil {
		return wire.Answer{}, wire.Invalid("storage", "No such storage.")
	}
	return wire.Answer{Data: c.storageState(s, call.Get("node"))}, nil
}

// canonicalRetention writes a rule as vzdump's defaults show it: sorted by name.
func canonicalRetention(text string) string {
	rule, err := vzdump.ParseRetention(text)
	if err != nil {
		return text
	}
	return rule.String()
}
