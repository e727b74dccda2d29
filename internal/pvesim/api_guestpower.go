package pvesim

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// guestPowerEndpoints are the calls that start, stop and remove guests.
func (c *Cluster) guestPowerEndpoints() []wire.Endpoint {
	flag := func(names ...string) (list []wire.Param) {
		for _, name := range names {
			list = append(list, wire.Param{Name: name, Kind: wire.Boolean})
		}
		return list
	}
	seconds := wire.Param{Name: "timeout", Kind: wire.Integer, Min: wire.Limit(0)}
	texts := func(names ...string) (list []wire.Param) {
		for _, name := range names {
			list = append(list, wire.Param{Name: name})
		}
		return list
	}
	node := wire.Param{Name: "migratedfrom", Check: checkNode}
	params := map[string]map[string][]wire.Param{
		"qemu": {
			"start": slices.Concat(flag("skiplock", "with-conntrack-state"), []wire.Param{seconds, node, {Name: "stateuri", MaxLength: 128}, {Name: "migration_type", Values: []string{"secure", "insecure"}}},
				texts("force-cpu", "machine", "migration_network", "nets-host-mtu", "targetstorage")),
			"stop":     append(flag("keepActive", "skiplock", "overrule-shutdown"), seconds, node),
			"shutdown": append(flag("forceStop", "keepActive", "skiplock"), seconds),
			"":         flag("purge", "destroy-unreferenced-disks", "skiplock"),
		},
		"lxc": {
			"start":    flag("debug", "skiplock"),
			"stop":     flag("overrule-shutdown", "skiplock"),
			"shutdown": append(flag("forceStop"), seconds),
			"":         flag("purge", "destroy-unreferenced-disks", "force"),
		},
	}
	var list []wire.Endpoint
	for _, kind := range []string{"qemu", "lxc"} {
		base := "/nodes/{node}/" + kind + "/{vmid}"
		for _, action := range []string{"start", "stop", "shutdown"} {
			list = append(list, wire.Endpoint{
				Method: "POST", Template: base + "/status/" + action, OnNode: true, Protected: true, Check: c.need("/vms/{vmid}", "VM.PowerMgmt"),
				Params: append(params[kind][action], vmidParam(true)), Handle: c.postPower(kind, action),
			})
		}
		list = append(list, wire.Endpoint{
			Method: "DELETE", Template: base, OnNode: true, Protected: true, Check: c.need("/vms/{vmid}", "VM.Allocate"),
			Params: append(params[kind][""], vmidParam(true)), Handle: c.deleteGuest(kind),
		})
	}
	return list
}

func (c *Cluster) postPower(kind, action string) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		if call.Bool("skiplock") {
			return wire.Answer{}, wire.Invalid("skiplock", "Only root may use this option.")
		}
		g, failure := c.guestOf(call, kind)
		if failure != nil {
			return wire.Answer{}, failure
		}
		running, name := g.status() == "running", kindName(kind)+" "+decimal(g.VMID)
		switch {
		case kind == "lxc" && action == "start" && running:
			return wire.Answer{}, wire.Failure(name + " already running")
		case kind == "lxc" && action != "start" && !running:
			return wire.Answer{}, wire.Failure(name + " not running")
		case action == "start":
			return wire.Answer{Data: c.startGuest(g, call.Who)}, nil
		case action == "stop":
			return wire.Answer{Data: c.stopGuest(g, call.Who)}, nil
		}
		return wire.Answer{Data: c.shutDownGuest(g, call.Who, call.Int("timeout", 60), call.Bool("forceStop"))}, nil
	}
}

// deleteGuest removes a guest. A container that is locked is refused at once, a virtual machine in the task.
func (c *Cluster) deleteGuest(kind string) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		g, failure := c.guestOf(call, kind)
		running := g != nil && g.status() == "running"
		switch {
		case failure != nil:
			return wire.Answer{}, failure
		case call.Bool("skiplock"):
			return wire.Answer{}, wire.Invalid("skiplock", "Only root may use this option.")
		case g.Config["protection"] == "1":
			return wire.Answer{}, wire.Failure("can't remove " + kindName(kind) + " " + decimal(g.VMID) + " - protection mode enabled")
		case kind == "lxc" && g.Lock != "":
			return wire.Answer{}, wire.Failure("CT is locked (" + g.Lock + ")")
		case kind == "lxc" && running && !call.Bool("force"):
			return wire.Answer{}, wire.Failure("unable to destroy CT " + decimal(g.VMID) + " - container is running")
		case kind == "qemu" && running:
			return wire.Answer{}, wire.Failure("VM " + decimal(g.VMID) + " is running - destroy failed")
		}
		return wire.Answer{Data: c.destroyGuest(g, call.Who, call.Bool("purge"))}, nil
	}
}
