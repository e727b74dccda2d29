package pvesim

import (
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// agentEndpoints are the calls that ask a guest's own system.
func (c *Cluster) agentEndpoints() []wire.Endpoint {
	agent := c.need("/vms/{vmid}", "VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted")
	if !c.atLeast(9, 0) {
		agent = c.need("/vms/{vmid}", "VM.Monitor")
	}
	id := []wire.Param{vmidParam(true)}
	base := "/nodes/{node}/qemu/{vmid}/agent/"
	return []wire.Endpoint{
		{Method: "POST", Template: base + "ping", OnNode: true, Protected: true, Check: agent, Params: id, Handle: c.askAgent(func(*Guest) any { return object{} })},
		{Method: "GET", Template: base + "get-osinfo", OnNode: true, Protected: true, Check: agent, Params: id, Handle: c.askAgent(osInfo)},
		{
			Method: "GET", Template: "/nodes/{node}/lxc/{vmid}/interfaces", OnNode: true, Protected: true, Check: c.need("/vms/{vmid}", "VM.Audit"),
			Params: id, Handle: c.getInterfaces,
		},
	}
}

// askAgent answers what the guest agent says, if there is one that listens.
func (c *Cluster) askAgent(say func(*Guest) any) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		g, failure := c.guestOf(call, "qemu")
		switch {
		case failure != nil:
			return wire.Answer{}, failure
		case !agentOn(g.Config["agent"]):
			return wire.Answer{}, wire.Failure("No QEMU guest agent configured")
		case g.status() != "running":
			return wire.Answer{}, wire.Failure("VM " + decimal(g.VMID) + " is not running")
		case !c.up(g) || g.boot.silent || g.AgentSilent:
			return wire.Answer{}, wire.Failure("QEMU guest agent is not running")
		}
		return wire.Answer{Data: object{"result": say(g)}}, nil
	}
}

func osInfo(g *Guest) any {
	if strings.HasPrefix(g.Config["ostype"], "w") {
		return object{"id": "mswindows", "name": "Microsoft Windows", "pretty-name": "Windows Server 2025 Standard", "version": "Microsoft Windows Server 2025", "kernel-release": "26100", "machine": "x86_64"}
	}
	return object{
		"id": "debian", "name": "Debian GNU/Linux", "pretty-name": "Debian GNU/Linux 13 (trixie)", "version": "13 (trixie)", "version-id": "13",
		"kernel-release": "6.12.48+deb13-amd64", "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)", "machine": "x86_64",
	}
}

// getInterfaces lists a running container's network cards; what is stopped has nothing to say.
func (c *Cluster) getInterfaces(call *wire.Call) (wire.Answer, *wire.Error) {
	g, failure := c.guestOf(call, "lxc")
	if failure != nil {
		return wire.Answer{}, failure
	}
	if g.status() != "running" {
		return wire.Answer{}, nil
	}
	list := []object{interfaceRow("lo", "00:00:00:00:00:00", "127.0.0.1/8", "::1/128")}
	for n := range 10 {
		card, has := g.Config["net"+decimal(n)]
		if !has {
			continue
		}
		_, properties := splitProperties(card)
		address := properties["ip"]
		switch {
		case !c.up(g) || properties["link_down"] == "1" || address == "manual":
			address = ""
		case address == "dhcp":
			address = "192.0.2." + decimal(g.VMID%200+20) + "/24"
		}
		list = append(list, interfaceRow(properties["name"], strings.ToLower(properties["hwaddr"]), address, ""))
	}
	return wire.Answer{Data: list}, nil
}

func interfaceRow(name, hardware, inet, inet6 string) object {
	addresses := []object{}
	row := object{"name": name, "hwaddr": hardware, "hardware-address": hardware}
	for kind, address := range map[string]string{"inet": inet, "inet6": inet6} {
		if ip, prefix, found := strings.Cut(address, "/"); found {
			row[kind] = address
			addresses = append(addresses, object{"ip-address": ip, "ip-address-type": kind, "prefix": number(prefix)})
		}
	}
	row["ip-addresses"] = addresses
	return row
}
