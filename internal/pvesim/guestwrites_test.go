package pvesim_test

import (
	"context"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func settingsOf(t *testing.T, client *pve.Client, kind string, vmid int) pve.GuestSettings {
	t.Helper()
	s, err := client.GuestSettings(context.Background(), "pve1", kind, vmid)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func waiting(t *testing.T, client *pve.Client, kind string, vmid int) map[string]string {
	t.Helper()
	list, err := client.GuestPending(context.Background(), "pve1", kind, vmid)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, value := range list {
		if value.HasPending {
			found[value.Key] = value.Pending
		}
	}
	return found
}

func included(t *testing.T, client *pve.Client, vmid int, key string) bool {
	t.Helper()
	guests, err := client.IncludedVolumes(context.Background(), "every")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range guests {
		for _, v := range g.Volumes {
			if g.VMID == vmid && v.Key == key {
				return v.Included
			}
		}
	}
	t.Fatalf("%d has no %s", vmid, key)
	return false
}

func provisionedGuests(t *testing.T) (*pvesim.Cluster, *pvesim.Clock, *pve.Client) {
	t.Helper()
	c, clock, client := provisioned(t)
	c.Change(func(m *pvesim.Model) { m.Jobs = []*pvesim.Job{job("every", "yearly", "all=1")} })
	return c, clock, client
}

func TestADiskIsReplacedAsAWhole(t *testing.T) {
	_, _, client := provisionedGuests(t)
	ctx := context.Background()
	before := settingsOf(t, client, "qemu", 100)
	if err := client.UpdateGuest(ctx, "pve1", "qemu", 100, options{"scsi1": "local-zfs:vm-100-disk-1,size=2G,backup=1"}, before.Digest); err != nil {
		t.Fatal(err)
	}
	after := settingsOf(t, client, "qemu", 100)
	if after.Values["scsi1"] != "local-zfs:vm-100-disk-1,backup=1,size=2G" || !included(t, client, 100, "scsi1") || len(waiting(t, client, "qemu", 100)) != 0 {
		t.Errorf("a running machine takes a disk's flag at once: %v", after.Values)
	}
	if err := client.UpdateGuest(ctx, "pve1", "qemu", 100, options{"scsi1": "local-zfs:vm-100-disk-1"}, before.Digest); !pve.IsConflict(err) {
		t.Errorf("it was changed since: %v", err)
	}
	if err := client.UpdateGuest(ctx, "pve1", "qemu", 100, options{"scsi1": "local-zfs:vm-100-disk-1"}, ""); err != nil {
		t.Fatal(err)
	}
	if text := settingsOf(t, client, "qemu", 100).Values["scsi1"]; text != "local-zfs:vm-100-disk-1" {
		t.Errorf("what the text leaves out is gone: %s", text)
	}
	wantRefusal(t, "option", client.UpdateGuest(ctx, "pve1", "qemu", 100, options{"scsi1": "local-zfs:vm-100-disk-1,bogus=1"}, ""), 400, "scsi1.bogus: property is not defined in schema")
	wantRefusal(t, "volume", client.UpdateGuest(ctx, "pve1", "qemu", 100, options{"scsi1": "local-zfs:vm-999-disk-1"}, ""), 500, "does not exist")
	wantRefusal(t, "nothing", client.UpdateGuest(ctx, "pve1", "qemu", 100, nil, ""), 500, "no options specified")
	wantRefusal(t, "no guest", client.UpdateGuest(ctx, "pve1", "lxc", 100, options{"onboot": "1"}, ""), 500, "Configuration file 'nodes/pve1/lxc/100.conf' does not exist")
}

func TestSomeOptionsOfADiskWaitForARestart(t *testing.T) {
	c, _, client := provisionedGuests(t)
	const text = "local-zfs:vm-100-disk-1,backup=1,iothread=1,size=2G"
	if err := client.UpdateGuest(context.Background(), "pve1", "qemu", 100, options{"scsi1": text}, ""); err != nil {
		t.Fatal(err)
	}
	if waiting(t, client, "qemu", 100)["scsi1"] != text || included(t, client, 100, "scsi1") {
		t.Error("with another cold option the whole disk waits, its flag too")
	}
	c.Change(func(m *pvesim.Model) { m.Restart(100, "root@pam") })
	if len(waiting(t, client, "qemu", 100)) != 0 || !included(t, client, 100, "scsi1") {
		t.Error("it is true after the restart")
	}
}

func TestAMountPointWaitsWhileTheContainerRuns(t *testing.T) {
	c, _, client := provisionedGuests(t)
	ctx := context.Background()
	before := settingsOf(t, client, "lxc", 102)
	const text = "local-zfs:subvol-102-disk-1,mp=/c,backup=1,size=1G"
	if err := client.UpdateGuest(ctx, "pve1", "lxc", 102, options{"mp1": text}, before.Digest); err != nil {
		t.Fatal(err)
	}
	if waiting(t, client, "lxc", 102)["mp1"] != text || included(t, client, 102, "mp1") {
		t.Error("it waits")
	}
	after := settingsOf(t, client, "lxc", 102)
	if after.Values["mp1"] != text || after.Digest == before.Digest {
		t.Errorf("the configuration shows what is to come: %v", after)
	}
	if err := client.UpdateGuest(ctx, "pve1", "lxc", 102, options{"mp1": before.Values["mp1"]}, after.Digest); err != nil {
		t.Fatal(err)
	}
	if left := waiting(t, client, "lxc", 102); len(left) != 0 {
		t.Errorf("what is set back to its present value no longer waits: %v", left)
	}
	if err := client.UpdateGuest(ctx, "pve1", "lxc", 102, options{"mp1": text}, ""); err != nil {
		t.Fatal(err)
	}
	c.Change(func(m *pvesim.Model) { m.Restart(102, "root@pam") })
	if len(waiting(t, client, "lxc", 102)) != 0 || !included(t, client, 102, "mp1") {
		t.Error("it is true after the restart")
	}
	if err := client.UpdateGuest(ctx, "pve1", "lxc", 102, options{"mp1": text}, ""); err != nil || len(waiting(t, client, "lxc", 102)) != 0 {
		t.Errorf("the present value does not wait: %v", err)
	}
	wantRefusal(t, "mp is needed", client.UpdateGuest(ctx, "pve1", "lxc", 102, options{"mp1": "local-zfs:subvol-102-disk-1"}, ""), 400, "mp1.mp: property is missing and it is not optional")
	wantRefusal(t, "rootfs has no flag", client.UpdateGuest(ctx, "pve1", "lxc", 102, options{"rootfs": "local-zfs:subvol-102-disk-0,backup=1"}, ""), 400, "rootfs.backup: property is not defined in schema")
}

func TestAGuestIsLockedWhileItsBackupRuns(t *testing.T) {
	c, clock, client := provisionedGuests(t)
	c.Change(func(m *pvesim.Model) {
		m.Guests[102].Rate = 1 << 20
		m.Backup("pve1", map[string]string{"vmid": "102", "storage": "nas", "mode": "snapshot"}, "root@pam")
	})
	clock.Advance(time.Minute)
	err := client.UpdateGuest(context.Background(), "pve1", "lxc", 102, options{"onboot": "1"}, "")
	if !pve.IsGuestLocked(err) {
		t.Errorf("it is locked: %v", err)
	}
	wantRefusal(t, "locked", err, 500, "CT is locked (backup)")
	clock.Advance(12 * time.Hour)
	if err := client.UpdateGuest(context.Background(), "pve1", "lxc", 102, options{"onboot": "1"}, ""); err != nil {
		t.Errorf("after the backup: %v", err)
	}
}
