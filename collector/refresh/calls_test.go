package refresh

import (
	"maps"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

// fastCalls is what a cycle costs in which nothing happened.
var fastCalls = map[string]int{
	"GET /cluster/resources": 1, "GET /cluster/status": 1, "GET /access/permissions": 1, "GET /cluster/tasks": 1, "GET /cluster/backup": 1,
}

func TestCallsOfACycle(t *testing.T) {
	sizes := []struct{ nodes, guests int }{{5, 500}, {32, 5000}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		b := newStory(t, setting{days: 4, nodes: size.nodes, guests: size.guests})
		b.slow()
		for _, source := range b.picture.Sources {
			if !source.Up {
				t.Fatalf("%d nodes: source %s %s %s is down: %s", size.nodes, source.Kind, source.Node, source.Storage, source.Problem)
			}
		}
		for upid, fetched := range b.cluster.Requests.LogFetches() {
			if fetched != 1 {
				t.Errorf("%d nodes: log %s was fetched %d times", size.nodes, upid, fetched)
			}
		}
		b.fast()
		if got := b.cluster.Requests.Counts(); !maps.Equal(got, fastCalls) {
			t.Errorf("%d nodes, fast: got %v, want %v", size.nodes, got, fastCalls)
		}
		b.slow()
		want := maps.Clone(fastCalls)
		want["GET /storage"] = 1
		want["GET /nodes/{node}/storage/{storage}/prunebackups"] = 2 + size.nodes // two shared storages, a local one on each node
		want["GET /cluster/backup/{id}/included_volumes"] = 2
		want["GET /nodes/{node}/time"] = size.nodes
		if got := b.cluster.Requests.Counts(); !maps.Equal(got, want) {
			t.Errorf("%d nodes, slow: got %v, want %v", size.nodes, got, want)
		}
	}
}

func TestASlowCycleComesEveryQuarterOfAnHour(t *testing.T) {
	b := newStory(t, setting{})
	slow := 0
	for range 46 {
		b.clock.Advance(time.Minute)
		b.cluster.Requests.Reset()
		b.refresher.Refresh(t.Context(), b.refresher.slowDue())
		slow += b.cluster.Requests.Counts()["GET /storage"]
	}
	if slow != 4 {
		t.Errorf("%d slow cycles in 46 minutes, want one at the start and one each quarter of an hour", slow)
	}
}

func TestANightCostsItsLogsAndTheStoragesThatItTouched(t *testing.T) {
	b := newBench(t, 3, 24)
	b.slow()
	b.clock.Set(time.Date(2026, 7, 16, 3, 0, 0, 0, time.UTC)) // the nightly job is over
	b.fast()
	want := maps.Clone(fastCalls)
	want["GET /nodes/{node}/tasks/{upid}/log"] = 3
	want["GET /nodes/{node}/storage/{storage}/prunebackups"] = 1
	if got := b.cluster.Requests.Counts(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, fetched := range b.cluster.Requests.LogFetches() {
		if fetched != 1 {
			t.Errorf("a log was fetched %d times", fetched)
		}
	}
	b.fast()
	if got := b.cluster.Requests.Counts(); !maps.Equal(got, fastCalls) {
		t.Errorf("afterwards: got %v, want %v", got, fastCalls)
	}
}

func TestARestartReadsNoLogAgain(t *testing.T) {
	b := newBench(t, 3, 24)
	b.slow()
	before := b.target("qemu/100", "backup-nfs")
	b.connect()
	b.refresher.Restore()
	restored := b.target("qemu/100", "backup-nfs")
	if restored.LastSuccess != before.LastSuccess || b.picture.Up || !b.picture.Restored {
		t.Errorf("the last known facts must be served at once: %+v", restored)
	}
	b.slow()
	if got := b.cluster.Requests.LogFetches(); len(got) != 0 {
		t.Errorf("fetched again: %v", got)
	}
	if after := b.target("qemu/100", "backup-nfs"); after.LastSuccess != before.LastSuccess || after.Duration != before.Duration || after.Attempts != before.Attempts {
		t.Errorf("got %+v, want %+v", after, before)
	}
}

func TestEverySourceIsUpOnAHealthyCluster(t *testing.T) {
	b := newBench(t, 3, 24)
	b.slow()
	kinds := map[snapshot.SourceKind]int{}
	for _, source := range b.picture.Sources {
		kinds[source.Kind]++
		if !source.Up || !source.LastSuccess.Known() || source.Interval == 0 {
			t.Errorf("%+v", source)
		}
	}
	want := map[snapshot.SourceKind]int{
		snapshot.SourceResources: 1, snapshot.SourcePermissions: 1, snapshot.SourceJobs: 1, snapshot.SourceTasks: 4, snapshot.SourceLogs: 3,
		snapshot.SourceStorages: 1, snapshot.SourceArchives: 5, snapshot.SourceTime: 3, snapshot.SourceDefaults: 3,
		snapshot.SourceVolumes: 1, snapshot.SourceSchedules: 1,
	}
	if !maps.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
}
