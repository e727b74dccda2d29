package pvesim

import (
	"maps"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// guestEndpoints are the calls about guests of one kind on one node.
func (c *Cluster) guestEndpoints() []wire.Endpoint {
	audit := c.need("/vms/{vmid}", "VM.Audit")
	var list []wire.Endpoint
	for _, kind := range []string{"qemu", "lxc"} {
		base := "/nodes/{node}/" + kind
		var listParams []wire.Param
		if kind == "qemu" {
			listParams = []wire.Param{{Name: "full", Kind: wire.Boolean}}
		}
		id := vmidParam(true)
		list = append(list,
			wire.Endpoint{Method: "GET", Template: base, OnNode: true, Protected: true, Params: listParams, Handle: c.listGuests(kind)},
			wire.Endpoint{
				Method: "GET", Template: base + "/{vmid}/config", OnNode: true, Check: audit, Handle: c.getGuestConfig(kind),
				Params: []wire.Param{id, {Name: "current", Kind: wire.Boolean}, {Name: "snapshot", MaxLength: 40}},
			},
			wire.Endpoint{Method: "GET", Template: base + "/{vmid}/pending", OnNode: true, Check: audit, Params: []wire.Param{id}, Handle: c.getGuestPending(kind)},
			wire.Endpoint{Method: "GET", Template: base + "/{vmid}/status/current", OnNode: true, Protected: true, Check: audit, Params: []wire.Param{id}, Handle: c.getGuestStatus(kind)},
		)
	}
	return list
}

// guestOf finds the guest of a call, or the error about its configuration file.
func (c *Cluster) guestOf(call *wire.Call, kind string) (*Guest, *wire.Error) {
	id := int(call.Int("vmid", 0))
	g := c.model.Guests[id]
	if g == nil || g.Type != kind || g.Node != call.Get("node") {
		folder := map[string]string{"qemu": "qemu-server", "lxc": "lxc"}[kind]
		return nil, wire.Failure("Configuration file 'nodes/" + call.Get("node") + "/" + folder + "/" + strconv.Itoa(id) + ".conf' does not exist")
	}
	return g, nil
}

func (c *Cluster) listGuests(kind string) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		visible := c.auditGuests(call)
		data := []object{}
		for _, g := range c.model.sortedGuests() {
			if g.Type == kind && g.Node == call.Get("node") && visible(g.VMID) {
				data = append(data, c.guestState(g))
			}
		}
		return wire.Answer{Data: data}, nil
	}
}

// guestState is a guest in its node's lists.
func (c *Cluster) guestState(g *Guest) object {
	f := c.figures(g)
	row := object{
		"vmid": g.VMID, "name": f.Name, "status": g.status(), "uptime": f.Uptime, "cpu": f.CPU, "cpus": f.MaxCPU, "mem": f.Mem,
		"maxmem": f.MaxMem, "disk": f.Disk, "maxdisk": f.MaxDisk, "netin": f.NetIn, "netout": f.NetOut,
	}
	if g.Type == "lxc" || g.status() == "running" {
		row["diskread"], row["diskwrite"] = f.DiskRead, f.DiskWrite
	}
	if g.Type == "lxc" {
		row["type"], row["swap"], row["maxswap"] = "lxc", 0, parseSize(g.Config["swap"])<<20
	} else {
		row["memhost"] = f.MemHost
	}
	if g.status() == "running" {
		row["pid"] = c.factsOf(g).PID
	}
	if g.Template() {
		row["template"] = 1
	}
	if g.Lock != "" {
		row["lock"] = g.Lock
	}
	if g.Config["tags"] != "" {
		row["tags"] = rawText(g.Config["tags"])
	}
	return row
}

func (c *Cluster) getGuestStatus(kind string) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		g, failure := c.guestOf(call, kind)
		if failure != nil {
			return wire.Answer{}, failure
		}
		row := c.guestState(g)
		row["ha"] = object{"managed": 0}
		if kind == "qemu" {
			row["qmpstatus"] = g.status()
			if agentOn(g.Config["agent"]) {
				row["agent"] = 1
			}
		}
		return wire.Answer{Data: row}, nil
	}
}

// configNumbers are configuration keys that JSON shows as numbers, by kind of guest.
var configNumbers = map[string][]string{
	"qemu": {"acpi", "autostart", "balloon", "cores", "cpuunits", "freeze", "kvm", "localtime", "numa", "onboot", "protection", "shares", "sockets", "tablet", "template", "vcpus"},
	"lxc":  {"console", "cores", "cpuunits", "debug", "memory", "onboot", "protection", "swap", "template", "tty", "unprivileged"},
}

// configValue shows one property in the type that the real API gives it.
func configValue(g *Guest, key, value string) any {
	switch {
	case slices.Contains(configNumbers[g.Type], key):
		return number(value)
	case key == "description":
		return rawText(value + "\n")
	}
	return rawText(value)
}

func (c *Cluster) getGuestConfig(kind string) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		g, failure := c.guestOf(call, kind)
		if failure != nil {
			return wire.Answer{}, failure
		}
		config := maps.Clone(g.Config)
		if !call.Bool("current") {
			for key, value := range g.Pending {
				config[key] = value
				if value == "" {
					delete(config, key)
				}
			}
		}
		row := object{"digest": g.Digest()}
		for key, value := range config {
			row[key] = configValue(g, key, value)
		}
		if g.Lock != "" {
			row["lock"] = g.Lock
		}
		return wire.Answer{Data: row}, nil
	}
}

// getGuestPending shows each property with what it will be after a restart.
func (c *Cluster) getGuestPending(kind string) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		g, failure := c.guestOf(call, kind)
		if failure != nil {
			return wire.Answer{}, failure
		}
		data := []object{{"key": "digest", "value": g.Digest()}}
		for _, key := range slices.Sorted(maps.Keys(g.Config)) {
			row := object{"key": key, "value": configValue(g, key, g.Config[key])}
			if value, changes := g.Pending[key]; changes && value == "" {
				row["delete"] = 1
			} else if changes {
				row["pending"] = configValue(g, key, value)
			}
			data = append(data, row)
		}
		for _, key := range slices.Sorted(maps.Keys(g.Pending)) {
			if _, known := g.Config[key]; !known && g.Pending[key] != "" {
				data = append(data, object{"key": key, "pending": configValue(g, key, g.Pending[key])})
			}
		}
		return wire.Answer{Data: data}, nil
	}
}
