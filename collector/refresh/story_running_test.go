package refresh

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// pages follows which lines of logs were read, and fails for a line that is read twice.
type pages struct {
	b    *bench
	next map[string]int // by UPID
}

// look takes the requests of the last cycle.
func (p *pages) look() {
	p.b.t.Helper()
	for _, request := range p.b.cluster.Requests.Requests() {
		if request.Endpoint != logCall {
			continue
		}
		query, err := url.ParseQuery(request.Query)
		if err != nil {
			p.b.t.Fatal(err)
		}
		if query.Get("download") != "" && p.next[request.UPID] > 0 {
			p.b.t.Errorf("read again as a whole: %s", request.UPID)
		}
		start, _ := strconv.Atoi(query.Get("start"))
		if start != p.next[request.UPID] {
			p.b.t.Errorf("log %s: read from line %d, want %d", request.UPID, start, p.next[request.UPID])
		}
		p.b.cluster.Change(func(m *pvesim.Model) { p.next[request.UPID] = strings.Count(string(m.Log(request.UPID)), "\n") })
	}
}

func TestARunningJobShowsItsProgressAndReadsNoLineTwice(t *testing.T) {
	b := newStory(t, setting{days: 2, build: func(m *pvesim.Model) { m.AddRule(pvesim.Rule{Duration: 60}) }})
	b.slow()
	before := b.target("qemu/100", nfs)
	read := &pages{b: b, next: map[string]int{}}
	b.clock.Set(utc("2026-07-16 01:05"))
	last, ran := -1.0, map[string]bool{}
	for b.clock.Now().Before(utc("2026-07-16 06:00")) {
		b.clock.Advance(6 * time.Minute)
		b.fast()
		read.look()
		b.nobodyMissing()
		for _, one := range b.picture.Guests {
			if !one.Running {
				continue
			}
			ran[one.ID] = true
			if one.ID == "qemu/100" {
				now, known := one.RunningProgress.Get()
				if !known || now <= last || now > 1 {
					t.Errorf("%s: progress %g after %g (known %t)", b.clock.Now(), now, last, known)
				}
				last = now
				b.wantTime("since", one.RunningSince, "2026-07-16 01:00:0")
				b.wantSeries(map[string]float64{
					`guest_running{environment="unassigned",id="qemu/100"}`:                1,
					`guest_running_progress_ratio{environment="unassigned",id="qemu/100"}`: now,
				})
				if got := b.target("qemu/100", nfs); got.LastSuccess != before.LastSuccess || got.Attempts != 0 {
					t.Errorf("a backup that runs is no result: %+v", got)
				}
			}
			b.wantTime("the node's task", b.node("pve1").TaskRunningSince, "2026-07-16 01:00:0")
		}
	}
	if len(ran) != 4 || last < 0.8 {
		t.Errorf("seen running: %v, the first up to %g", ran, last)
	}
	for id := range ran {
		if one := b.target(id, nfs); one.Attempts != 1 || one.LastAttemptFailed || one.Duration.Or(0) < 2400 {
			t.Errorf("in the end: %+v", one)
		}
	}
	if b.guest("qemu/100").Running || b.node("pve1").TaskRunningSince.Known() {
		t.Error("nothing runs any more")
	}
	b.wantNoSeries("node_task_running_since")
}

