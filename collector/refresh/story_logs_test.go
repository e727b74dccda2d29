package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

const logCall = "/nodes/{node}/tasks/{upid}/log"

// damage is what becomes of the log of the newest backup task.
type damage func(m *pvesim.Model, upid string)

// unreadable tells how a log that is empty or not there looks: both with status 200 where logs are read in pages; a download of one that is
// not there is refused.
var unreadable = map[string]struct {
	version string
	damage  damage
}{
	"empty, in pages":          {"7.2-11", (*pvesim.Model).EmptyLog},
	"not there, in pages":      {"7.2-11", (*pvesim.Model).RemoveLog},
	"empty, as a download":     {"9.2.11", (*pvesim.Model).EmptyLog},
	"not there, as a download": {"9.2.11", (*pvesim.Model).RemoveLog},
}

// afterANight is a cluster after a night in which rule was at work, and of which no log is left.
func afterANight(t *testing.T, version string, harm damage, rule pvesim.Rule) *bench {
	b := newStory(t, setting{days: 2, version: version})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(rule) })
	b.night()
	b.cluster.Change(func(m *pvesim.Model) { harm(m, m.Tasks("pve1", "vzdump")[0]) })
	b.fast()
	for request := range b.cluster.Requests.LogFetches() {
		if len(request) == 0 {
			t.Fatal("the log must have been asked for")
		}
	}
	if !b.sourceUp(snapshot.SourceLogs, "pve1", "") {
		t.Error("a log that is not there is no failure of the source")
	}
	before := b.cluster.Requests.Total()
	b.fast()
	if got := b.cluster.Requests.LogFetches(); len(got) != 0 || before == 0 {
		t.Errorf("asked again for what is not there: %v", got)
	}
	return b
}

func TestAGoodTaskWithoutALogIsProvedByItsArchives(t *testing.T) {
	for name, how := range unreadable {
		t.Run(name, func(t *testing.T) {
			b := afterANight(t, how.version, how.damage, pvesim.Rule{})
			for _, id := range []string{"qemu/100", "lxc/101", "qemu/102", "lxc/103"} {
				one := b.target(id, nfs)
				b.wantTime(id+" last success", one.LastSuccess, "2026-07-16 01:0")
				if one.LastAttemptFailed || one.Failures != 0 || one.Duration.Known() {
					t.Errorf("the archive is all that is known: %+v", one)
				}
			}
			b.nobodyMissing()
		})
	}
}

func TestAFailedTaskWithoutALog(t *testing.T) {
	for name, how := range unreadable {
		t.Run(name, func(t *testing.T) {
			b := afterANight(t, how.version, how.damage, pvesim.Rule{VMID: 101, Outcome: runlog.StorageFull})
			b.wantSeries(map[string]float64{`node_unattributed_failure{node="pve1"}`: 1})
			for id, day := range map[string]string{"qemu/100": "2026-07-16 01:0", "qemu/102": "2026-07-16 01:0", "lxc/103": "2026-07-16 01:0", "lxc/101": "2026-07-15 01:0"} {
				one := b.target(id, nfs)
				b.wantTime(id+" last success", one.LastSuccess, day)
				if one.LastAttemptFailed || one.Failures != 0 {
					t.Errorf("some guest failed, and nobody knows that it was this one: %+v", one)
				}
			}
			b.watch(utc("2026-07-17 12:00"), 12*time.Hour, func() {})
			if !b.missing("lxc/101", nfs) || b.missing("qemu/100", nfs) {
				t.Errorf("in the end it shows who has no backup: %+v", b.target("lxc/101", nfs))
			}
		})
	}
}

func TestACrashedTaskWithoutALogFailedForThoseWithoutAnArchive(t *testing.T) {
	for name, how := range unreadable {
		t.Run(name, func(t *testing.T) {
			b := afterANight(t, how.version, how.damage, pvesim.Rule{VMID: 102, Outcome: runlog.Crashed})
			for id, failed := range map[string]bool{"qemu/100": false, "lxc/101": false, "qemu/102": true, "lxc/103": true} {
				if one := b.target(id, nfs); one.LastAttemptFailed != failed || failed && one.FailureReason != vzdump.ReasonCrashed {
					t.Errorf("%s: %+v", id, one)
				}
			}
			b.wantSeries(map[string]float64{`node_unattributed_failure{node="pve1"}`: 0})
		})
	}
}

func TestAStorageFailureIsKnownWithoutALog(t *testing.T) {
	for name, how := range unreadable {
		t.Run(name, func(t *testing.T) {
			b := afterANight(t, how.version, how.damage, pvesim.Rule{Task: "could not activate storage 'backup-nfs': storage 'backup-nfs' is not online"})
			if one := b.target("lxc/101", nfs); !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonStorageUnavailable {
				t.Errorf("the task's status says it: %+v", one)
			}
		})
	}
}

// TestALogThatCannotBeReadIsTriedAgain refuses a log once, twice and more.
func TestALogThatCannotBeReadIsTriedAgain(t *testing.T) {
	for _, status := range []int{403, 500, 595} {
		b := newStory(t, setting{days: 2, nodes: 2})
		b.slow()
		readable := b.cluster.Faults.Add(wire.Fault{Endpoint: logCall, Node: "pve2", Status: status})
		b.night()
		b.fast()
		start := b.target("lxc/101", nfs).Observed
		b.wantTime("known until the task began", start, "2026-07-16 01:00:0")
		if b.sourceUp(snapshot.SourceLogs, "pve2", "") || !b.sourceUp(snapshot.SourceLogs, "pve1", "") {
			t.Errorf("%d: one node's logs cannot be read", status)
		}
		b.fast()
		if got := b.cluster.Requests.LogFetches(); len(got) != 0 {
			t.Errorf("%d: tried again at once: %v", status, got)
		}
		if b.sourceUp(snapshot.SourceLogs, "pve2", "") {
			t.Errorf("%d: nothing has changed", status)
		}
		b.watch(utc("2026-07-18 12:00"), 12*time.Hour, b.nobodyMissing)
		one := b.target("lxc/101", nfs)
		if one.Observed != start || one.Attempts != 0 || one.Duration.Known() {
			t.Errorf("%d: the attempts are not known: %+v", status, one)
		}
		b.wantTime("the archive is there", one.LastSuccess, "2026-07-18 01:00:0")
		b.wantTime("the other node", b.target("qemu/100", nfs).LastSuccess, "2026-07-18 01:")
		readable()
		b.slow()
		after := b.target("lxc/101", nfs)
		b.wantTime("last success", after.LastSuccess, "2026-07-18 01:")
		if after.Attempts != 3 || !after.Duration.Known() || after.Observed.Or(0) <= start.Or(0) {
			t.Errorf("%d: three nights in the end: %+v", status, after)
		}
	}
}

func TestARestartForgetsNoUnreadLog(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	readable := b.cluster.Faults.Add(wire.Fault{Endpoint: logCall, Status: 403})
	b.cluster.Change(fails(101))
	b.night()
	b.fast()
	b.restart()
	b.slow()
	readable()
	b.slow()
	if one := b.target("lxc/101", nfs); one.Attempts != 1 || one.Failures != 1 || one.FailureReason != vzdump.ReasonIOError {
		t.Errorf("got %+v", one)
	}
}
