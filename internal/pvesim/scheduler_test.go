package pvesim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// zoned is a cluster of two nodes in different zones with guests 100 and 102 on pve1, 101 and 103 on pve2, whose clock shows t.
func zoned(t testing.TB, at string, jobs ...*pvesim.Job) (*pvesim.Cluster, *pvesim.Clock) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	clock := pvesim.NewClock(now)
	c := pvesim.New(pvesim.Options{Now: clock.Now, Seed: 2})
	c.Build(func(m *pvesim.Model) {
		for i, zone := range []string{"Europe/Paris", "America/New_York"} {
			location, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			m.Nodes = append(m.Nodes, &pvesim.Node{Name: fmt.Sprintf("pve%d", i+1), Zone: location})
		}
		m.Storages = []*pvesim.Storage{{ID: "nas", Type: "nfs", Content: []string{"backup"}, Size: 1 << 50}}
		for i := range 4 {
			m.AddGuest(&pvesim.Guest{
				VMID: 100 + i, Type: "lxc", Node: fmt.Sprintf("pve%d", i%2+1), Used: 1 << 30,
				Config: map[string]string{"hostname": "ct", "rootfs": "local-zfs:x,size=8G"},
			})
		}
		m.Pools["p"] = &pvesim.Pool{}
		m.Guests[102].Pool = "p"
		m.Jobs = jobs
	})
	return c, clock
}

// job makes a job for the storage nas.
func job(id, schedule string, options ...string) *pvesim.Job {
	j := &pvesim.Job{ID: id, Schedule: schedule, Options: map[string]string{"storage": "nas"}}
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		j.Options[name] = value
	}
	return j
}

// started lists the backups of a node since the beginning, oldest first: local start without seconds, the UPID's id, and the status.
func started(c *pvesim.Cluster, node string) (list []string) {
	c.Change(func(m *pvesim.Model) {
		for _, upid := range m.Tasks(node, "vzdump") {
			u, err := vzdump.ParseUPID(upid)
			if err != nil {
				panic(err)
			}
			list = append(list, time.Unix(u.Start, 0).In(m.Node(node).Zone).Format("01-02 15:04")+" "+u.ID+" "+m.TaskStatus(upid))
		}
	})
	slices.Sort(list)
	return list
}

