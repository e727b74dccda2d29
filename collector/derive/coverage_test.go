package derive

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func TestWhyAGuestIsUncovered(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*World)
		want   snapshot.UncoveredReason
	}{
		{"a nightly job covers it", func(*World) {}, ""},
		{"no job names it", func(w *World) { w.Jobs[0].VMIDs = []int{101} }, snapshot.UncoveredNoJob},
		{"there is no job", func(w *World) { w.Jobs = nil }, snapshot.UncoveredNoJob},
		{"its job is disabled, although it has a next run", func(w *World) { w.Jobs[0].Enabled = false }, snapshot.UncoveredJobDisabled},
		{"its job never runs again", func(w *World) { w.Jobs[0].Schedule, w.Jobs[0].NextRun = "2015-10-21", 0 }, snapshot.UncoveredNeverRuns},
		{"its job is pinned elsewhere", func(w *World) { w.Jobs[0].Node = "pve2" }, snapshot.UncoveredOtherNode},
		{"the storage is missing", func(w *World) { w.Storages = nil }, snapshot.UncoveredStorageUnusable},
		{"the storage is disabled", func(w *World) { w.Storages[0].Disabled = true }, snapshot.UncoveredStorageUnusable},
		{"the storage holds no backups", func(w *World) { w.Storages[0].Content = []string{"iso"} }, snapshot.UncoveredStorageUnusable},
		{"the storage is for other nodes", func(w *World) { w.Storages[0].Nodes = []string{"pve2"} }, snapshot.UncoveredStorageUnusable},
		{"a storage that the token may not see counts as usable", func(w *World) {
			w.Storages = nil
			w.Permissions = pve.Permissions{"/": {"Sys.Audit": true, "VM.Audit": true}}
		}, ""},
		{"storages that were never read count as usable", func(w *World) { w.Storages, w.StoragesKnown = nil, false }, ""},
		{"all but it", func(w *World) { w.Jobs[0].VMIDs, w.Jobs[0].All, w.Jobs[0].Exclude = nil, true, []int{100} }, snapshot.UncoveredNoJob},
		{"all", func(w *World) { w.Jobs[0].VMIDs, w.Jobs[0].All = nil, true }, ""},
		{"its pool", func(w *World) { w.Jobs[0].VMIDs, w.Jobs[0].Pool, w.Guests[0].Pool = nil, "prod", "prod" }, ""},
		{"a pool inside of its job's pool", func(w *World) { w.Jobs[0].VMIDs, w.Jobs[0].Pool, w.Guests[0].Pool = nil, "prod", "prod/web" }, snapshot.UncoveredNoJob},
		{"a second job covers it", func(w *World) {
			w.Jobs[0].Enabled = false
			w.Jobs = append(w.Jobs, nightly("second", 100))
		}, ""},
		{"the nearest obstacle is told", func(w *World) {
			w.Jobs[0].Enabled = false
			other := nightly("second", 100)
			other.Node = "pve2"
			w.Jobs = append(w.Jobs, other)
		}, snapshot.UncoveredJobDisabled},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			test.change(b.world)
			one := b.guest(b.refresh(), "qemu/100")
			covered, known := one.Covered.Get()
			if one.Uncovered != test.want || !known || covered != (test.want == "") {
				t.Errorf("got covered %t, known %t, reason %q, want reason %q", covered, known, one.Uncovered, test.want)
			}
		})
	}
}

func TestExemptGuestsHaveNoReason(t *testing.T) {
	b := newBench(t)
	b.world.Jobs = nil
	b.world.Guests[0].Template = true
	one := b.guest(b.refresh(), "qemu/100")
	if !one.Exempt || one.Note != "template" || one.Uncovered != "" || one.Covered.Or(true) {
		t.Errorf("got %+v", one)
	}
}

