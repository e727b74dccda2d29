package pvesim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// begin starts a backup by hand of guest 100 of the workbench that takes about ten minutes, and lets three of them pass.
func begin(t *testing.T, options map[string]string) (c *pvesim.Cluster, clock *pvesim.Clock, upid string) {
	t.Helper()
	c, clock = workbench(t)
	c.Change(func(m *pvesim.Model) {
		m.Guests[100].Rate = 7 << 20
		if options["vmid"] == "" {
			options["vmid"] = "100"
		}
		upid = m.Backup("pve1", options, "root@pam!full")
	})
	clock.Advance(3 * time.Minute)
	return c, clock, upid
}

func TestARunningBackupShowsItself(t *testing.T) {
	c, clock, upid := begin(t, map[string]string{"storage": "nas", "mode": "snapshot", "compress": "zstd"})
	var before float64
	c.Change(func(m *pvesim.Model) {
		if m.Guests[100].Lock != "backup" || !slices.Equal(m.RunningBackups("pve1"), []string{upid}) || m.TaskStatus(upid) != "" {
			t.Errorf("lock %q, running %q", m.Guests[100].Lock, m.RunningBackups("pve1"))
		}
		report, err := vzdump.Parse(newReader(m.Log(upid)))
		if err != nil {
			t.Fatal(err)
		}
		report = report.WithStatus(vzdump.ParseStatus(""))
		before = report.Guests[0].Progress.Or(-1)
		if report.Guests[0].Result != vzdump.GuestRunning || before < 0.2 || before > 0.5 {
			t.Errorf("result %s, progress %v", report.Guests[0].Result, before)
		}
		if len(m.Archives("nas", "pve1")) != 0 {
			t.Error("an unfinished file must not be listed")
		}
	})
	clock.Advance(time.Minute)
	c.Change(func(m *pvesim.Model) {
		report, err := vzdump.Parse(newReader(m.Log(upid)))
		if err != nil || report.Guests[0].Progress.Or(-1) <= before {
			t.Errorf("the progress stands still at %v (%v)", report.Guests[0].Progress, err)
		}
	})
	clock.Advance(time.Hour)
	c.Change(func(m *pvesim.Model) {
		archives := m.Archives("nas", "pve1")
		if m.Guests[100].Lock != "" || m.TaskStatus(upid) != "OK" || len(archives) != 1 {
			t.Fatalf("lock %q, status %q, %d archives", m.Guests[100].Lock, m.TaskStatus(upid), len(archives))
		}
		if !strings.Contains(string(m.Log(upid)), "/dump/"+strings.TrimPrefix(archives[0].Volume(), "nas:backup/")+"'") {
			t.Errorf("the log does not name %s", archives[0].Volume())
		}
	})
}

func TestUploadsShowUnfinished(t *testing.T) {
	c, clock, _ := begin(t, map[string]string{"storage": "pbs", "mode": "snapshot"})
	c.Change(func(m *pvesim.Model) {
		if list := m.Archives("pbs", "pve1"); len(list) != 1 || list[0].Size != 1 || !list[0].Unfinished {
			t.Errorf("archives %+v", list)
		}
	})
	clock.Advance(2 * time.Hour)
	c.Change(func(m *pvesim.Model) {
		if list := m.Archives("pbs", "pve1"); len(list) != 1 || list[0].Size != 8<<30 || list[0].Unfinished {
			t.Errorf("archives %+v", list)
		}
	})
}

func TestEndsBeforeTheirTime(t *testing.T) {
	tests := []struct {
		name   string
		end    func(m *pvesim.Model, upid string)
		status string
		last   string
		lock   string
	}{
		{"stopped", func(m *pvesim.Model, upid string) { m.Stop(upid) }, "interrupted by signal", "TASK ERROR: interrupted by signal\n", ""},
		{"killed", func(m *pvesim.Model, _ string) { m.Crash("pve1", false) }, "unexpected status", "", ""},
		{"killed, and the lock stays", func(m *pvesim.Model, _ string) { m.Crash("pve1", true) }, "unexpected status", "", "backup"},
		{"power failure", func(m *pvesim.Model, _ string) { m.Node("pve1").Offline = true }, "unexpected status", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, clock, upid := begin(t, map[string]string{"storage": "pbs", "mode": "snapshot"})
			c.Change(func(m *pvesim.Model) { tt.end(m, upid) })
			clock.Advance(time.Hour)
			c.Change(func(m *pvesim.Model) {
				log := string(m.Log(upid))
				if m.TaskStatus(upid) != tt.status || m.Guests[100].Lock != tt.lock || tt.last != "" && !strings.HasSuffix(log, tt.last) || tt.last == "" && strings.Contains(log, "TASK") {
					t.Errorf("status %q, lock %q, log ends %q", m.TaskStatus(upid), m.Guests[100].Lock, log[max(0, len(log)-80):])
				}
				for _, a := range m.Archives("pbs", "pve1") {
					if !a.Unfinished {
						t.Error("nothing was finished")
					}
				}
			})
		})
	}
}

