package pvesim

import (
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// clusterEndpoints are the calls about the cluster as a whole.
func (c *Cluster) clusterEndpoints() []wire.Endpoint {
	return []wire.Endpoint{
		{Method: "GET", Template: "/version", Handle: c.getVersion},
		{
			Method: "GET", Template: "/access/permissions", Handle: c.getPermissions,
			Params: []wire.Param{{Name: "path"}, {Name: "userid"}},
		},
		{Method: "GET", Template: "/cluster/status", Protected: true, Check: c.need("/", "Sys.Audit"), Handle: c.getClusterStatus},
		{Method: "GET", Template: "/cluster/tasks", Handle: c.getClusterTasks},
		{Method: "GET", Template: "/cluster/nextid", Params: []wire.Param{vmidParam(false)}, Handle: c.getNextID},
		{
			Method: "GET", Template: "/cluster/resources", Handle: c.getResources,
			Params: []wire.Param{{Name: "type", Values: []string{"vm", "storage", "node", "sdn"}}},
		},
	}
}

// versionData is the answer of /version.
func (c *Cluster) versionData() object {
	parts := strings.FieldsFunc(c.model.Version, func(r rune) bool { return r == '.' || r == '-' })
	return object{"version": c.model.Version, "release": strings.Join(parts[:min(len(parts), 2)], "."), "repoid": "14a22df35955d97d"}
}

func (c *Cluster) getVersion(*wire.Call) (wire.Answer, *wire.Error) {
	return wire.Answer{Data: c.versionData()}, nil
}

// getPermissions answers the caller's own privileges, on one path or on all that matter.
func (c *Cluster) getPermissions(call *wire.Call) (wire.Answer, *wire.Error) {
	who := call.Who
	if other := call.Get("userid"); other != "" && other != who {
		if !c.may(call, "/access", "Sys.Audit") {
			return wire.Answer{}, wire.Forbidden("/access, Sys.Audit")
		}
		who = other
	}
	data := object{}
	if path := call.Get("path"); path != "" {
		if held := c.model.Access.Privileges(who, path); len(held) > 0 {
			data[path] = flags(held)
		}
		return wire.Answer{Data: data}, nil
	}
	for path, held := range c.model.Access.Effective(who) {
		data[path] = flags(held)
	}
	return wire.Answer{Data: data}, nil
}

// flags turns truth values into PVE's 0 and 1.
func flags(held map[string]bool) map[string]int {
	out := make(map[string]int, len(held))
	for name, propagate := range held {
		out[name] = b2i(propagate)
	}
	return out
}

func (c *Cluster) getClusterStatus(call *wire.Call) (wire.Answer, *wire.Error) {
	data := []object{{
		"type": "cluster", "id": "cluster", "name": c.model.Name, "nodes": len(c.model.Nodes),
		"quorate": b2i(c.model.Quorate), "version": 7,
	}}
	for i, node := range c.model.Nodes {
		data = append(data, object{
			"type": "node", "id": "node/" + node.Name, "name": node.Name, "nodeid": i + 1, "ip": node.Address,
			"online": b2i(!node.Offline), "local": b2i(node.Name == call.Entry), "level": "",
		})
	}
	return wire.Answer{Data: data}, nil
}

func (c *Cluster) getNextID(call *wire.Call) (wire.Answer, *wire.Error) {
	if call.Has("vmid") {
		id := int(call.Int("vmid", 0))
		if c.model.Guests[id] != nil {
			return wire.Answer{}, wire.Invalid("vmid", "VM "+strconv.Itoa(id)+" already exists")
		}
		return wire.Answer{Data: strconv.Itoa(id)}, nil
	}
	for id := 100; ; id++ {
		if c.model.Guests[id] == nil {
			return wire.Answer{Data: strconv.Itoa(id)}, nil
		}
	}
}
