package derive

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

var emptyArchives = snapshot.Archives{}

func (b *bench) list(archives ...pve.Archive) {
	b.world.Listings[Place{Storage: "nas"}] = NewListing(b.world.Now, archives)
}

func TestAnArchiveProvesABackupThatNoLogTellsOf(t *testing.T) {
	b := newBench(t)
	b.list(listed("nas", 100, "2026-07-14 01:00:05", "keep"))
	one := b.target(b.refresh(), "qemu/100", "nas")
	wantTime(t, "last success", one.LastSuccess, "2026-07-14 01:00:05")
	if one.LastAttempt.Known() {
		t.Error("an archive is no attempt: nobody saw the task")
	}
}

func TestWhatProvesNothing(t *testing.T) {
	renamed := listed("nas", 100, "2026-07-15 01:00:00", "renamed")
	renamed.VolumeID = "nas:backup/vzdump-qemu-100-before-upgrade.vma.zst"
	unfinished := pve.Archive{VolumeID: "nas:backup/vm/100/2026-07-14T23:00:00Z", Created: at("2026-07-15 01:00:00"), VMID: 100, Type: "qemu", Mark: "keep", Size: optional.Some(int64(1))}
	for name, archive := range map[string]pve.Archive{
		"renamed":         renamed,
		"from the future": listed("nas", 100, "2026-07-16 01:00:00", "keep"),
		"unfinished":      unfinished,
	} {
		b := newBench(t)
		b.list(archive)
		one := b.target(b.refresh(), "qemu/100", "nas")
		if one.LastSuccess.Known() {
			t.Errorf("%s: counted as a backup", name)
		}
		if got := one.Archives.Or(emptyArchives).Count; got != 1 {
			t.Errorf("%s: got %d archives, want 1", name, got)
		}
	}
}

func TestAnArchiveOfARunningTaskMustWait(t *testing.T) {
	b := newBench(t)
	b.take()
	b.world.Running = []RunningTask{{Task: pve.Task{UPID: "UPID:run", Node: "pve1", Type: "vzdump", Start: at("2026-07-15 01:00:00")}, Report: vzdump.Report{Command: command}}}
	b.list(listed("nas", 100, "2026-07-15 01:00:05", "keep"))
	wantTime(t, "while it runs", b.target(b.refresh(), "qemu/100", "nas").LastSuccess, "")
	b.world.Running = nil
	wantTime(t, "afterwards", b.target(b.refresh(), "qemu/100", "nas").LastSuccess, "2026-07-15 01:00:05")
}

func TestALogDecidesAboutItsArchive(t *testing.T) {
	b := newBench(t)
	b.take()
	bad := succeeded(100, "2026-07-15 01:00:05", "2026-07-15 01:30:00")
	bad.Result, bad.Reason, bad.ArchiveStored = vzdump.GuestFailed, vzdump.ReasonIOError, false
	b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:30:01"), "job errors", command, bad)
	b.list(listed("nas", 100, "2026-07-15 01:00:05", "keep"))
	wantTime(t, "last success", b.target(b.refresh(), "qemu/100", "nas").LastSuccess, "")
}

func TestTheTimeOfASuccessIsItsEnd(t *testing.T) {
	for _, order := range []string{"archive first", "log first"} {
		b := newBench(t)
		b.take()
		archive := func() { b.list(listed("nas", 100, "2026-07-15 01:00:05", "keep")); b.judge() }
		log := func() {
			b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:30:01"), "OK", command, succeeded(100, "2026-07-15 01:00:05", "2026-07-15 01:30:00"))
		}
		if order == "archive first" {
			archive()
			log()
		} else {
			log()
			archive()
		}
		one := b.target(b.refresh(), "qemu/100", "nas")
		wantTime(t, order, one.LastSuccess, "2026-07-15 01:30:00")
		if got := one.Duration.Or(0); got != 1795 {
			t.Errorf("%s: duration %d, want 1795", order, got)
		}
	}
}