func TestTheEndOfATaskIsNoticedLater(t *testing.T) {
	t.Run("after a power failure", func(t *testing.T) {
		c, clock, upid := begin(t, map[string]string{"storage": "nas", "mode": "snapshot"})
		c.Change(func(m *pvesim.Model) { m.Node("pve1").Offline = true })
		clock.Advance(5 * time.Hour)
		c.Change(func(m *pvesim.Model) {
			if slices.Contains(m.Tasks("pve1", "vzdump"), upid) {
				t.Error("a node that is down writes no index")
			}
			m.Node("pve1").Offline = false
		})
		clock.Advance(time.Minute)
		c.Change(func(m *pvesim.Model) {
			if !slices.Contains(m.Tasks("pve1", "vzdump"), upid) {
				t.Error("the task must be listed after the next boot")
			}
		})
	})
	t.Run("of the scheduler", func(t *testing.T) {
		c, clock := zoned(t, "2026-11-20T12:00:00Z", job("j", "01:00", "vmid=100"))
		clock.Advance(12 * time.Hour)
		var upid string
		lag := 0
		for range 900 {
			clock.Advance(time.Second)
			c.Change(func(m *pvesim.Model) {
				if running := m.RunningBackups("pve1"); upid == "" && len(running) > 0 {
					upid = running[0]
				}
				if upid != "" && m.TaskStatus(upid) != "" && !slices.Contains(m.Tasks("pve1", "vzdump"), upid) {
					lag++
				}
			})
		}
		if lag < 1 || lag > 10 {
			t.Errorf("the end was noticed after %d seconds", lag)
		}
	})
}

func TestStorageTroublesOfTheirOwnAccord(t *testing.T) {
	tests := []struct {
		name    string
		trouble func(m *pvesim.Model)
		status  string
		reason  vzdump.Reason
	}{
		{"no space", func(m *pvesim.Model) { m.Storage("nas").Base = 1<<40 - 1<<20 }, "job errors", vzdump.ReasonStorageFull},
		{"gone from the start", func(m *pvesim.Model) { m.Storage("nas").DownOn = []string{"pve1"} }, "could not activate storage 'nas': storage 'nas' is not online", ""},
		{"disabled", func(m *pvesim.Model) { m.Storage("nas").Disabled = true }, "could not activate storage 'nas': storage 'nas' is disabled", ""},
		{"not for this node", func(m *pvesim.Model) { m.Storage("nas").Nodes = []string{"pve2"} }, "could not activate storage 'nas': storage 'nas' is not available on node 'pve1'", ""},
		{"holds no backups", func(m *pvesim.Model) { m.Storage("nas").Content = []string{"iso"} }, "could not get storage information for 'nas': can't use storage 'nas' for backups - wrong content type", ""},
		{"locked guest", func(m *pvesim.Model) { m.Guests[100].Lock = "snapshot" }, "job errors", vzdump.ReasonGuestLocked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, clock := workbench(t)
			c.Change(tt.trouble)
			log, status, _ := backup(c, clock, map[string]string{"vmid": "100", "storage": "nas"})
			report, err := vzdump.Parse(newReader(log))
			if err != nil {
				t.Fatal(err)
			}
			if status != tt.status || tt.reason != "" && report.Guests[0].Reason != tt.reason || tt.reason == "" && len(report.Guests) != 0 {
				t.Errorf("status %q, report %+v", status, report)
			}
		})
	}
	t.Run("gone between two guests", func(t *testing.T) {
		c, clock, upid := begin(t, map[string]string{"vmid": "100,101", "storage": "nas"})
		c.Change(func(m *pvesim.Model) { m.Storage("nas").DownOn = []string{"*"} })
		clock.Advance(time.Hour)
		c.Change(func(m *pvesim.Model) {
			report, err := vzdump.Parse(newReader(m.Log(upid)))
			if err != nil || len(report.Guests) != 2 || report.Guests[0].Result != vzdump.GuestSuccess || report.Guests[1].Reason != vzdump.ReasonStorageUnavailable {
				t.Errorf("report %+v %v", report, err)
			}
		})
	})
}

func TestRetentionAppliesAfterEachSuccess(t *testing.T) {
	c, clock := workbench(t)
	run := func(options map[string]string, outcome runlog.Outcome) (log string, left int) {
		c.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 100, Outcome: outcome}) })
		options["vmid"], options["storage"] = "100", "nas"
		text, _, _ := backup(c, clock, options)
		c.Change(func(m *pvesim.Model) { left = len(m.Archives("nas", "pve1")) })
		return string(text), left
	}
	for i, tt := range []struct {
		options map[string]string
		outcome runlog.Outcome
		line    string
		left    int
	}{
		{map[string]string{}, runlog.OK, "pruned 0 backup(s)\n", 1},
		{map[string]string{}, runlog.OK, "pruned 0 backup(s)\n", 2},
		{map[string]string{}, runlog.OK, "pruned 1 backup(s) not covered by keep-retention policy\n", 2},
		{map[string]string{}, runlog.IOError, "", 2},
		{map[string]string{}, runlog.PruneFailed, "error pruning backups - check log\n", 3},
		{map[string]string{"prune-backups": "keep-all=1"}, runlog.OK, "Finished Backup", 4},
		{map[string]string{"prune-backups": "keep-daily=2,keep-last=1"}, runlog.OK, "prune older backups with retention: keep-daily=2, keep-last=1\n", 3},
		{map[string]string{"remove": "0"}, runlog.OK, "max backup limit of 2 enforced", 3},
		{map[string]string{"protected": "1"}, runlog.OK, "marking backup as protected\n", 3},
		{map[string]string{"prune-backups": "keep-last=1"}, runlog.OK, "pruned 2 backup(s)", 2},
	} {
		log, left := run(tt.options, tt.outcome)
		if !strings.Contains(log, tt.line) || left != tt.left {
			t.Errorf("run %d: %d archives, want %d; the log lacks %q:\n%s", i, left, tt.left, tt.line, log)
		}
	}
}

