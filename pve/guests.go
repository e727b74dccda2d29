package pve

import (
	"context"
	"fmt"
	"strconv"
)

// GuestConfig returns a guest's configuration, by key, as Proxmox VE writes it (GET /nodes/{node}/qemu/{vmid}/config, or lxc). That of a
// virtual machine includes changes that wait for its next start. It needs VM.Audit on the guest; a container made from an OCI image needs
// VM.Config.Options.
func (c *Client) GuestConfig(ctx context.Context, node, guestType string, vmid int) (map[string]string, error) {
	if guestType != "qemu" && guestType != "lxc" {
		return nil, fmt.Errorf("%q is not a type of guest", guestType)
	}
	return fetchObject(ctx, c, nil, func(r *record) map[string]string {
		out := make(map[string]string, len(r.fields))
		for key := range r.fields {
			if kind := kindOfJSON(r.fields[key]); kind != "array" && kind != "object" { // raw lxc.* lines come as an array
				out[key] = r.text(key)
			}
		}
		return out
	}, "/nodes/{node}/"+guestType+"/{vmid}/config", node, strconv.Itoa(vmid))
}

// Pool is a resource pool.
type Pool struct{ ID, Comment string }

// Pools lists the pools that the token may audit (GET /pools). Who belongs to one is told by [Client.Resources].
func (c *Client) Pools(ctx context.Context) ([]Pool, error) {
	list, _, err := fetchRows(ctx, c, nil, func(r *record) Pool {
		return Pool{ID: r.required("poolid"), Comment: r.text("comment")}
	}, "/pools")
	return list, err
}
