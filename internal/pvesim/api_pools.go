package pvesim

import (
	"maps"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// poolEndpoints are the calls about resource pools.
func (c *Cluster) poolEndpoints() []wire.Endpoint {
	kinds := wire.Param{Name: "type", Values: []string{"qemu", "lxc", "storage"}}
	return []wire.Endpoint{
		{Method: "GET", Template: "/pools", Params: []wire.Param{{Name: "poolid"}, kinds}, Handle: c.getPools},
		{Method: "GET", Template: "/pools/{poolid}", Params: []wire.Param{kinds}, Check: c.need("/pool/{poolid}", "Pool.Audit"), Handle: c.getPool},
	}
}

// getPools lists the pools; with a poolid it shows that one with its members.
func (c *Cluster) getPools(call *wire.Call) (wire.Answer, *wire.Error) {
	if id := call.Get("poolid"); id != "" {
		if c.model.Pools[id] == nil {
			return wire.Answer{}, wire.Failure("pool '" + id + "' does not exist")
		}
		if !c.may(call, "/pool/"+id, "Pool.Audit") {
			return wire.Answer{}, wire.Forbidden("/pool/" + id + ", Pool.Audit")
		}
		data := c.poolData(call, id)
		data["poolid"] = id
		return wire.Answer{Data: []object{data}}, nil
	}
	data := []object{}
	for _, id := range slices.Sorted(maps.Keys(c.model.Pools)) {
		if !c.may(call, "/pool/"+id, "Pool.Audit") {
			continue
		}
		row := object{"poolid": id}
		if comment := c.model.Pools[id].Comment; comment != "" {
			row["comment"] = comment
		}
		data = append(data, row)
	}
	return wire.Answer{Data: data}, nil
}

func (c *Cluster) getPool(call *wire.Call) (wire.Answer, *wire.Error) {
	id := call.Get("poolid")
	if c.model.Pools[id] == nil {
		return wire.Answer{}, wire.Failure("pool '" + id + "' does not exist")
	}
	return wire.Answer{Data: c.poolData(call, id)}, nil
}

// poolData shows a pool's members. Unlike the resources, it shows them whatever the caller may see of each.
func (c *Cluster) poolData(call *wire.Call, id string) object {
	kind := call.Get("type")
	members := []object{}
	for _, g := range c.model.sortedGuests() {
		if g.Pool == id && (kind == "" || kind == g.Type) {
			row := object{"id": g.ID(), "type": g.Type, "vmid": g.VMID, "node": g.Node, "status": g.status(), "template": b2i(g.Template())}
			if name := g.Name(); name != "" {
				row["name"] = rawText(name)
			}
			members = append(members, row)
		}
	}
	for _, storage := range c.model.Pools[id].Storages {
		if kind == "" || kind == "storage" {
			members = append(members, object{"id": "storage/" + call.Entry + "/" + storage, "type": "storage", "storage": storage, "node": call.Entry})
		}
	}
	data := object{"members": members}
	if comment := c.model.Pools[id].Comment; comment != "" {
		data["comment"] = comment
	}
	return data
}
