package pve

import "context"

// Resources is the inventory of a cluster, as its nodes last reported it (GET /cluster/resources). What the token may not audit is missing,
// and nothing says so.
type Resources struct {
	Guests   []GuestResource
	Nodes    []NodeResource
	Storages []StorageResource
}

// GuestResource is a virtual machine or a container.
type GuestResource struct {
	ID       string // qemu/100, lxc/101
	Type     string // qemu, lxc
	VMID     int
	Name     string // empty while its node is down
	Node     string
	Pool     string
	Lock     string // backup, snapshot, ...; empty when it is not locked
	Status   string // running, stopped, prelaunch, ...; unknown while its node is down
	Tags     string // separated by semicolons
	Template bool
}

// NodeResource is a node.
type NodeResource struct {
	Node   string
	Status string // online, offline or unknown
	Online bool
}

// StorageResource is a storage on one node. Storages that are disabled or not for the node are not listed.
type StorageResource struct {
	Storage string
	Node    string
	Type    string // dir, nfs, pbs, ...
	Content string // what it is for, separated by commas in any order: backup, images, ...
	Shared  bool
	Active  bool // the node can use it
	// Size and Used are in bytes, and 0 while it is not active.
	Size, Used int64
}

// Resources lists guests, nodes and storages in one call.
func (c *Client) Resources(ctx context.Context) (Resources, error) {
	var out Resources
	_, _, err := fetchRows(ctx, c, nil, func(r *record) struct{} {
		out.add(r)
		return struct{}{}
	}, "/cluster/resources")
	if err != nil {
		return Resources{}, err
	}
	return out, nil
}

func (out *Resources) add(r *record) {
	switch kind := r.required("type"); kind {
	case "qemu", "lxc":
		out.Guests = append(out.Guests, GuestResource{
			ID: r.required("id"), Type: kind, VMID: int(r.count("vmid")), Name: r.text("name"), Node: r.text("node"), Pool: r.text("pool"),
			Lock: r.text("lock"), Status: r.text("status"), Tags: r.text("tags"), Template: r.flag("template", false),
		})
	case "node":
		status := r.text("status")
		out.Nodes = append(out.Nodes, NodeResource{Node: r.required("node"), Status: status, Online: status == "online"})
	case "storage":
		out.Storages = append(out.Storages, StorageResource{
			Storage: r.required("storage"), Node: r.text("node"), Type: r.text("plugintype"), Content: r.text("content"),
			Shared: r.flag("shared", false), Active: r.text("status") == "available", Size: r.count("maxdisk"), Used: r.count("disk"),
		})
	}
}
