package derive

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func TestOnlyACompleteListingLosesAGuest(t *testing.T) {
	gone := func(b *bench) { b.world.Guests = b.world.Guests[:1] }
	for _, test := range []struct {
		name    string
		change  func(*bench)
		quorate bool
		want    int
	}{
		{"complete", gone, true, 1},
		{"without quorum", gone, false, 2},
		{"with the privilege lost", func(b *bench) { gone(b); b.world.Permissions = everywhere("Sys.Audit") }, true, 2},
		{"with all privileges on guests taken away", func(b *bench) { gone(b); delete(b.world.Permissions, "/vms") }, true, 2},
		{"with the privilege lost for that guest", func(b *bench) {
			gone(b)
			b.world.Permissions = everywhere("Sys.Audit")
			b.world.Permissions["/vms/100"] = map[string]bool{"VM.Audit": true}
		}, true, 2},
		{"with the privileges unread", func(b *bench) { gone(b); b.world.Permissions = nil }, true, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.world.Guests = append(b.world.Guests, guest("lxc", 101, "pve1"))
			b.refresh()
			test.change(b)
			TakeInventory(b.memory, b.world, b.settings, Complete(b.memory, b.world.Permissions, test.quorate))
			if got := len(b.judge().Guests); got != test.want {
				t.Errorf("got %d guests, want %d", got, test.want)
			}
		})
	}
}

func TestAGuestOfANodeThatIsDownKeepsWhatIsKnown(t *testing.T) {
	b := newBench(t)
	b.world.Guests[0].Name, b.world.Guests[0].Pool, b.world.Guests[0].Tags = "db", "prod", "critical"
	b.refresh()
	b.world.Guests[0] = pve.GuestResource{ID: "qemu/100", Type: "qemu", VMID: 100, Node: "pve1", Status: "unknown"}
	one := b.guest(b.refresh(), "qemu/100")
	if one.Name != "db" || one.Pool != "prod" || b.memory.Guests["qemu/100"].Tags != "critical" {
		t.Errorf("got %+v", one)
	}
}

func TestAReusedIDInheritsNothing(t *testing.T) {
	old := func(b *bench) {
		b.world.Guests = append(b.world.Guests, guest("qemu", 101, "pve1"))
		b.world.Jobs[0].VMIDs = []int{100, 101}
		b.take()
		b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:10:01"), "OK", both, succeeded(101, "2026-07-15 01:00:01", "2026-07-15 01:10:00"))
		b.world.Listings[Place{Storage: "nas"}] = NewListing(b.world.Now, []pve.Archive{listed("nas", 101, "2026-07-15 01:00:01", "keep")})
		b.judge()
	}
	check := func(t *testing.T, b *bench) {
		t.Helper()
		one := b.target(b.refresh(), "qemu/101", "nas")
		if one.LastSuccess.Known() || one.LastAttempt.Known() || one.Archives.Or(emptyArchives).Count != 0 {
			t.Errorf("inherited: %+v", one)
		}
	}
	t.Run("after a listing that lacked it", func(t *testing.T) {
		b := newBench(t)
		old(b)
		all := b.world.Guests
		b.world.Guests, b.world.Now = all[:1], b.world.Now+60
		b.refresh()
		b.world.Guests, b.world.Now = all, b.world.Now+60
		check(t, b)
	})
	t.Run("after a task that destroyed it", func(t *testing.T) {
		b := newBench(t)
		old(b)
		FoldDestroy(b.memory, pve.Task{Type: "qmdestroy", ID: "101", Status: "OK", End: b.world.Now + 30})
		b.world.Now += 60
		check(t, b)
	})
	t.Run("but not when another guest was destroyed", func(t *testing.T) {
		b := newBench(t)
		old(b)
		FoldDestroy(b.memory, pve.Task{Type: "vzdestroy", ID: "101", Status: "OK", End: b.world.Now + 30})
		wantTime(t, "last success", b.target(b.refresh(), "qemu/101", "nas").LastSuccess, "2026-07-15 01:10:00")
	})
	t.Run("nor when destroying it failed", func(t *testing.T) {
		b := newBench(t)
		old(b)
		FoldDestroy(b.memory, pve.Task{Type: "qmdestroy", ID: "101", Status: "VM is locked", End: b.world.Now + 30})
		wantTime(t, "last success", b.target(b.refresh(), "qemu/101", "nas").LastSuccess, "2026-07-15 01:10:00")
	})
}

func TestMissingPermissionsNameWhatIsSwitchedOn(t *testing.T) {
	b := newBench(t)
	b.world.Permissions = everywhere("VM.Audit")
	b.world.Permissions["/nodes/pve1"] = map[string]bool{"Sys.Audit": true}
	b.take()
	want := map[string]string{"/": "Sys.Audit", "/storage/nas": "Datastore.Audit"}
	for _, one := range b.judge().MissingPermissions {
		if want[one.Path] != one.Privilege {
			t.Errorf("not expected: %+v", one)
		}
		delete(want, one.Path)
	}
	for path, privilege := range want {
		t.Errorf("%s on %s is not told", privilege, path)
	}
	b.world.Permissions = everywhere("Sys.Audit", "VM.Audit", "Datastore.Audit")
	if got := b.judge().MissingPermissions; len(got) != 0 {
		t.Errorf("got %+v, want none", got)
	}
	b.settings.ArchiveDetails = true
	if got := b.judge().MissingPermissions; len(got) != 2 {
		t.Errorf("details need more: got %+v", got)
	}
	b.world.Permissions = everywhere("Sys.Audit", "VM.Audit", "VM.Backup", "Datastore.AllocateSpace")
	if got := b.judge().MissingPermissions; len(got) != 1 || got[0].Privilege != "Datastore.Audit" {
		t.Errorf("what reads archives does not show their storage: got %+v", got)
	}
}
