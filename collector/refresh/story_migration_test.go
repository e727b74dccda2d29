package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

func TestAGuestThatMigratesKeepsItsNewestResult(t *testing.T) {
	b := newStory(t, setting{days: 3, nodes: 2, build: local})
	b.slow()
	before, onNode := b.target("lxc/103", nfs), b.target("lxc/103", "local")
	b.cluster.Change(func(m *pvesim.Model) { m.Migrate(103, "pve1", "root@pam") })
	b.fast()
	b.slow()
	after := b.target("lxc/103", nfs)
	if after.LastSuccess != before.LastSuccess || after.Duration != before.Duration || after.Archives != before.Archives || after.Due != before.Due {
		t.Errorf("got %+v, want %+v", after, before)
	}
	if got := b.target("lxc/103", "local"); got.LastSuccess != onNode.LastSuccess || got.Archives != onNode.Archives || got.Due != onNode.Due {
		t.Errorf("its archives on the former node are still there: got %+v, want %+v", got, onNode)
	}
	if got := b.guest("lxc/103").Node; got != "pve1" {
		t.Errorf("got %s", got)
	}
	b.wantSeries(map[string]float64{
		`guest_info{environment="unassigned",id="lxc/103",name="ct103",node="pve1",pool="",template="false",type="lxc",vmid="103"}`: 1,
	})
	b.watch(utc("2026-07-17 12:00"), 6*time.Hour, b.nobodyMissing)
	for _, storage := range []string{nfs, "local"} {
		one := b.target("lxc/103", storage)
		b.wantTime("backed up on its new node, on "+storage, one.LastSuccess, "2026-07-17 0")
		if one.Attempts != 2 || one.Failures != 0 {
			t.Errorf("two nights: %+v", one)
		}
	}
}

func TestAGuestThatMigratesBetweenItsBackupAndTheNextLook(t *testing.T) {
	b := newStory(t, setting{days: 1, nodes: 2})
	b.slow()
	b.cluster.ChangeAt(utc("2026-07-16 02:00"), func(m *pvesim.Model) { m.Migrate(101, "pve1", "root@pam") })
	b.night()
	b.fast()
	one := b.target("lxc/101", nfs)
	b.wantTime("last success", one.LastSuccess, "2026-07-16 01:")
	if one.Attempts != 1 || !one.Duration.Known() {
		t.Errorf("the former node's log tells of it: %+v", one)
	}
}

func TestAGuestThatMigratesAwayFromItsJob(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 2, build: func(m *pvesim.Model) { m.Job("nightly").Options["node"] = "pve2" }})
	b.slow()
	b.wantSeries(map[string]float64{`guest_covered{environment="unassigned",id="lxc/101"}`: 1})
	last := b.target("lxc/101", nfs).LastSuccess
	b.cluster.Change(func(m *pvesim.Model) { m.Migrate(101, "pve1", "root@pam") })
	b.fast()
	b.wantSeries(map[string]float64{
		`guest_covered{environment="unassigned",id="lxc/101"}`:                       0,
		`guest_uncovered{environment="unassigned",id="lxc/101",reason="other_node"}`: 1,
	})
	if one := b.target("lxc/101", nfs); one.Due.Known() || one.LastSuccess != last {
		t.Errorf("nothing is due of a guest that is known to be uncovered: %+v", one)
	}
}

func TestAGuestInADisabledJobIsUncovered(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	b.wantNoSeries("guest_uncovered")
	b.cluster.Change(func(m *pvesim.Model) { m.Job("nightly").Disabled = true })
	b.fast()
	if got := b.guest("lxc/101"); got.Covered.Or(true) || got.Uncovered != snapshot.UncoveredJobDisabled {
		t.Errorf("got %+v", got)
	}
	b.wantSeries(map[string]float64{
		`guest_covered{environment="unassigned",id="lxc/101"}`:                         0,
		`guest_uncovered{environment="unassigned",id="lxc/101",reason="job_disabled"}`: 1,
		`guest_covered{environment="unassigned",id="qemu/100"}`:                        1, // by the weekly job
		`job_enabled{backup_job="nightly"}`:                                            0,
		`job_exclusive_guests{backup_job="offsite"}`:                                   1,
	})
	b.wantNoSeries("job_next_run", "nightly")
	b.watch(utc("2026-07-18 12:00"), 12*time.Hour, b.nobodyMissing)
	if one := b.target("lxc/101", nfs); one.Due.Known() {
		t.Errorf("that nobody covers the guest is another alert: %+v", one)
	}
}