func TestASuccessOutlivesItsArchive(t *testing.T) {
	b := newBench(t)
	b.list(listed("nas", 100, "2026-07-14 01:00:05", "keep"))
	b.refresh()
	b.list()
	one := b.target(b.refresh(), "qemu/100", "nas")
	wantTime(t, "last success", one.LastSuccess, "2026-07-14 01:00:05")
	if got, known := one.Archives.Get(); !known || got.Count != 0 || got.Newest.Known() {
		t.Errorf("a complete listing found none: %+v, known %t", got, known)
	}
}

func TestSizesComeFromLogsWhereTheListingHasNone(t *testing.T) {
	b := newBench(t)
	b.take()
	b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:30:01"), "OK", command, succeeded(100, "2026-07-15 01:00:05", "2026-07-15 01:30:00"))
	b.list(listed("nas", 100, "2026-07-15 01:00:05", "keep"), listed("nas", 100, "2026-07-14 01:00:05", "protected"))
	got := b.target(b.refresh(), "qemu/100", "nas").Archives.Or(emptyArchives)
	if got.Count != 2 || got.Sized != 1 || got.Bytes != 1<<30 || got.Protected != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestOrphansAreArchivesOfNobody(t *testing.T) {
	b := newBench(t)
	b.list(listed("nas", 100, "2026-07-14 01:00:05", "keep"), listed("nas", 777, "2026-07-14 01:00:05", "keep"))
	picture := b.refresh()
	if len(picture.Storages) != 1 || picture.Storages[0].OrphanedArchives.Or(-1) != 1 {
		t.Errorf("got %+v", picture.Storages)
	}
	if picture.Storages[0].OrphanedBytes.Known() {
		t.Error("no size of an orphan is known, so their sum is not")
	}
}

func TestRetention(t *testing.T) {
	daysAgo := func(days int) pve.Archive {
		one := listed("nas", 100, "2026-07-15 01:00:00", "keep")
		created := at("2026-07-15 01:00:00") - int64(days)*day
		one.Created = created
		one.VolumeID = "nas:backup/vzdump-qemu-100-2026_07_" + twoDigits(15-days) + "-01_00_00.vma.zst"
		return one
	}
	b := newBench(t)
	b.world.Storages[0].Retention = "keep-last=3"
	b.list(daysAgo(0), daysAgo(1), daysAgo(2))
	check := func(when string, wantExpected, wantExcess int) {
		t.Helper()
		one := b.target(b.refresh(), "qemu/100", "nas")
		if got := one.Expected.Or(-1); got != wantExpected {
			t.Errorf("%s: expected %d, want %d", when, got, wantExpected)
		}
		if got := one.Excess.Or(-1); got != wantExcess {
			t.Errorf("%s: excess %d, want %d", when, got, wantExcess)
		}
	}
	check("at first", 3, 0)
	b.list(daysAgo(0), daysAgo(1), daysAgo(2), daysAgo(3), daysAgo(4))
	check("when pruning stopped working", 3, 2)
	b.list(daysAgo(0))
	check("when two were lost", 3, 0)
	b.world.Jobs[0].Retention = "keep-last=7"
	b.list(daysAgo(0), daysAgo(1), daysAgo(2))
	check("when the job's own rule keeps more, nothing is lost", 3, 0)
	protected := daysAgo(1)
	protected.Mark = "protected"
	b.list(daysAgo(0), protected, daysAgo(2))
	check("a protected archive counts in neither", 2, 0)
	b.world.Jobs[0].Retention = "keep-all=1"
	if one := b.target(b.refresh(), "qemu/100", "nas"); one.Expected.Known() || one.Excess.Known() {
		t.Errorf("nothing is to be said of a rule that keeps all: %+v", one)
	}
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

func TestASharedStorageCountsOnce(t *testing.T) {
	b := newBench(t)
	other := b.world.Usage[0]
	other.Node = "pve2"
	inactive := other
	inactive.Node, inactive.Active, inactive.Size, inactive.Used = "pve3", false, 0, 0
	local := pve.StorageResource{Storage: "local", Node: "pve1", Type: "dir", Content: "backup", Active: true, Size: 10, Used: 5}
	offline := local
	offline.Node, offline.Active, offline.Size, offline.Used = "pve2", false, 0, 0
	images := pve.StorageResource{Storage: "lvm", Node: "pve1", Type: "lvmthin", Content: "images", Active: true, Size: 10}
	b.world.Usage = append(b.world.Usage, other, inactive, local, offline, images)
	picture := b.refresh()
	if len(picture.Storages) != 2 {
		t.Fatalf("only storages with backup content: %+v", picture.Storages)
	}
	for _, one := range picture.Storages {
		if len(one.Usage) != 1 {
			t.Errorf("%s: got %d figures, want 1: %+v", one.ID, len(one.Usage), one.Usage)
		}
		up := 0
		for _, node := range one.Nodes {
			if node.Up {
				up++
			}
		}
		if want := map[string]int{"nas": 2, "local": 1}[one.ID]; up != want {
			t.Errorf("%s is up on %d nodes, want %d", one.ID, up, want)
		}
	}
}

func TestArchivesThatWereLostBeforeTheFirstLook(t *testing.T) {
	nights := []string{"2026-07-10 01:00:01", "2026-07-11 01:00:01", "2026-07-12 01:00:01", "2026-07-13 01:00:01", "2026-07-14 01:00:01"}
	for _, test := range []struct {
		name, rule, storageRule string
		line                    string
		want                    int
	}{
		{"the job's own rule was in effect", "keep-last=3", "", command + " --prune-backups keep-last=3", 3},
		{"the job had another rule then", "keep-last=3", "", command + " --prune-backups keep-last=1", 1},
		{"the storage's rule may have been another one then", "", "keep-last=3", command, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.world.Jobs[0].Retention, b.world.Storages[0].Retention = test.rule, test.storageRule
			if test.rule != "" {
				b.world.Jobs[0].Options["prune-backups"] = test.rule
			}
			b.take()
			for i := range nights { // the newest first, as history is read
				night := nights[len(nights)-1-i]
				b.fold(at(night), at(night)+60, "OK", test.line, succeeded(100, night, night))
			}
			b.list(listed("nas", 100, nights[4], "keep"))
			if got := b.target(b.refresh(), "qemu/100", "nas").Expected.Or(-1); got != test.want {
				t.Errorf("expected %d archives, want %d", got, test.want)
			}
		})
	}
}

// TestANodePrunesItsOwnStorageOnly: what lies on the storage of the node that a guest came from is not removed by its backups on another.
func TestANodePrunesItsOwnStorageOnly(t *testing.T) {
	b := newBench(t)
	b.world.Storages[0].Retention, b.world.Storages[0].Shared = "keep-last=2", false
	here, there := Place{Storage: "nas", Node: "pve1"}, Place{Storage: "nas", Node: "pve2"}
	b.world.Listings[here] = NewListing(b.world.Now, []pve.Archive{listed("nas", 100, "2026-07-15 01:00:00", "keep")})
	b.world.Listings[there] = NewListing(b.world.Now, []pve.Archive{listed("nas", 100, "2026-07-13 01:00:00", "keep"), listed("nas", 100, "2026-07-14 01:00:00", "keep")})
	if one := b.target(b.refresh(), "qemu/100", "nas"); one.Excess.Or(-1) != 0 {
		t.Errorf("nothing would be removed on either node: got %d", one.Excess.Or(-1))
	}
	b.world.Listings[there] = NewListing(b.world.Now, []pve.Archive{
		listed("nas", 100, "2026-07-12 01:00:00", "keep"), listed("nas", 100, "2026-07-13 01:00:00", "keep"), listed("nas", 100, "2026-07-14 01:00:00", "keep"),
	})
	if one := b.target(b.refresh(), "qemu/100", "nas"); one.Excess.Or(-1) != 1 {
		t.Errorf("one too many on the other node: got %d", one.Excess.Or(-1))
	}
}
