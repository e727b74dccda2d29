package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// GuestClient is what [Disks] asks of a cluster.
type GuestClient interface {
	GuestSettings(ctx context.Context, node, guestType string, vmid int) (pve.GuestSettings, error)
	GuestPending(ctx context.Context, node, guestType string, vmid int) ([]pve.PendingValue, error)
	UpdateGuest(ctx context.Context, node, guestType string, vmid int, set map[string]string, digest string) error
}

// Disks is the provider of the backup flags of guests' volumes. A volume is written as a whole, every other option as it was read; the
// configuration's digest refuses the write if anything of the guest was changed meanwhile.
type Disks struct {
	Client GuestClient
	// Guest finds a guest, and the node that it is on.
	Guest func(vmid int) (cluster.Guest, bool)
}

// find takes a key such as qemu/104:scsi1 apart.
func (d Disks) find(key plan.Key) (guest cluster.Guest, volume string, err error) {
	_, rest, _ := strings.Cut(key.ID, "/")
	number, volume, _ := strings.Cut(rest, ":")
	vmid, err := strconv.Atoi(number)
	guest, found := d.Guest(vmid)
	if err != nil || !found || volume == "" {
		return cluster.Guest{}, "", fmt.Errorf("%q does not name a volume of a guest", key.ID)
	}
	return guest, volume, nil
}

// Read asks for the guest's configuration with its digest, and for what waits for its restart. The object's text is the volume's, as it will
// be after that.
func (d Disks) Read(ctx context.Context, key plan.Key) (Object, error) {
	guest, volume, err := d.find(key)
	if err != nil {
		return Object{}, err
	}
	settings, err := d.Client.GuestSettings(ctx, guest.Node, guest.Type, guest.VMID)
	if err != nil {
		return Object{}, moved(guest, err)
	}
	values, err := d.Client.GuestPending(ctx, guest.Node, guest.Type, guest.VMID)
	if err != nil {
		return Object{}, moved(guest, err)
	}
	i := slices.IndexFunc(values, func(value pve.PendingValue) bool { return value.Key == volume })
	if i < 0 || values[i].Value == "" && !values[i].HasPending || values[i].Delete {
		return Object{Digest: settings.Digest}, nil
	}
	now, later := values[i].Value, values[i].Value
	var pending *bool
	if values[i].HasPending {
		later = values[i].Pending
		if now == "" {
			now = later
		}
		if will := cluster.DriveIncluded(guest.Type, later); will != cluster.DriveIncluded(guest.Type, now) {
			pending = &will
		}
	}
	current := cluster.CurrentDisk(key.Scope, guest, volume, cluster.DriveIncluded(guest.Type, now), pending)
	return Object{Current: current, Exists: true, Digest: settings.Digest, Text: later}, nil
}

// Write changes the flag of a volume.
func (d Disks) Write(ctx context.Context, change plan.Change, seen Object) error {
	if change.Action != plan.Update {
		return ui.Hint(errors.New("the volume is gone"), "it was removed from the guest since the plan was made: run this again")
	}
	guest, volume, err := d.find(change.Key)
	if err != nil {
		return err
	}
	set, _ := parameters(change)
	text := cluster.WithDriveIncluded(guest.Type, seen.Text, set[cluster.FlagField] == "1")
	return sorted(d.Client.UpdateGuest(ctx, guest.Node, guest.Type, guest.VMID, map[string]string{volume: text}, seen.Digest))
}

// moved explains a guest that is not where it was.
func moved(guest cluster.Guest, err error) error {
	if pve.IsNotFound(err) {
		return ui.Hint(err, "guest %d was migrated or removed since the plan was made: run this again", guest.VMID)
	}
	return err
}
