package pve

import (
	"context"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// ClusterStatus is who belongs to the cluster, and whether it may act (GET /cluster/status).
type ClusterStatus struct {
	Name string // empty for a node without a cluster
	// Quorate reports that more than half of the votes are present. A node without a cluster always is.
	Quorate bool
	Nodes   []ClusterNode
}

// ClusterNode is a member of the cluster.
type ClusterNode struct {
	Name   string
	Online bool
	Local  bool // the node that answered
}

// ClusterStatus asks for the cluster's members. It needs Sys.Audit on /.
func (c *Client) ClusterStatus(ctx context.Context) (ClusterStatus, error) {
	out := ClusterStatus{Quorate: true}
	_, _, err := fetchRows(ctx, c, nil, func(r *record) struct{} {
		switch r.required("type") {
		case "cluster":
			out.Name, out.Quorate = r.text("name"), r.flag("quorate", false)
		case "node":
			out.Nodes = append(out.Nodes, ClusterNode{Name: r.required("name"), Online: r.flag("online", false), Local: r.flag("local", false)})
		}
		return struct{}{}
	}, "/cluster/status")
	if err != nil {
		return ClusterStatus{}, err
	}
	return out, nil
}

// NodeTime is what a node's clock shows (GET /nodes/{node}/time).
type NodeTime struct {
	Time int64 // Unix seconds
	// LocalTime is Time plus the zone's offset from UTC: the wall clock, read as if it were UTC.
	LocalTime int64
	Zone      string // IANA name
}

// NodeTime asks for a node's clock. It needs Sys.Audit on /nodes/{node}.
func (c *Client) NodeTime(ctx context.Context, node string) (NodeTime, error) {
	return fetchObject(ctx, c, nil, func(r *record) NodeTime {
		return NodeTime{Time: requiredInteger(r, "time"), LocalTime: r.count("localtime"), Zone: r.text("timezone")}
	}, "/nodes/{node}/time", node)
}

// requiredInteger is a number without which the reply means nothing.
func requiredInteger(r *record, name string) int64 {
	value, known := r.integer(name).Get()
	if !known {
		r.required(name)
	}
	return value
}

// NodeStorage is a storage as a node sees it now (GET /nodes/{node}/storage).
type NodeStorage struct {
	Storage string
	Type    string
	Content []string
	Enabled bool
	Active  bool
	Shared  bool
	// Total, Used and Available are in bytes, unknown while the storage is not active. Available may be less than the difference of the
	// other two: filesystems keep a reserve.
	Total, Used, Available optional.Value[int64]
}

// NodeStorages lists a node's enabled storages that hold backups. The node activates each of them first, so that one which hangs delays
// the whole reply; [Client.Resources] has the sizes from a moment before.
func (c *Client) NodeStorages(ctx context.Context, node string) ([]NodeStorage, error) {
	list, _, err := fetchRows(ctx, c, map[string][]string{"content": {"backup"}}, readNodeStorage, "/nodes/{node}/storage", node)
	return list, err
}

func readNodeStorage(r *record) NodeStorage {
	s := NodeStorage{
		Storage: r.required("storage"), Type: r.text("type"), Content: r.list("content"),
		Enabled: r.flag("enabled", true), Active: r.flag("active", false), Shared: r.flag("shared", false),
	}
	if s.Active {
		s.Total, s.Used, s.Available = r.integer("total"), r.integer("used"), r.integer("avail")
	}
	return s
}