func TestJobsStartAsTheSchedulerStartsThem(t *testing.T) {
	tests := []struct {
		name       string
		at         string
		advance    time.Duration
		job        *pvesim.Job
		pve1, pve2 []string
	}{
		{
			"each node by its own clock", "2026-11-20T12:00:00Z", 24 * time.Hour, job("j", "01:00", "vmid=100,101"),
			[]string{"11-21 01:00 100 OK"},
			[]string{"11-21 01:00 101 OK"},
		},
		{
			"no task where none of the named guests lives", "2026-11-20T12:00:00Z", 24 * time.Hour, job("j", "01:00", "vmid=100,102"),
			[]string{"11-21 01:00  OK"},
			nil,
		},
		{
			"no task where no guest of the pool lives", "2026-11-20T12:00:00Z", 24 * time.Hour, job("j", "01:00", "pool=p"),
			[]string{"11-21 01:00 102 OK"},
			nil,
		},
		{
			"an empty task where all guests are meant and none is left", "2026-11-20T12:00:00Z", 24 * time.Hour, job("j", "01:00", "all=1", "exclude=101,103"),
			[]string{"11-21 01:00  OK"},
			[]string{"11-21 01:00  OK"},
		},
		{
			"a guest that is gone fails on every node", "2026-11-20T12:00:00Z", 24 * time.Hour, job("j", "01:00", "vmid=100,999"),
			[]string{"11-21 01:00  job errors"},
			[]string{"11-21 01:00 999 job errors"},
		},
		{
			"a job of one node", "2026-11-20T12:00:00Z", 24 * time.Hour, job("j", "01:00", "all=1", "node=pve2"),
			nil,
			[]string{"11-21 01:00  OK"},
		},
		{
			"a storage that does not exist", "2026-11-20T12:00:00Z", 24 * time.Hour, job("j", "01:00", "vmid=100", "storage=gone"),
			[]string{"11-21 01:00 100 could not activate storage 'gone': storage 'gone' does not exist could not get storage information for 'gone': storage 'gone' does not exist"},
			nil,
		},
		{
			"half past two does not exist when clocks go forward", "2027-03-27T12:00:00Z", 24 * time.Hour, job("j", "02:30", "vmid=100"),
			nil, nil,
		},
		{
			"and comes a day later", "2027-03-27T12:00:00Z", 64 * time.Hour, job("j", "02:30", "vmid=100"),
			[]string{"03-29 02:30 100 OK", "03-30 02:30 100 OK"},
			nil,
		},
		{
			"an hour that comes twice has one run", "2026-10-24T12:00:00Z", 30 * time.Hour, job("j", "02:30", "vmid=100"),
			[]string{"10-25 02:30 100 OK"},
			nil,
		},
		{"a schedule that never fires", "2026-11-20T12:00:00Z", 240 * time.Hour, job("j", "2020-01-01 00:00", "vmid=100"), nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, clock := zoned(t, tt.at, tt.job)
			clock.Advance(tt.advance)
			if got := started(c, "pve1"); !slices.Equal(got, tt.pve1) {
				t.Errorf("pve1: %q, want %q", got, tt.pve1)
			}
			if got := started(c, "pve2"); !slices.Equal(got, tt.pve2) {
				t.Errorf("pve2: %q, want %q", got, tt.pve2)
			}
		})
	}
}

func TestScheduledTasksAreRootsAndQuiet(t *testing.T) {
	c, clock := zoned(t, "2026-11-20T12:00:00Z", job("j", "01:00", "vmid=100,101", "mode=snapshot", "prune-backups=keep-last=2", "comment=mine", "repeat-missed=1"))
	clock.Advance(24 * time.Hour)
	c.Change(func(m *pvesim.Model) {
		upid := m.Tasks("pve1", "vzdump")[0]
		if !strings.HasSuffix(upid, ":vzdump:100:root@pam:") {
			t.Errorf("UPID %s", upid)
		}
		first, rest, _ := strings.Cut(string(m.Log(upid)), "\n")
		command, err := vzdump.ParseCommandLine(strings.TrimPrefix(first, "INFO: starting new backup job: "))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"quiet": "1", "mode": "snapshot", "storage": "nas", "prune-backups": "keep-last=2"}
		if fmt.Sprint(command.Options) != fmt.Sprint(want) || !slices.Equal(command.VMIDs, []int{100, 101}) {
			t.Errorf("command %+v, want options %v", command, want)
		}
		if !strings.HasPrefix(rest, "INFO: skip external VMs: 101\n") {
			t.Errorf("the guest of the other node is not named: %.60q", rest)
		}
	})
}

func TestJobsOfANodeTakeTurns(t *testing.T) {
	c, clock := zoned(t, "2026-11-20T12:00:00Z", job("a", "01:00", "vmid=100,102"), job("b", "01:05", "vmid=100"))
	c.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{Job: "a", Duration: 120}) })
	clock.Advance(12*time.Hour + 10*time.Minute)
	c.Change(func(m *pvesim.Model) {
		running := m.RunningBackups("pve1")
		if len(running) != 2 {
			t.Fatalf("running %q", running)
		}
		if log := string(m.Log(running[1])); log != "INFO: trying to get global lock - waiting...\n" {
			t.Errorf("the second task's log is %q", log)
		}
	})
	clock.Advance(4 * time.Hour)
	if got := started(c, "pve1"); !slices.Equal(got, []string{"11-21 01:00  OK", "11-21 01:05 100 OK"}) {
		t.Errorf("got %q", got)
	}
}

