package pvesim

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// guestRow is a guest in /cluster/resources. A guest of a node that is down keeps only what the cluster file system knows.
type guestRow struct {
	ID     string  `json:"id"`
	Type   string  `json:"type"`
	VMID   int     `json:"vmid"`
	Node   string  `json:"node"`
	Status string  `json:"status"`
	Pool   string  `json:"pool,omitempty"`
	Lock   string  `json:"lock,omitempty"`
	Tags   rawText `json:"tags,omitempty"`
	*guestFigures
}

// guestFigures are what a guest's node measures.
type guestFigures struct {
	Name      rawText `json:"name"`
	Template  int     `json:"template"`
	Uptime    int64   `json:"uptime"`
	CPU       float64 `json:"cpu"`
	MaxCPU    int64   `json:"maxcpu"`
	Mem       int64   `json:"mem"`
	MaxMem    int64   `json:"maxmem"`
	MemHost   int64   `json:"memhost"`
	Disk      int64   `json:"disk"`
	MaxDisk   int64   `json:"maxdisk"`
	DiskRead  int64   `json:"diskread"`
	DiskWrite int64   `json:"diskwrite"`
	NetIn     int64   `json:"netin"`
	NetOut    int64   `json:"netout"`
}

// getResources lists guests, storages, nodes and pools as far as the caller may see them.
func (c *Cluster) getResources(call *wire.Call) (wire.Answer, *wire.Error) {
	data := []any{}
	kind := call.Get("type")
	if kind == "" {
		data = append(data, c.poolRows(call)...)
	}
	if kind == "" || kind == "vm" {
		data = append(data, c.guestRows(call)...)
	}
	if kind == "" || kind == "node" {
		data = append(data, c.nodeRows(call)...)
	}
	if kind == "" || kind == "storage" {
		data = append(data, c.storageRows(call)...)
	}
	if kind == "" || kind == "sdn" {
		data = append(data, c.networkRows(call)...)
	}
	return wire.Answer{Data: data}, nil
}

func (c *Cluster) guestRows(call *wire.Call) []any {
	visible := c.auditGuests(call)
	rows := make([]any, 0, len(c.model.Guests))
	for _, g := range c.model.sortedGuests() {
		if !visible(g.VMID) {
			continue
		}
		row := &guestRow{ID: g.ID(), Type: g.Type, VMID: g.VMID, Node: g.Node, Status: "unknown", Pool: g.Pool, Lock: g.Lock, Tags: rawText(g.Config["tags"])}
		if node := c.model.Node(g.Node); node != nil && !node.Offline {
			row.Status = g.status()
			row.guestFigures = c.figures(g)
		}
		rows = append(rows, row)
	}
	return rows
}

// status is the guest's state in words.
func (g *Guest) status() string {
	if g.Stopped || g.Template() {
		return "stopped"
	}
	return "running"
}

// figures are a guest's measurements; a stopped guest has none but its sizes.
func (c *Cluster) figures(g *Guest) *guestFigures {
	f := &guestFigures{
		Name:     rawText(cmp.Or(g.Name(), map[string]string{"qemu": "VM ", "lxc": "CT"}[g.Type]+strings.TrimPrefix(g.ID(), g.Type+"/"))),
		Template: b2i(g.Template()), MaxCPU: cmp.Or(parseSize(g.Config["cores"]), 1), MaxMem: cmp.Or(parseSize(g.Config["memory"]), 512) << 20,
	}
	for i, v := range c.factsOf(g).Volumes {
		if i == 0 {
			f.MaxDisk = v.Size
		}
	}
	if g.status() == "running" {
		h := hash(c.options.Seed, uint64(g.VMID), uint64(c.at/10))
		f.CPU, f.Mem, f.Uptime = between(h, 0.001, 0.3), f.MaxMem/5*3, c.uptime(g)
		f.NetIn, f.NetOut, f.DiskRead, f.DiskWrite = f.Uptime*2100, f.Uptime*900, f.Uptime*5000, f.Uptime*7000
		if g.Type == "lxc" {
			f.Disk = f.MaxDisk / 3
		}
	}
	return f
}

func (c *Cluster) nodeRows(call *wire.Call) []any {
	var rows []any
	for _, node := range c.model.Nodes {
		row := object{"id": "node/" + node.Name, "type": "node", "node": node.Name, "level": "", "status": "offline"}
		if !node.Offline {
			row["status"], row["cgroup-mode"] = "online", 2
			if c.may(call, "/nodes/"+node.Name, "Sys.Audit") {
				maps.Copy(row, c.nodeFigures(node))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// nodeFigures are a node's measurements.
func (c *Cluster) nodeFigures(node *Node) object {
	h := hash(c.options.Seed, hashText(node.Name), uint64(c.at/10))
	total, used := c.memory(node)
	return object{
		"cpu": between(h, 0.02, 0.6), "maxcpu": 16, "mem": used, "maxmem": total,
		"disk": int64(12) << 30, "maxdisk": int64(96) << 30, "uptime": c.at - c.nodes[node.Name].boot,
	}
}

func (c *Cluster) storageRows(call *wire.Call) []any {
	var rows []any
	for _, s := range c.model.Storages {
		if !c.may(call, "/storage/"+s.ID, "Datastore.Audit") {
			continue
		}
		for _, node := range c.model.Nodes {
			if s.Disabled || !s.On(node.Name) {
				continue
			}
			row := object{
				"id": "storage/" + node.Name + "/" + s.ID, "type": "storage", "storage": s.ID, "node": node.Name, "plugintype": s.Type,
				"content": join(s.Content, ","), "shared": b2i(s.IsShared()), "status": "unknown",
			}
			if s.Active(node.Name) && !node.Offline {
				row["status"], row["disk"], row["maxdisk"] = "available", c.used(s, node.Name), s.Size
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (c *Cluster) networkRows(call *wire.Call) []any {
	if !c.may(call, "/sdn/zones/localnetwork", "SDN.Audit") {
		return nil
	}
	var rows []any
	for _, node := range c.model.Nodes {
		rows = append(rows, object{
			"id": "network/" + node.Name + "/zone/localnetwork", "type": "network", "node": node.Name, "network": "localnetwork",
			"network-type": "zone", "status": "ok",
		})
	}
	return rows
}

func (c *Cluster) poolRows(call *wire.Call) []any {
	var rows []any
	for _, name := range slices.Sorted(maps.Keys(c.model.Pools)) {
		if c.may(call, "/pool/"+name, "Pool.Audit") {
			rows = append(rows, c.poolRow(name))
		}
	}
	return rows
}

// poolRow adds up the measurements of a pool's guests.
func (c *Cluster) poolRow(name string) object {
	var sum guestFigures
	for _, g := range c.model.Guests {
		if node := c.model.Node(g.Node); g.Pool == name && node != nil && !node.Offline {
			f := c.figures(g)
			sum.CPU, sum.MaxCPU, sum.Mem, sum.MaxMem, sum.Uptime = sum.CPU+f.CPU, sum.MaxCPU+f.MaxCPU, sum.Mem+f.Mem, sum.MaxMem+f.MaxMem, max(sum.Uptime, f.Uptime)
		}
	}
	return object{"id": "/pool/" + name, "type": "pool", "pool": name, "cpu": sum.CPU, "maxcpu": sum.MaxCPU, "mem": sum.Mem, "maxmem": sum.MaxMem, "uptime": sum.Uptime}
}
