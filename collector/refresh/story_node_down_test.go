package refresh

import (
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// local puts the guest 103 onto its node's own storage besides.
func local(m *pvesim.Model) {
	m.Storage("local").Retention = "keep-last=3"
	m.Jobs = append(m.Jobs, &pvesim.Job{ID: "local", Schedule: "02:00", Options: map[string]string{"storage": "local", "vmid": "103", "mode": "snapshot"}})
}

func offline(node string, down bool) func(*pvesim.Model) {
	return func(m *pvesim.Model) { m.Node(node).Offline = down }
}

func TestANodeThatIsDownKeepsItsGuestsAndMakesNobodyOverdue(t *testing.T) {
	b := newStory(t, setting{days: 3, nodes: 2, build: func(m *pvesim.Model) {
		local(m)
		m.Guests[101].Pool, m.Guests[101].Config["tags"] = "prod", "critical"
		m.Pools = map[string]*pvesim.Pool{"prod": {}}
	}})
	b.slow()
	before, guest := b.target("lxc/103", "local"), b.guest("lxc/101")
	b.cluster.Change(offline("pve2", true))
	b.fast()
	b.nobodyMissing()
	b.watch(utc("2026-07-18 18:00"), 4*time.Hour, func() {
		b.nobodyMissing()
		if got := b.guest("lxc/101"); got != guest {
			t.Errorf("got %+v, want %+v", got, guest)
		}
	})
	if after := b.target("lxc/103", "local"); after.LastSuccess != before.LastSuccess || after.Archives != before.Archives || after.Due != before.Due {
		t.Errorf("got %+v, want %+v", after, before)
	}
	b.wantTime("a guest of the other node", b.target("qemu/100", nfs).LastSuccess, "2026-07-18 01:")
	for kind, storage := range map[snapshot.SourceKind]string{snapshot.SourceTasks: "", snapshot.SourceLogs: "", snapshot.SourceTime: "", snapshot.SourceArchives: "local"} {
		if b.sourceUp(kind, "pve2", storage) {
			t.Errorf("%s of a node that is down cannot be up", kind)
		}
	}
	b.wantSeries(map[string]float64{
		"up": 1,
		`guest_covered{environment="unassigned",id="lxc/101"}`:               1,
		`source_up{node="pve1",source="tasks",storage="",store=""}`:          1,
		`source_up{node="",source="archives",storage="backup-nfs",store=""}`: 1,
	})

	b.cluster.Change(offline("pve2", false))
	b.fast()
	if !b.missing("lxc/101", nfs) || !b.missing("lxc/103", "local") || b.missing("qemu/100", nfs) {
		t.Error("once the node answers it is plain that its guests have had no backup for three days")
	}
	b.night()
	b.slow()
	b.nobodyMissing()
	b.wantTime("last success", b.target("lxc/101", nfs).LastSuccess, "2026-07-19 01:")
	if !b.sourceUp(snapshot.SourceArchives, "pve2", "local") || b.target("lxc/101", nfs).Attempts != 1 {
		t.Errorf("the node is back: %+v", b.target("lxc/101", nfs))
	}
}

func TestANodeThatIsDownAtTheStartIsCaughtUpWith(t *testing.T) {
	b := newStory(t, setting{days: 3, nodes: 2, build: local})
	b.cluster.Change(offline("pve2", true))
	b.watch(utc("2026-07-17 12:00"), 6*time.Hour, b.nobodyMissing)
	if got := b.target("lxc/103", "local"); got.LastSuccess.Known() || got.Archives.Known() {
		t.Errorf("nothing of that node is known: %+v", got)
	}
	b.cluster.Change(offline("pve2", false))
	b.slow()
	got := b.target("lxc/103", "local")
	b.wantTime("out of its history", got.LastSuccess, "2026-07-15 02:")
	if archives, _ := got.Archives.Get(); archives.Count != 3 || got.Attempts != 0 {
		t.Errorf("history is shown and not counted: %+v", got)
	}
}

func TestTheDefaultsOfANodeThatWasDownAreReadWhenItIsBack(t *testing.T) {
	b := newStory(t, setting{nodes: 2, build: func(m *pvesim.Model) {
		m.Node("pve2").Defaults = map[string]string{"storage": nfs}
		m.Jobs = []*pvesim.Job{{ID: "plain", Schedule: "01:00", Options: map[string]string{"vmid": "101"}}}
	}})
	b.cluster.Change(offline("pve2", true))
	b.slow()
	b.cluster.Change(offline("pve2", false))
	b.slow()
	if got := b.target("lxc/101", nfs); !got.Targeted {
		t.Errorf("the job writes where the node's defaults say: %+v", b.picture.Targets)
	}
	b.slow()
	if got := b.cluster.Requests.Counts()["GET /nodes/{node}/vzdump/defaults"]; got != 0 {
		t.Errorf("they were read again %d times", got)
	}
}

// long is a nightly run on pve2 that takes three hours for its first guest.
var long = setting{days: 1, nodes: 2, build: func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 101, Duration: 200}) }}

func TestANodeThatGoesDownDuringABackup(t *testing.T) {
	b := newStory(t, long)
	b.slow()
	b.clock.Set(utc("2026-07-16 01:10"))
	b.fast()
	if !b.guest("lxc/101").Running {
		t.Fatal("the story needs a backup that runs")
	}
	b.cluster.Change(offline("pve2", true))
	b.watch(utc("2026-07-18 12:00"), 6*time.Hour, b.nobodyMissing)
	if b.guest("lxc/101").Running || b.node("pve2").TaskRunningSince.Known() {
		t.Error("nothing runs on a node that is down")
	}
	b.cluster.Change(offline("pve2", false))
	b.fast()
	one, next := b.target("lxc/101", nfs), b.target("lxc/103", nfs)
	if !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonCrashed || one.Failures != 1 {
		t.Errorf("the backup died with its node: %+v", one)
	}
	if next.LastAttemptFailed || next.Attempts != 0 {
		t.Errorf("the next guest's turn never came: %+v", next)
	}
}

func TestANodeOutOfReachWhileItsBackupGoesOn(t *testing.T) {
	b := newStory(t, long)
	b.slow()
	b.clock.Set(utc("2026-07-16 01:10"))
	b.fast()
	reachable := b.cluster.Faults.Add(wire.Fault{Node: "pve2", Status: 595, Reason: "No route to host"})
	listed := b.cluster.Faults.Add(broken("/cluster/tasks"))
	b.watch(utc("2026-07-16 12:00"), 3*time.Hour, b.nobodyMissing)
	if b.sourceUp(snapshot.SourceTasks, "pve2", "") {
		t.Error("tasks of a node that does not answer cannot be read")
	}
	reachable()
	listed()
	b.slow()
	for upid, pages := range b.cluster.Requests.LogFetches() {
		if pages != 1 || !strings.Contains(b.logQuery(upid), "start=") {
			t.Errorf("log %s: read %d times, with %s; it goes on where it was left", upid, pages, b.logQuery(upid))
		}
	}
	one := b.target("lxc/101", nfs)
	b.wantTime("last success", one.LastSuccess, "2026-07-16 03:50")
	if one.Attempts != 1 || one.Failures != 0 || one.Duration.Or(0) < 10000 {
		t.Errorf("got %+v", one)
	}
}

// logQuery returns the query of the last request for a log.
func (b *bench) logQuery(upid string) (query string) {
	for _, request := range b.cluster.Requests.Requests() {
		if request.UPID == upid {
			query = request.Query
		}
	}
	return query
}
