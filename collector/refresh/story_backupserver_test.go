package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

const pbs = "pbs-remote"

// onBackupServer has every night's backups on a Proxmox Backup Server, which lists a snapshot from its first byte on; each takes an hour.
func onBackupServer(m *pvesim.Model) {
	m.Job("nightly").Options["storage"] = pbs
	m.Job("nightly").Options["prune-backups"] = ""
	m.RemoveJob("offsite")
	m.AddRule(pvesim.Rule{Duration: 150})
}

func TestAnUnfinishedSnapshotIsNoBackup(t *testing.T) {
	for name, troubles := range map[string][]wire.Fault{
		"its task is seen to run":     nil,
		"its node is out of reach":    {{Node: "pve2", Status: 595}},
		"its log cannot be read":      {{Node: "pve2", Endpoint: logCall, Status: 403}},
		"its node's tasks are unread": {{Node: "pve2", Status: 595}, broken("/cluster/tasks")},
	} {
		for _, details := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				b := newStory(t, setting{days: 3, nodes: 2, build: onBackupServer})
				if details {
					b.token, b.secret = pvesim.DetailsToken, pvesim.DetailsSecret
					b.connect()
					b.refresher.Settings.ArchiveDetails = true
				}
				b.slow()
				before := b.target("lxc/101", pbs)
				b.wantTime("last success", before.LastSuccess, "2026-07-15 0")
				b.clock.Set(utc("2026-07-16 00:59"))
				b.fast()
				var ends []func()
				for _, trouble := range troubles {
					ends = append(ends, b.cluster.Faults.Add(trouble))
				}
				b.clock.Set(utc("2026-07-16 01:10"))
				b.slow()
				running := b.target("lxc/101", pbs)
				if sum, _ := running.Archives.Get(); sum.Count != 2 {
					t.Fatalf("the story needs a snapshot that is being written: %+v", running)
				}
				if running.LastSuccess != before.LastSuccess || running.Expected != before.Expected || running.Excess != before.Excess {
					t.Errorf("what was begun is no backup: %+v", running)
				}
				b.cluster.Change(func(m *pvesim.Model) { m.Crash("pve2", false) })
				b.slow()
				b.clock.Advance(6 * time.Hour)
				b.slow()
				if got := b.target("lxc/101", pbs); got.LastSuccess != before.LastSuccess {
					t.Errorf("what was given up is no backup: %+v", got)
				}
				for _, end := range ends {
					end()
				}
				b.slow()
				one := b.target("lxc/101", pbs)
				if one.LastSuccess != before.LastSuccess || !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonCrashed {
					t.Errorf("the log tells what became of it: %+v", one)
				}
				if one.ArchiveBytes.Known() {
					t.Error("stored bytes are not known of a backup server")
				}
				b.nobodyMissing()
			})
		}
	}
}

func TestABackupServerWhoseNodesTasksAreUnreadMakesNobodyOverdue(t *testing.T) {
	b := newStory(t, setting{days: 3, nodes: 2, build: onBackupServer})
	b.slow()
	works := b.cluster.Faults.Add(wire.Fault{Node: "pve2", Endpoint: "/nodes/{node}/tasks", Status: 595})
	lists := b.cluster.Faults.Add(broken("/cluster/tasks"))
	b.watch(utc("2026-07-18 18:00"), 6*time.Hour, b.nobodyMissing)
	b.wantTime("the other node", b.target("qemu/100", pbs).LastSuccess, "2026-07-18 0")
	works()
	lists()
	b.slow()
	b.nobodyMissing()
	b.wantTime("last success", b.target("lxc/101", pbs).LastSuccess, "2026-07-18 0")
}

func TestABackupServerAndATokenThatMayNoLongerSeeTasks(t *testing.T) {
	b := newStory(t, setting{days: 3, nodes: 2, build: onBackupServer})
	b.slow()
	b.cluster.Change(withhold("Sys.Audit"))
	b.watch(utc("2026-07-18 18:00"), 6*time.Hour, b.nobodyMissing)
	b.wantTime("archives are all that is known", b.target("lxc/101", pbs).LastSuccess, "2026-07-18 01:00")
}
