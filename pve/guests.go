package pve

import (
	"context"
	"strconv"
)

// GuestConfig returns a guest's configuration, by key, as Proxmox VE writes it (GET /nodes/{node}/qemu/{vmid}/config, or lxc). That of a
// virtual machine includes changes that wait for its next start. It needs VM.Audit on the guest; a container made from an OCI image needs
// VM.Config.Options.
func (c *Client) GuestConfig(ctx context.Context, node, guestType string, vmid int) (map[string]string, error) {
	template, err := guestTemplate(guestType, "config")
	if err != nil {
		return nil, err
	}
	return fetchObject(ctx, c, nil, func(r *record) map[string]string {
		out := make(map[string]string, len(r.fields))
		for key := range r.fields {
			if kind := kindOfJSON(r.fields[key]); kind != "array" && kind != "object" { // raw lxc.* lines come as an array
				out[key] = r.text(key)
			}
		}
		return out
	}, template, node, strconv.Itoa(vmid))
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
