package pve

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// GuestSettings is a guest's configuration with what is needed to change it.
type GuestSettings struct {
	// Values are the configuration's, by key, including changes that wait for the guest's next start.
	Values map[string]string
	// Digest is that of the configuration file, changes that wait included.
	Digest string
}

// GuestSettings reads a guest's configuration in order to change it (GET /nodes/{node}/qemu/{vmid}/config, or lxc). It needs what
// [Client.GuestConfig] needs.
func (c *Client) GuestSettings(ctx context.Context, node, guestType string, vmid int) (GuestSettings, error) {
	values, err := c.GuestConfig(ctx, node, guestType, vmid)
	if err != nil {
		return GuestSettings{}, err
	}
	s := GuestSettings{Values: values, Digest: values["digest"]}
	delete(values, "digest")
	return s, nil
}

// PendingValue is one key of a guest's configuration, now and after the guest's next start.
type PendingValue struct {
	Key        string
	Value      string // now; empty where the key is new
	Pending    string // after the next start, where HasPending
	HasPending bool
	Delete     bool // the key goes away with the next start
}

// GuestPending lists a guest's configuration with the changes that wait for its next start (GET /nodes/{node}/qemu/{vmid}/pending, or lxc).
// It needs VM.Audit on the guest.
func (c *Client) GuestPending(ctx context.Context, node, guestType string, vmid int) ([]PendingValue, error) {
	template, err := guestTemplate(guestType, "pending")
	if err != nil {
		return nil, err
	}
	list, _, err := fetchRows(ctx, c, nil, func(r *record) PendingValue {
		return PendingValue{
			Key: r.required("key"), Value: r.text("value"), Pending: r.text("pending"),
			HasPending: kindOfJSON(r.fields["pending"]) != "null", Delete: r.count("delete") > 0,
		}
	}, template, node, strconv.Itoa(vmid))
	return list, err
}

// UpdateGuest sets keys of a guest's configuration (PUT /nodes/{node}/qemu/{vmid}/config, or lxc). A drive or mount point is replaced as a
// whole: what its text leaves out is reset. The key delete is a comma list of keys to remove. A mount point of a running container changes with its next start. With a digest (see
// [GuestSettings]) the change is refused if the configuration was changed since: [IsConflict]. While a backup runs it is refused too:
// [IsGuestLocked]. Drives and mount points need VM.Config.Disk on the guest.
func (c *Client) UpdateGuest(ctx context.Context, node, guestType string, vmid int, set map[string]string, digest string) error {
	template, err := guestTemplate(guestType, "config")
	if err != nil {
		return err
	}
	form := formOf(set, nil)
	if digest != "" {
		form.Set("digest", digest)
	}
	return c.write(ctx, http.MethodPut, form, template, node, strconv.Itoa(vmid))
}

func guestTemplate(guestType, call string) (string, error) {
	if guestType != "qemu" && guestType != "lxc" {
		return "", fmt.Errorf("%q is not a type of guest", guestType)
	}
	return strings.TrimSuffix("/nodes/{node}/"+guestType+"/{vmid}/"+call, "/"), nil
}