func TestLockIsNotWaitedForForEver(t *testing.T) {
	c, clock := zoned(t, "2026-11-20T12:00:00Z", job("a", "01:00", "vmid=100"), job("b", "01:05", "vmid=102"))
	c.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{Job: "a", Duration: 5000}) })
	clock.Advance(24 * time.Hour)
	c.Change(func(m *pvesim.Model) {
		upid := m.Tasks("pve1", "vzdump")[0]
		want := "INFO: trying to get global lock - waiting...\nERROR: can't acquire lock '/var/run/vzdump.lock' - got timeout\nINFO: notified via target `mail-to-root`\n"
		if got := string(m.Log(upid)); got != want || m.TaskStatus(upid) != "unexpected status" {
			t.Errorf("status %q, log %q", m.TaskStatus(upid), got)
		}
		if u, _ := vzdump.ParseUPID(upid); m.Now().Sub(time.Unix(u.Start, 0)) < 3*time.Hour {
			t.Error("the task gave up too early")
		}
	})
}

func TestMissedRuns(t *testing.T) {
	c, clock := zoned(t, "2026-11-20T12:00:00Z", job("skips", "01:00", "vmid=100"), job("repeats", "01:30", "vmid=102", "repeat-missed=1"))
	c.Change(func(m *pvesim.Model) { m.Node("pve1").Offline = true })
	clock.Advance(20 * time.Hour)
	c.Change(func(m *pvesim.Model) { m.Node("pve1").Offline = false })
	clock.Advance(time.Hour)
	if got := started(c, "pve1"); !slices.Equal(got, []string{"11-21 09:00 102 OK"}) {
		t.Errorf("got %q", got)
	}
}

func TestEditsStartTheJobsTimeAnew(t *testing.T) {
	c, clock := zoned(t, "2026-11-20T12:00:00Z", job("j", "01:00", "vmid=100"))
	c.Change(func(m *pvesim.Model) { m.Job("j").Disabled = true })
	clock.Advance(24 * time.Hour)
	c.Change(func(m *pvesim.Model) { m.Job("j").Disabled = false })
	clock.Advance(10 * time.Hour)
	c.Change(func(m *pvesim.Model) { m.Job("j").Schedule = "03:00" })
	clock.Advance(24 * time.Hour)
	c.Change(func(m *pvesim.Model) { m.RemoveJob("j") })
	clock.Advance(48 * time.Hour)
	if got := started(c, "pve1"); !slices.Equal(got, []string{"11-22 03:00 100 OK"}) {
		t.Errorf("got %q", got)
	}
}

func TestAJobLongerThanItsIntervalStartsAgainWhenItIsDone(t *testing.T) {
	c, clock := zoned(t, "2026-11-20T12:00:00Z", job("j", "daily", "vmid=100"))
	c.Change(func(m *pvesim.Model) {
		m.AddRule(pvesim.Rule{VMID: 100, Times: 1, Duration: 30 * 3600 / 12.8})
		m.Guests[100].Rate = 80 << 20
	})
	clock.Advance(62 * time.Hour)
	got := started(c, "pve1")
	if len(got) != 3 || !strings.HasPrefix(got[0], "11-21 00:00") || strings.HasPrefix(got[1], "11-22 00:00") || !strings.HasPrefix(got[2], "11-23 00:00") {
		t.Errorf("got %q", got)
	}
}

func TestStoppedSchedulerStartsNothing(t *testing.T) {
	c, clock := zoned(t, "2026-11-20T12:00:00Z", job("j", "hourly", "vmid=100,101"))
	c.Change(func(m *pvesim.Model) { m.Node("pve1").SchedulerStopped = true })
	clock.Advance(3*time.Hour + time.Minute)
	if one, two := started(c, "pve1"), started(c, "pve2"); len(one) != 0 || len(two) != 3 {
		t.Errorf("pve1 %q, pve2 %q", one, two)
	}
}