func TestAnUnexpectedStatusAfterACrash(t *testing.T) {
	for _, watched := range []bool{true, false} { // whether its log was followed while it ran
		b := newStory(t, setting{days: 2, build: func(m *pvesim.Model) { m.AddRule(pvesim.Rule{Duration: 30}) }})
		b.slow()
		before := b.target("qemu/102", nfs)
		b.clock.Set(utc("2026-07-16 01:58"))
		if watched {
			b.fast()
		}
		b.clock.Set(utc("2026-07-16 02:00"))
		b.cluster.Change(func(m *pvesim.Model) { m.Crash("pve1", true) })
		b.night()
		b.clock.Set(utc("2026-07-16 03:00"))
		b.fast()
		b.cluster.Change(func(m *pvesim.Model) {
			if status := m.TaskStatus(m.Tasks("pve1", "vzdump")[0]); status != "unexpected status" {
				t.Fatalf("the story needs a crash, not %q", status)
			}
		})
		done, open, never := b.target("lxc/101", nfs), b.target("qemu/102", nfs), b.target("lxc/103", nfs)
		if done.LastAttemptFailed || done.Attempts != 1 || done.LastSuccess == before.LastSuccess {
			t.Errorf("watched %t: done before the crash: %+v", watched, done)
		}
		if !open.LastAttemptFailed || open.FailureReason != vzdump.ReasonCrashed || open.LastSuccess != before.LastSuccess || open.Failures != 1 {
			t.Errorf("watched %t: at work during the crash: %+v", watched, open)
		}
		if never.LastAttemptFailed || never.Attempts != 0 {
			t.Errorf("watched %t: not begun: %+v", watched, never)
		}
		b.wantSeries(map[string]float64{
			`guest_lock{environment="unassigned",id="qemu/102",lock="backup"}`:                                        1,
			`guest_last_failure_reason{environment="unassigned",id="qemu/102",reason="crashed",storage="backup-nfs"}`: 1,
			`node_unattributed_failure{node="pve1"}`:                                                                  0,
		})
	}
}

func TestALockTimeoutIsTheWaitingJobsFailure(t *testing.T) {
	b := newStory(t, setting{days: 1, build: func(m *pvesim.Model) {
		m.Job("nightly").Options["vmid"] = "100,101"
		delete(m.Job("nightly").Options, "all")
		m.Jobs = append(m.Jobs, &pvesim.Job{ID: "waits", Schedule: "01:30", Options: map[string]string{"storage": nfs, "vmid": "102,103", "mode": "snapshot"}})
	}})
	b.slow()
	before := b.target("qemu/102", nfs)
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 100, Duration: 400}) }) // seven hours
	b.watch(utc("2026-07-16 04:00"), 30*time.Minute, b.nobodyMissing)
	b.wantTime("the oldest task", b.node("pve1").TaskRunningSince, "2026-07-16 01:00:0")
	if b.guest("qemu/102").Running {
		t.Error("a task that waits for its turn backs nobody up yet")
	}
	b.watch(utc("2026-07-16 12:00"), time.Hour, b.nobodyMissing)
	for _, id := range []string{"qemu/102", "lxc/103"} {
		one := b.target(id, nfs)
		if !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonLockTimeout || one.Attempts != 1 || one.Failures != 1 {
			t.Errorf("%s waited in vain: %+v", id, one)
		}
	}
	if got := b.target("qemu/102", nfs); got.LastSuccess != before.LastSuccess {
		t.Errorf("got %+v", got)
	}
	for _, id := range []string{"qemu/100", "lxc/101"} {
		if one := b.target(id, nfs); one.LastAttemptFailed || one.Attempts != 1 {
			t.Errorf("%s was backed up meanwhile: %+v", id, one)
		}
	}
	b.wantSeries(map[string]float64{`node_unattributed_failure{node="pve1"}`: 0})
}

func TestAGuestThatCannotBeLocked(t *testing.T) {
	b := newStory(t, setting{days: 1})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) {
		m.AddRule(pvesim.Rule{VMID: 100, Outcome: runlog.LockTimeout})
		m.Guests[101].Lock = "snapshot"
	})
	b.night()
	b.fast()
	for id, want := range map[string]vzdump.Reason{"qemu/100": vzdump.ReasonLockTimeout, "lxc/101": vzdump.ReasonGuestLocked, "qemu/102": ""} {
		if one := b.target(id, nfs); one.FailureReason != want || one.LastAttemptFailed != (want != "") {
			t.Errorf("%s: got %+v", id, one)
		}
	}
	b.wantSeries(map[string]float64{`guest_lock{environment="unassigned",id="lxc/101",lock="snapshot"}`: 1})
}
