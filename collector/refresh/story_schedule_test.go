package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func TestTwoDailyJobsFiveMinutesApart(t *testing.T) {
	b := newStory(t, setting{days: 3, build: func(m *pvesim.Model) {
		second := map[string]string{"storage": nfs, "vmid": "100,101", "mode": "snapshot", "compress": "zstd"}
		first := map[string]string{"storage": nfs, "vmid": "100,101,102,103", "mode": "snapshot", "compress": "zstd"}
		m.Jobs = []*pvesim.Job{{ID: "first", Schedule: "01:00", Options: first}, {ID: "second", Schedule: "01:05", Options: second}}
		m.AddRule(pvesim.Rule{Duration: 5}) // so that the second job waits for the first one
	}})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 101, Job: "second", Outcome: runlog.IOError}) })
	b.watch(utc("2026-07-18 12:00"), 130*time.Minute, b.nobodyMissing)
	for job, failed := range map[string]bool{"first": false, "second": true} {
		if got := b.job(job).LastRunFailed.Or(!failed); got != failed {
			t.Errorf("%s: failed %t, want %t", job, got, failed)
		}
		b.wantTime(job+" last run", b.job(job).LastRun, map[string]string{"first": "2026-07-18 01:00", "second": "2026-07-18 01:05"}[job])
	}
	good, bad := b.target("qemu/100", nfs), b.target("lxc/101", nfs)
	if good.LastAttemptFailed || good.Attempts != 6 || good.Failures != 0 {
		t.Errorf("three nights of two jobs: %+v", good)
	}
	if !bad.LastAttemptFailed || bad.FailureReason != vzdump.ReasonIOError || bad.Attempts != 6 || bad.Failures != 3 {
		t.Errorf("the second job's failures: %+v", bad)
	}
	b.wantTime("the first job saved it all the same", bad.LastSuccess, "2026-07-18 01:")
	// Each job runs once a day: five minutes between them are nobody's interval.
	b.wantTime("due", bad.Due, "2026-07-20 01:")

	b.cluster.Change(func(m *pvesim.Model) { m.Job("first").Disabled, m.Job("second").Disabled = true, true })
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.Job("second").Disabled = false })
	b.watch(utc("2026-07-21 12:00"), 4*time.Hour, func() {})
	if !b.missing("lxc/101", nfs) || b.missing("qemu/100", nfs) {
		t.Errorf("only the guest that always fails is missing: %+v, %+v", b.target("lxc/101", nfs), b.target("qemu/100", nfs))
	}
}

func TestAWeeklyJobThatTakes30HoursIsNeverMissing(t *testing.T) {
	for _, days := range []int{0, 10} { // without and with a run in the history
		b := newStory(t, setting{days: days, build: func(m *pvesim.Model) {
			m.Jobs = []*pvesim.Job{{ID: "weekly", Schedule: "sun 05:00", Options: map[string]string{"storage": nfs, "vmid": "100,101,102", "mode": "snapshot"}}}
			for _, vmid := range []int{100, 101, 102} { // ten hours each
				m.Guests[vmid].Used, m.Guests[vmid].Rate = 1<<40, (1<<40)/(10*3600)
			}
			m.Guests[100].Config["scsi0"], m.Guests[102].Config["scsi0"] = "local-zfs:vm-100-disk-0,size=1G", "local-zfs:vm-102-disk-0,size=1G"
		}})
		b.slow()
		longest := int64(0)
		b.watch(utc("2026-07-29 12:00"), 5*time.Hour, func() {
			b.nobodyMissing()
			for _, one := range b.picture.Targets {
				if !one.Targeted {
					t.Fatalf("%s: %s is no target", b.clock.Now(), one.Guest)
				}
			}
			longest = max(longest, b.job("weekly").LastRunDuration.Or(0))
		})
		if longest < 28*3600 {
			t.Fatalf("the story needs a run of some 30 hours, not of %d s", longest)
		}
		if one := b.target("qemu/102", nfs); one.Attempts != 2 || one.Failures != 0 {
			t.Errorf("two weeks: %+v", one)
		}
		b.cluster.Change(func(m *pvesim.Model) { m.Node("pve1").SchedulerStopped = true })
		b.clock.Set(utc("2026-08-04 20:00"))
		b.slow()
		if !b.missing("qemu/102", nfs) {
			t.Errorf("a run that never came must be seen: %+v", b.target("qemu/102", nfs))
		}
	}
}

func TestAnEditedScheduleMovesNoDueTimeThatHasPassed(t *testing.T) {
	b := newStory(t, setting{days: 4})
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 101, Outcome: runlog.QMPTimeout}) })
	b.slow()
	b.watch(utc("2026-07-17 12:00"), 6*time.Hour, func() {})
	due := b.target("lxc/101", nfs).Due
	b.wantTime("due after the last success on the 15th", due, "2026-07-17 01:")
	if !b.missing("lxc/101", nfs) || b.missing("qemu/100", nfs) {
		t.Fatalf("the story needs one guest that is overdue: %+v", b.target("lxc/101", nfs))
	}
	for _, edit := range []func(*pvesim.Model){
		func(m *pvesim.Model) { m.Job("nightly").Schedule = "sat 23:00" },
		func(m *pvesim.Model) { m.Job("nightly").Schedule = "02:00" },
		func(m *pvesim.Model) { m.Job("nightly").Disabled = true },
		func(m *pvesim.Model) { m.Job("nightly").Disabled = false },
		func(m *pvesim.Model) { m.Job("nightly").Options["exclude"] = "101" },
		func(m *pvesim.Model) { delete(m.Job("nightly").Options, "exclude") },
	} {
		b.cluster.Change(edit)
		b.slow()
	}
	if got := b.target("lxc/101", nfs); got.Due != due || !b.missing("lxc/101", nfs) {
		t.Errorf("edits excuse nothing: due %s, want %s", clockTime(got.Due), clockTime(due))
	}
	b.wantTime("who was not overdue has time until the new run", b.target("qemu/100", nfs).Due, "2026-07-19 02:")
	b.watch(utc("2026-07-20 12:00"), 6*time.Hour, func() {})
	if b.missing("qemu/100", nfs) {
		t.Errorf("backed up every night: %+v", b.target("qemu/100", nfs))
	}
}

func TestAScheduleThatBecomesMoreFrequentMakesNobodyOverdueAtOnce(t *testing.T) {
	b := newStory(t, setting{days: 10, build: func(m *pvesim.Model) { m.Job("nightly").Schedule = "sun 01:00" }})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.Job("nightly").Schedule = "hourly" })
	b.slow()
	b.nobodyMissing()
	b.wantTime("due after the next run", b.target("lxc/101", nfs).Due, "2026-07-15 14:")
	b.watch(utc("2026-07-15 18:00"), 20*time.Minute, b.nobodyMissing)
}

func TestTheUsualDelayIsThatOfTheLastRun(t *testing.T) {
	b := newStory(t, setting{days: 5, build: func(m *pvesim.Model) {
		m.AddRule(pvesim.Rule{Duration: 100, Until: utc("2026-07-13 12:00")}) // a minute took more than an hour
	}})
	b.slow()
	one := b.target("lxc/103", nfs)
	b.wantTime("last success", one.LastSuccess, "2026-07-15 01:0")
	b.wantTime("due", one.Due, "2026-07-17 01:0")
}
