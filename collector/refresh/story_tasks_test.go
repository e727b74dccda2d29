package refresh

import (
	"maps"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func shortTasks(m *pvesim.Model, count int) {
	for range count {
		m.Task("pve1", "vncproxy", "100", "root@pam", "OK")
	}
}

func TestATaskThatIsListedTwiceCountsOnce(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.cluster.Change(func(m *pvesim.Model) { m.ListTwice(m.Tasks("pve1", "vzdump")[0]) })
	b.slow()
	b.cluster.Change(fails(101))
	b.night()
	b.cluster.Change(func(m *pvesim.Model) { m.ListTwice(m.Tasks("pve1", "vzdump")[0]) })
	for _, cycle := range []func(){func() { b.fast() }, func() { b.slow() }, func() { b.restart(); b.slow() }} {
		cycle()
		if one := b.target("lxc/101", nfs); one.Attempts != 1 || one.Failures != 1 {
			t.Errorf("got %d attempts and %d failures, want one each", one.Attempts, one.Failures)
		}
		for upid, times := range b.cluster.Requests.LogFetches() {
			if times != 1 {
				t.Errorf("log %s was read %d times", upid, times)
			}
		}
	}
}

// TestATaskWindowThatOverflowsLosesNothing has more short tasks between two looks than the cluster's list of recent tasks holds.
func TestATaskWindowThatOverflowsLosesNothing(t *testing.T) {
	for name, before := range map[string]func(*pvesim.Model){
		"nothing runs": func(*pvesim.Model) {},
		"a long task stays in the window": func(m *pvesim.Model) {
			m.StartTask("pve1", "qmmove", "102", "root@pam")
		},
		"a backup stays in the window": func(m *pvesim.Model) {
			m.AddRule(pvesim.Rule{VMID: 102, Duration: 2000})
			m.Backup("pve2", map[string]string{"storage": nfs, "vmid": "102"}, "root@pam")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newStory(t, setting{days: 2, nodes: 2, build: func(m *pvesim.Model) {
				m.Guests[101].Node = "pve1"
				m.Guests[102].Node = "pve2"
			}})
			b.cluster.Change(before)
			b.slow()
			b.fast()
			b.cluster.Change(func(m *pvesim.Model) {
				m.AddRule(pvesim.Rule{VMID: 101, Outcome: runlog.IOError})
				m.Backup("pve1", map[string]string{"storage": nfs, "vmid": "101"}, "root@pam")
			})
			b.clock.Advance(5 * time.Minute)
			b.cluster.Change(func(m *pvesim.Model) { shortTasks(m, 40) })
			b.fast()
			if got := b.cluster.Requests.Counts()["GET /nodes/{node}/tasks"]; got != 1 {
				t.Errorf("%d lists of nodes were read, want that of the one whose window overflowed", got)
			}
			if one := b.target("lxc/101", nfs); one.Attempts != 1 || one.Failures != 1 {
				t.Errorf("the backup between them is lost: %+v", one)
			}
			b.fast()
			if got := b.cluster.Requests.Counts()["GET /nodes/{node}/tasks"]; got != 0 {
				t.Errorf("and afterwards the window is enough again, but %d lists were read", got)
			}
		})
	}
}

func TestALongTaskThatFallsOutOfTheWindowAsItEnds(t *testing.T) {
	b := newStory(t, setting{days: 2, build: func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 100, Duration: 60}) }})
	b.slow()
	b.clock.Set(utc("2026-07-16 01:20"))
	b.fast()
	for range 6 { // they began after the backup, and so come before it once it has ended
		b.clock.Advance(20 * time.Minute)
		b.cluster.Change(func(m *pvesim.Model) { shortTasks(m, 13) })
		b.fast()
	}
	if one := b.target("qemu/100", nfs); one.Attempts != 1 || one.LastAttemptFailed {
		t.Errorf("got %+v", one)
	}
	b.wantTime("last success", b.target("qemu/100", nfs).LastSuccess, "2026-07-16 0")
}

func TestTheClusterListOfTasksFails(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 2})
	b.slow()
	works := b.cluster.Faults.Add(broken("/cluster/tasks"))
	b.night()
	b.fast()
	b.wantTime("each node's own list tells", b.target("qemu/100", nfs).LastSuccess, "2026-07-16 01:")
	b.wantSeries(map[string]float64{"up": 1, `source_up{node="",source="tasks",storage="",store=""}`: 0, `source_up{node="pve1",source="tasks",storage="",store=""}`: 1})
	works()
	b.fast()
	b.fast()
	if got := b.cluster.Requests.Counts(); !maps.Equal(got, fastCalls) {
		t.Errorf("got %v, want %v", got, fastCalls)
	}
	b.wantSeries(map[string]float64{`source_up{node="",source="tasks",storage="",store=""}`: 1})
}

func TestANodesClockThatWasAheadHidesNoTask(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	ahead := b.clock.Now().Add(30 * time.Minute).Unix()
	b.memory.Node("pve1").Folded["UPID:pve1:00000001:00000001:00000001:vncproxy::root@pam:"] = ahead
	b.fast()
	next := pve.Task{UPID: "UPID:pve1:00000002:00000001:00000001:vzdump::root@pam:", Node: "pve1", Type: "vzdump", Start: b.clock.Now().Unix()}
	if got := newTasks([]pve.Task{next}, b.memory.Node("pve1")); len(got) != 1 {
		t.Error("after the clock was set right, a task is passed over that began before the last one by the wrong clock")
	}
}