func TestWhatDependsOnAJob(t *testing.T) {
	b := newBench(t)
	b.world.Guests = append(b.world.Guests, guest("lxc", 101, "pve1"), guest("qemu", 102, "pve1"))
	b.world.Jobs = []pve.Job{nightly("all"), nightly("some", 100, 101, 555)}
	b.world.Jobs[0].All = true
	picture := b.refresh()
	all, some := picture.Jobs[0], picture.Jobs[1]
	if all.Guests != 3 || all.Exclusive != 1 || all.MissingGuests != 0 {
		t.Errorf("all: %+v", all)
	}
	if some.Guests != 2 || some.Exclusive != 0 || some.MissingGuests != 1 {
		t.Errorf("some: %+v", some)
	}
	b.world.Jobs[0].Enabled = false
	picture = b.refresh()
	if got := picture.Jobs[1].Exclusive; got != 2 {
		t.Errorf("with the other job disabled two guests depend on this one, got %d", got)
	}
	if picture.Jobs[0].NextRun.Known() {
		t.Error("a disabled job has no next run, though the API states one")
	}
}

func TestEnvironmentByNodeStaysAfterAMigration(t *testing.T) {
	b := newBench(t)
	b.settings.Environment = func(_ int, node, _ string, _ []string) string { return "on " + node }
	b.refresh()
	b.world.Guests[0].Node = "pve2"
	if got := b.guest(b.refresh(), "qemu/100").Environment; got != "on pve1" {
		t.Errorf("after a migration: got %q", got)
	}
	b.settings.Checksum = "another file"
	if got := b.guest(b.refresh(), "qemu/100").Environment; got != "on pve2" {
		t.Errorf("after a reload: got %q", got)
	}
}

// TestASecondCopyStaysDue: of a guest that is covered, a storage that cannot be used hides nothing; of one that is not, being uncovered is told.
func TestASecondCopyStaysDue(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*World)
		due    bool
	}{
		{"both storages can be used", func(*World) {}, true},
		{"the second one is gone", func(w *World) { w.Storages = w.Storages[:1] }, true},
		{"the second one is gone, its job is disabled", func(w *World) {
			w.Storages = w.Storages[:1]
			w.Jobs[1].Enabled = false
		}, false},
		{"both are gone", func(w *World) { w.Storages = nil }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			second := nightly("second", 100)
			second.Storage = "far"
			b.world.Jobs = append(b.world.Jobs, second)
			far := b.world.Storages[0]
			far.ID = "far"
			b.world.Storages = append(b.world.Storages, far)
			b.refresh()
			b.memory.Guests["qemu/100"].Target("far").Success = &state.Success{Start: b.world.Now - 3600, End: b.world.Now - 3000}
			test.change(b.world)
			found := false
			for _, target := range b.refresh().Targets {
				if target.Storage == "far" {
					found = true
					if target.Due.Known() != test.due {
						t.Errorf("due is known: %t, want %t", target.Due.Known(), test.due)
					}
				}
			}
			if !found {
				t.Error("the target is gone")
			}
		})
	}
}

func TestGuestsThatDependOnOneJob(t *testing.T) {
	for _, test := range []struct {
		name         string
		change       func(*World)
		first, other int
	}{
		{"the only one", func(*World) {}, 1, 0},
		{"the only one, disabled", func(w *World) { w.Jobs[0].Enabled = false }, 1, 0},
		{"the only one, on a storage that cannot be used", func(w *World) { w.Storages[0].Disabled = true }, 1, 0},
		{"two of one guest", func(w *World) { w.Jobs = append(w.Jobs, nightly("other", 100)) }, 0, 0},
		{"a disabled one beside an enabled one", func(w *World) {
			w.Jobs[0].Enabled = false
			w.Jobs = append(w.Jobs, nightly("other", 100))
		}, 0, 1},
		{"both disabled", func(w *World) {
			w.Jobs[0].Enabled = false
			w.Jobs = append(w.Jobs, nightly("other", 100))
			w.Jobs[1].Enabled = false
		}, 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			test.change(b.world)
			jobs := b.refresh().Jobs
			if got := jobs[0].Exclusive; got != test.first {
				t.Errorf("%d guests depend on the first job, want %d", got, test.first)
			}
			if len(jobs) > 1 && jobs[1].Exclusive != test.other {
				t.Errorf("%d guests depend on the other job, want %d", jobs[1].Exclusive, test.other)
			}
		})
	}
}
