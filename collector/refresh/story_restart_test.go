package refresh

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func fails(vmid int) func(*pvesim.Model) {
	return func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: vmid, Outcome: runlog.IOError}) }
}

func TestARotatedTaskIndexAndARestart(t *testing.T) {
	b := newStory(t, setting{days: 3, build: fails(101)})
	b.slow()
	b.night()
	b.slow()
	before, failed := b.target("qemu/100", nfs), b.target("lxc/101", nfs)
	b.cluster.Change(func(m *pvesim.Model) { // a thousand tasks and more: the index rotates twice
		for range 2000 {
			m.Task("pve1", "vncproxy", "100", "root@pam", "OK")
		}
		if len(m.Tasks("pve1", "vzdump")) != 0 {
			t.Fatal("the story needs an index without backups")
		}
	})
	b.restart()
	b.slow()
	for id, want := range map[string]snapshot.Target{"qemu/100": before, "lxc/101": failed} {
		got := b.target(id, nfs)
		if got.LastSuccess != want.LastSuccess || got.LastAttempt != want.LastAttempt || got.LastAttemptFailed != want.LastAttemptFailed ||
			got.Duration != want.Duration || got.ArchiveBytes != want.ArchiveBytes || got.Attempts != want.Attempts || got.Failures != want.Failures {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	b.night()
	b.slow()
	if one := b.target("lxc/101", nfs); one.Attempts != 2 || one.Failures != 2 {
		t.Errorf("the next night counts: %+v", one)
	}
}

func TestWhatRotatedAwayWhileTheExporterWasOffIsProvedByItsArchive(t *testing.T) {
	b := newStory(t, setting{days: 3, build: fails(101)})
	b.slow()
	if !b.target("lxc/101", nfs).LastAttemptFailed {
		t.Fatal("the story needs a failure")
	}
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 101}) })
	b.night()
	b.cluster.Change(func(m *pvesim.Model) { m.LoseTaskIndex("pve1") })
	b.restart()
	b.slow()
	for _, id := range []string{"qemu/100", "lxc/101"} {
		one := b.target(id, nfs)
		b.wantTime(id+" last success", one.LastSuccess, "2026-07-16 01:0")
		if one.LastAttemptFailed || one.Attempts != 0 || one.Duration.Known() {
			t.Errorf("%s: the archive proves the backup, and that it did not fail: %+v", id, one)
		}
	}
	b.wantNoSeries("guest_last_failure_reason")
}

func TestALostStateFileDoesNotCountOldFailures(t *testing.T) {
	b := newStory(t, setting{days: 5, build: fails(101)})
	b.slow()
	b.night()
	b.slow()
	if one := b.target("lxc/101", nfs); one.Failures != 1 {
		t.Fatalf("the story needs a counted failure: %+v", one)
	}
	if err := b.start(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	b.slow()
	one := b.target("lxc/101", nfs)
	if one.Failures != 0 || one.Attempts != 0 || !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonIOError {
		t.Errorf("an old failure is shown and is not new: %+v", one)
	}
	b.wantTime("last attempt", one.LastAttempt, "2026-07-16 01:")
	b.wantSeries(map[string]float64{
		`guest_failures_total{environment="unassigned",id="lxc/101",storage="backup-nfs"}`:      0,
		`guest_last_attempt_failed{environment="unassigned",id="lxc/101",storage="backup-nfs"}`: 1,
		`guest_attempts_total{environment="unassigned",id="qemu/100",storage="backup-nfs"}`:     0,
	})
	b.wantTime("the others' success is found again", b.target("qemu/100", nfs).LastSuccess, "2026-07-16 01:")
	b.night()
	b.fast()
	if one := b.target("lxc/101", nfs); one.Failures != 1 || one.Attempts != 1 {
		t.Errorf("a new one counts: %+v", one)
	}
}

func TestACorruptStateFileIsSetAside(t *testing.T) {
	b := newStory(t, setting{days: 3, build: fails(101)})
	b.slow()
	dir := t.TempDir()
	keeper, err := state.NewKeeper(state.Open(dir))
	if err == nil {
		err = keeper.Put("home", b.refresher.Memory)
	}
	if err != nil {
		t.Fatal(err)
	}
	path := state.Open(dir).Path()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.start(dir); !errors.Is(err, state.ErrSetAside) {
		t.Fatalf("got %v, want a warning that the file was set aside", err)
	}
	if aside, err := os.ReadDir(dir); err != nil || len(aside) != 1 || !strings.HasPrefix(aside[0].Name(), filepath.Base(path)) {
		t.Errorf("the file is kept for a look at it: %v, %v", aside, err)
	}
	b.slow()
	if one := b.target("lxc/101", nfs); !one.LastAttemptFailed || one.Failures != 0 {
		t.Errorf("all that the cluster still knows is there: %+v", one)
	}
	b.nobodyMissing()
}

func TestAWeekWithoutTheExporter(t *testing.T) {
	b := newStory(t, setting{days: 3, nodes: 2})
	b.slow()
	failing := b.target("lxc/103", nfs)
	b.cluster.Change(fails(103))
	b.clock.Advance(7*24*time.Hour - time.Hour)
	b.cluster.Change(func(m *pvesim.Model) { m.Node("pve2").Offline = true })
	b.restart()
	if !b.picture.Restored || b.picture.Up {
		t.Error("at first there is what was known a week ago")
	}
	b.nobodyMissing()
	b.slow()
	b.nobodyMissing() // pve2 was not looked at yet
	one := b.target("qemu/100", nfs)
	b.wantTime("a guest that was looked at", one.LastSuccess, "2026-07-22 01:")
	if one.Attempts != 7 {
		t.Errorf("a week's attempts count, whoever watched: %+v", one)
	}
	if got := b.target("lxc/103", nfs); got.LastSuccess != failing.LastSuccess || got.Observed != failing.Observed {
		t.Errorf("got %+v, want %+v", got, failing)
	}
	b.cluster.Change(offline("pve2", false))
	b.fast()
	if !b.missing("lxc/103", nfs) || b.missing("lxc/101", nfs) {
		t.Errorf("now it is known who is missing: %+v", b.target("lxc/103", nfs))
	}
	if got := b.target("lxc/103", nfs); got.Failures != 7 {
		t.Errorf("got %d failures, want 7", got.Failures)
	}
}