func TestRulesForWholeTasks(t *testing.T) {
	tests := []struct {
		name   string
		rule   pvesim.Rule
		status string
		reason vzdump.Reason
	}{
		{"the hook script refuses", pvesim.Rule{JobHookFails: true}, "command '/usr/local/bin/vzdump-hook.pl job-start' failed: exit code 3", vzdump.ReasonHookFailed},
		{"any text", pvesim.Rule{Task: "could not activate storage 'x': storage 'x' is not online"}, "could not activate storage 'x': storage 'x' is not online", vzdump.ReasonStorageUnavailable},
		{"another storage's rule", pvesim.Rule{Task: "no", Storage: "pbs"}, "OK", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, clock := workbench(t)
			c.Change(func(m *pvesim.Model) { m.AddRule(tt.rule) })
			log, status, _ := backup(c, clock, map[string]string{"vmid": "100,101", "storage": "nas"})
			report, err := vzdump.Parse(newReader(log))
			if err != nil || status != tt.status || report.Reason != tt.reason {
				t.Errorf("status %q, reason %q (%v)\n%s", status, report.Reason, err, log)
			}
			checkGrammar(t, log, map[int]bool{})
		})
	}
}

func TestRulesCount(t *testing.T) {
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) {
		m.AddRule(pvesim.Rule{VMID: 101, Every: 3, Outcome: runlog.IOError})
		m.AddRule(pvesim.Rule{VMID: 102, Times: 2, Outcome: runlog.IOError})
		m.AddRule(pvesim.Rule{VMID: 103, From: start().Add(24 * time.Hour), Until: start().Add(48 * time.Hour), Outcome: runlog.IOError})
	})
	failed := map[int]string{}
	for range 6 {
		log, _, _ := backup(c, clock, map[string]string{"vmid": "101,102,103", "storage": "nas"})
		report, err := vzdump.Parse(newReader(log))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range report.Guests {
			failed[g.VMID] += map[bool]string{true: "x", false: "."}[g.Result == vzdump.GuestFailed]
		}
	}
	for id, want := range map[int]string{101: "x..x..", 102: "xx....", 103: "..xx.."} {
		if failed[id] != want {
			t.Errorf("guest %d fails %s, want %s", id, failed[id], want)
		}
	}
}

func TestHookLinesStayWithTheirGuest(t *testing.T) {
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) {
		m.Guests[100].HookLines = []string{"Finished Backup of VM 102 (00:00:01)", "Backup job finished successfully", "ERROR: Backup of VM 102 failed - lies"}
		m.AddRule(pvesim.Rule{VMID: 102, Outcome: runlog.IOError})
	})
	log, _, _ := backup(c, clock, map[string]string{"vmid": "100,102", "storage": "nas", "script": "/usr/local/bin/hook.pl"})
	if !strings.Contains(string(log), "INFO: Finished Backup of VM 102 (00:00:01)\n") {
		t.Fatalf("the hook's lines are missing:\n%s", log)
	}
	report, err := vzdump.Parse(newReader(log))
	if err != nil || len(report.Guests) != 2 || report.Guests[0].Result != vzdump.GuestSuccess || report.Guests[1].Result != vzdump.GuestFailed {
		t.Errorf("report %+v %v", report.Guests, err)
	}
}

func TestGuestsComeAndGoByTasks(t *testing.T) {
	c, clock := workbench(t)
	backup(c, clock, map[string]string{"vmid": "102", "storage": "nas"})
	c.Change(func(m *pvesim.Model) {
		m.Jobs = []*pvesim.Job{job("j", "daily", "vmid=100,102")}
		m.Migrate(100, "pve2", "root@pam")
		m.Destroy(102, true, "root@pam")
		g := m.Restore(m.Archives("nas", "pve1")[0], 160, "pve2", "root@pam")
		if m.Guests[100].Node != "pve2" || m.Guests[102] != nil || g.Type != "lxc" || m.Job("j").Get("vmid") != "100" {
			t.Errorf("guests %v, job %q", m.VMIDs(), m.Job("j").Get("vmid"))
		}
		for kind, node := range map[string]string{"qmigrate": "pve1", "vzdestroy": "pve1", "vzrestore": "pve2"} {
			if len(m.Tasks(node, kind)) != 1 {
				t.Errorf("no %s on %s", kind, node)
			}
		}
	})
}
