package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

func storageDown(id string, nodes ...string) func(*pvesim.Model) {
	return func(m *pvesim.Model) { m.Storage(id).DownOn = nodes }
}

func TestASharedStorageCountsOnce(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 3, build: func(m *pvesim.Model) { m.Storage(nfs).Size, m.Storage(nfs).Base = 1<<40, 100<<30 }})
	b.slow()
	if got := b.cluster.Requests.Counts()["GET /nodes/{node}/storage/{storage}/prunebackups"]; got != 2+3 {
		t.Errorf("%d listings; want one for each of two shared storages, and of the local one on each of three nodes", got)
	}
	for _, one := range b.picture.Targets {
		if sum, _ := one.Archives.Get(); one.Storage == nfs && sum.Count != 2 {
			t.Errorf("%s: got %d archives, want 2", one.Guest, sum.Count)
		}
	}
	size := 0
	for name := range b.series() {
		if len(name) > 18 && name[:18] == "storage_size_bytes" {
			size++
		}
	}
	if got := b.storage(nfs); len(got.Usage) != 1 || len(got.Nodes) != 3 {
		t.Errorf("one figure that three nodes see: %+v", got)
	}
	if size != 2+3 {
		t.Errorf("%d sizes of storages, want one for each shared storage and one for the local one of each node", size)
	}
	b.wantSeries(map[string]float64{
		`storage_size_bytes{node="",storage="backup-nfs"}`: 1 << 40,
		`storage_up{node="pve1",storage="backup-nfs"}`:     1,
		`storage_up{node="pve3",storage="backup-nfs"}`:     1,
		`storage_size_bytes{node="pve2",storage="local"}`:  100 << 30,
	})
}

func TestAStorageThatIsInactiveOnOneNode(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 3})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { storageDown(nfs, "pve1")(m); storageDown("local", "pve2")(m) })
	b.slow()
	b.wantSeries(map[string]float64{
		`storage_up{node="pve1",storage="backup-nfs"}`:                       0,
		`storage_up{node="pve2",storage="backup-nfs"}`:                       1,
		`storage_up{node="pve2",storage="local"}`:                            0,
		`storage_size_bytes{node="",storage="backup-nfs"}`:                   4 << 50,
		`source_up{node="",source="archives",storage="backup-nfs",store=""}`: 1,
		`source_up{node="pve2",source="archives",storage="local",store=""}`:  0,
	})
	b.wantNoSeries("bytes", `node="pve2"`, `storage="local"`)
	for _, request := range b.cluster.Requests.Requests() {
		if request.Status != 200 {
			t.Errorf("asked in vain: %s %d", request.Path, request.Status)
		}
	}
}

func TestAnInactiveStorageReportsNoZeros(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	before := b.target("qemu/100", nfs)
	b.cluster.Change(storageDown(nfs, "*"))
	b.slow()
	for _, figure := range []string{"storage_size", "storage_used", "storage_available"} {
		b.wantNoSeries(figure, nfs)
	}
	after := b.target("qemu/100", nfs)
	if after.Archives != before.Archives || after.LastSuccess != before.LastSuccess || after.Expected != before.Expected {
		t.Errorf("the archives that were there last: got %+v, want %+v", after, before)
	}
	if b.sourceUp(snapshot.SourceArchives, "", nfs) || b.guest("qemu/100").Covered.Or(false) != true {
		t.Error("the listing is down, and cover is a matter of configuration, not of health")
	}
	b.wantSeries(map[string]float64{`storage_up{node="pve1",storage="backup-nfs"}`: 0, "up": 1})
	b.restart()
	b.slow()
	if got := b.target("qemu/100", nfs); got.Archives.Known() || got.LastSuccess != before.LastSuccess {
		t.Errorf("what was never listed since the start is unknown, not zero: %+v", got)
	}
	b.cluster.Change(storageDown(nfs))
	b.slow()
	if got := b.target("qemu/100", nfs); got.Archives != before.Archives || !b.sourceUp(snapshot.SourceArchives, "", nfs) {
		t.Errorf("back again: got %+v, want %+v", got, before)
	}
}

func TestArchivesThatVanishWithoutATaskAreNoticed(t *testing.T) {
	b := newStory(t, setting{days: 5})
	b.slow()
	before := b.target("qemu/102", nfs)
	b.cluster.Change(func(m *pvesim.Model) {
		for _, archive := range m.Archives(nfs, "pve1") {
			if archive.VMID == 102 {
				m.RemoveArchive(archive)
			}
		}
	})
	b.fast()
	b.slow()
	after := b.target("qemu/102", nfs)
	sum, known := after.Archives.Get()
	if !known || sum.Count != 0 || sum.Newest.Known() || after.Expected.Or(0) != 5 {
		t.Errorf("none are left of five: %+v", after)
	}
	if after.LastSuccess != before.LastSuccess {
		t.Errorf("the last success does not go back: got %s, want %s", clockTime(after.LastSuccess), clockTime(before.LastSuccess))
	}
	b.wantSeries(map[string]float64{
		`archives{environment="unassigned",id="qemu/102",storage="backup-nfs"}`:          0,
		`archives_expected{environment="unassigned",id="qemu/102",storage="backup-nfs"}`: 5,
		`archives{environment="unassigned",id="qemu/100",storage="backup-nfs"}`:          5,
	})
	b.nobodyMissing()
}

func TestNothingLooksLostWhileAListingFails(t *testing.T) {
	b := newStory(t, setting{days: 3})
	b.slow()
	works := b.cluster.Faults.Add(wire.Fault{Storage: nfs, Status: 500, Reason: "got timeout"})
	check := func() {
		for _, one := range b.picture.Targets {
			if sum, known := one.Archives.Get(); known && sum.Count < one.Expected.Or(0) {
				t.Errorf("%s: %s on %s: %d archives, %d expected", b.clock.Now(), one.Guest, one.Storage, sum.Count, one.Expected.Or(0))
			}
		}
	}
	b.watch(utc("2026-07-18 12:00"), 6*time.Hour, check)
	b.wantTime("the log tells of the backup", b.target("qemu/102", nfs).LastSuccess, "2026-07-18 01:")
	works()
	b.slow()
	check()
	if got := b.target("qemu/102", nfs).Expected.Or(0); got != 6 {
		t.Errorf("got %d expected, want 6", got)
	}
}
