package pve

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
)

// AgentPing asks whether the guest agent in a virtual machine answers: then the system in it has come up (POST
// /nodes/{node}/qemu/{vmid}/agent/ping). While it does not, [IsAgentSilent] is true of the error; where the configuration has none,
// [IsAgentMissing]; where the machine is off, [IsNotRunning]. It needs VM.GuestAgent.Audit on the guest, before Proxmox VE 9 VM.Monitor.
func (c *Client) AgentPing(ctx context.Context, node string, vmid int) error {
	return c.write(ctx, http.MethodPost, nil, "/nodes/{node}/qemu/{vmid}/agent/ping", node, strconv.Itoa(vmid))
}

// OSInfo is what a guest agent says of the system that it runs in. What it does not say is empty.
type OSInfo struct {
	ID         string // debian, mswindows, ...
	Name       string // Debian GNU/Linux
	PrettyName string // Debian GNU/Linux 13 (trixie)
	Version    string // 13 (trixie)
	Kernel     string // 6.12.38+deb13-amd64
	Machine    string // x86_64
}

// AgentOSInfo asks the guest agent which system it runs in (GET /nodes/{node}/qemu/{vmid}/agent/get-osinfo). Errors and rights are those of
// [Client.AgentPing].
func (c *Client) AgentOSInfo(ctx context.Context, node string, vmid int) (OSInfo, error) {
	return fetchObject(ctx, c, nil, func(r *record) OSInfo {
		return field(r, "result", func(raw json.RawMessage) (OSInfo, error) {
			return object(raw, func(r *record) OSInfo {
				return OSInfo{
					ID: r.text("id"), Name: r.text("name"), PrettyName: r.text("pretty-name"), Version: r.text("version"),
					Kernel: r.text("kernel-release"), Machine: r.text("machine"),
				}
			})
		})
	}, "/nodes/{node}/qemu/{vmid}/agent/get-osinfo", node, strconv.Itoa(vmid))
}

// Interface is a network card as the system in a container has it.
type Interface struct {
	Name     string // eth0, lo
	Hardware string // its address, such as bc:24:11:aa:bb:cc
	IPv4     string // with its prefix length, such as 192.0.2.7/24; empty for none
	IPv6     string
}

// ContainerInterfaces lists the network cards of a container that runs, with the addresses that they have by now (GET
// /nodes/{node}/lxc/{vmid}/interfaces). The list of one that does not run is empty. It needs VM.Audit on the guest.
func (c *Client) ContainerInterfaces(ctx context.Context, node string, vmid int) ([]Interface, error) {
	ask, err := newCall(http.MethodGet, "/nodes/{node}/lxc/{vmid}/interfaces", node, strconv.Itoa(vmid))
	if err != nil {
		return nil, err
	}
	ask.emptyReply = true
	data, err := c.get(ctx, ask, nil)
	if err != nil || kindOfJSON(data) == "null" {
		return nil, err
	}
	list, err := rows(data, func(r *record) Interface {
		return Interface{Name: r.required("name"), Hardware: r.text("hwaddr"), IPv4: r.text("inet"), IPv6: r.text("inet6")}
	})
	if err != nil {
		return nil, ask.decodeError(err).advise()
	}
	return list, nil
}
