package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// outages are ways in which the whole API is of no use.
var outages = map[string]func(m *pvesim.Model, down bool){
	"no answer":                func(m *pvesim.Model, down bool) { m.Down = down },
	"cluster file system down": func(m *pvesim.Model, down bool) { m.PmxcfsDown = down },
}

func TestTheAPIIsDownAndComesBack(t *testing.T) {
	for name, outage := range outages {
		t.Run(name, func(t *testing.T) {
			b := newStory(t, setting{days: 3, nodes: 2, build: local})
			b.slow()
			guests, targets, jobs := len(b.picture.Guests), len(b.picture.Targets), len(b.picture.Jobs)
			before, series := b.target("lxc/103", "local"), len(b.series())
			b.cluster.Change(func(m *pvesim.Model) { outage(m, true) })
			b.watch(utc("2026-07-18 12:00"), 6*time.Hour, func() {
				b.nobodyMissing()
				if b.picture.Up || len(b.picture.Guests) != guests || len(b.picture.Targets) != targets || len(b.picture.Jobs) != jobs {
					t.Errorf("facts stay, and the cluster is down: %+v", b.picture)
				}
			})
			after := b.target("lxc/103", "local")
			if after != before {
				t.Errorf("got %+v, want %+v", after, before)
			}
			if b.refresher.Err() == nil || b.sourceUp(snapshot.SourceResources, "", "") {
				t.Error("somebody must be told why")
			}
			b.wantSeries(map[string]float64{"up": 0})
			if got := len(b.series()); got != series {
				t.Errorf("%d series, want %d", got, series)
			}
			b.cluster.Change(func(m *pvesim.Model) { outage(m, false) })
			if !b.refresher.slowDue() {
				t.Error("the slow cycles that were missed are made up for")
			}
			b.cycle(b.refresher.slowDue())
			b.wantSeries(map[string]float64{"up": 1})
			b.nobodyMissing()
			b.wantTime("last success", b.target("lxc/103", nfs).LastSuccess, "2026-07-18 01:")
			if one := b.target("lxc/103", nfs); one.Attempts != 3 || one.Failures != 0 {
				t.Errorf("three nights: %+v", one)
			}
		})
	}
}

func TestATokenThatExpires(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	before := b.target("qemu/100", nfs)
	b.cluster.Change(func(m *pvesim.Model) { m.Access.Tokens[b.token].Expires = m.Now() })
	b.slow()
	if got := b.target("qemu/100", nfs); got != before || b.picture.Up || b.refresher.Err() == nil {
		t.Errorf("facts stay, and the cluster is down: %+v", got)
	}
	b.cluster.Change(func(m *pvesim.Model) { m.Access.Tokens[b.token].Expires = time.Time{} })
	b.connect() // a client asks no more with a secret that was refused
	b.slow()
	b.wantSeries(map[string]float64{"up": 1})
}

func TestTheAPIIsDownAtTheStart(t *testing.T) {
	b := newStory(t, setting{days: 3})
	b.cluster.Change(func(m *pvesim.Model) { m.Down = true })
	for range 3 {
		b.cycle(b.refresher.slowDue())
		if b.picture.Up || len(b.picture.Guests) != 0 {
			t.Errorf("nothing is known: %+v", b.picture)
		}
		b.wantSeries(map[string]float64{"up": 0})
	}
	b.cluster.Change(func(m *pvesim.Model) { m.Down = false })
	b.cycle(b.refresher.slowDue())
	one := b.target("qemu/100", nfs)
	if !b.picture.Up || !one.LastSuccess.Known() || !one.Archives.Known() || !one.Due.Known() || b.node("pve1").Zone == "" {
		t.Errorf("all is known with the first answer: %+v", one)
	}
}

func TestTheExporterRestartsWhileTheAPIIsDown(t *testing.T) {
	b := newStory(t, setting{days: 3})
	b.slow()
	before := b.target("qemu/100", nfs)
	b.cluster.Change(func(m *pvesim.Model) { m.Down = true })
	b.restart()
	for range 3 {
		if got := b.target("qemu/100", nfs); got != before {
			t.Errorf("got %+v, want %+v", got, before)
		}
		b.wantSeries(map[string]float64{"up": 0, `guest_covered{environment="unassigned",id="qemu/100"}`: 1})
		b.cycle(b.refresher.slowDue())
	}
	b.clock.Advance(72 * time.Hour)
	b.slow()
	b.nobodyMissing()
}

// brokenAnswers are ways in which a call fails.
var brokenAnswers = map[string]wire.Fault{
	"500":           {Status: 500, Reason: "out of order"},
	"cut":           {Cut: 0.5},
	"broken JSON":   {Change: wire.BrokenJSON},
	"a web page":    {Change: wire.HTMLPage},
	"nothing":       {Change: wire.EmptyBody},
	"null":          {Change: wire.NullData},
	"other types":   {Change: wire.WrongTypes},
	"no connection": {Abort: true},
}

// TestOneCallThatFailsHidesNothingElse breaks each call of a cycle alone.
func TestOneCallThatFailsHidesNothingElse(t *testing.T) {
	for endpoint, kind := range map[string]snapshot.SourceKind{
		"/access/permissions": snapshot.SourcePermissions, "/cluster/tasks": snapshot.SourceTasks, "/cluster/backup": snapshot.SourceJobs,
		"/cluster/status": snapshot.SourceResources, "/storage": snapshot.SourceStorages, "/cluster/backup/{id}/included_volumes": snapshot.SourceVolumes,
		"/nodes/{node}/time": snapshot.SourceTime, "/nodes/{node}/storage/{storage}/prunebackups": snapshot.SourceArchives,
	} {
		b := newStory(t, setting{days: 1, guests: 2})
		b.slow()
		for how, fault := range brokenAnswers {
			fault.Endpoint = endpoint
			before := b.series()
			works := b.cluster.Faults.Add(fault)
			b.slow()
			after := b.series()
			if after["up"] != 1 {
				t.Errorf("%s, %s: the inventory was read all the same", endpoint, how)
			}
			for name := range before {
				if _, there := after[name]; !there {
					t.Errorf("%s, %s: lost %s", endpoint, how, name)
				}
			}
			for _, source := range b.picture.Sources {
				instead := kind == snapshot.SourceTasks && source.Node != ""                              // the nodes' own lists are read
				empty := kind == snapshot.SourceArchives && source.Storage != nfs && how == "other types" // of nothing
				if wantUp := source.Kind != kind || instead || empty; source.Up != wantUp {
					t.Errorf("%s, %s: %+v", endpoint, how, source)
				}
			}
			b.nobodyMissing()
			works()
			b.slow()
			for _, source := range b.picture.Sources {
				if !source.Up {
					t.Errorf("%s, %s: still down: %+v", endpoint, how, source)
				}
			}
		}
	}
}
