package refresh

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

const nfs = "backup-nfs"

func TestOneFailedGuestInAJobOfManyLeavesTheOthersTheirSuccess(t *testing.T) {
	b := newStory(t, setting{days: 3, guests: 6})
	b.slow()
	before := b.target("lxc/101", nfs).LastSuccess
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 101, Outcome: runlog.StorageFull}) })
	b.night()
	b.fast()
	for _, one := range b.picture.Targets {
		if one.Storage != nfs {
			continue
		}
		if one.VMID == 101 {
			if !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonStorageFull || one.LastSuccess != before || one.Attempts != 1 || one.Failures != 1 {
				t.Errorf("the failed guest: %+v", one)
			}
			continue
		}
		b.wantTime(one.Guest+" last success", one.LastSuccess, "2026-07-16 01:")
		if one.LastAttemptFailed || one.Attempts != 1 || one.Failures != 0 || one.LastAttempt != one.LastSuccess {
			t.Errorf("%s suffers for another guest: %+v", one.Guest, one)
		}
	}
	if job := b.job("nightly"); !job.LastRunFailed.Or(false) {
		t.Errorf("the job's run failed: %+v", job)
	}
	b.wantSeries(map[string]float64{
		`guest_last_failure_reason{environment="unassigned",id="lxc/101",reason="storage_full",storage="backup-nfs"}`: 1,
		`guest_last_attempt_failed{environment="unassigned",id="qemu/100",storage="backup-nfs"}`:                      0,
		`job_last_run_failed{backup_job="nightly"}`:                                                                   1,
	})
	b.wantNoSeries("guest_last_failure_reason", `id="qemu/100"`)

	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 101}) })
	b.night()
	b.fast()
	if one := b.target("lxc/101", nfs); one.LastAttemptFailed || one.Attempts != 2 || one.Failures != 1 {
		t.Errorf("the next success must clear the failure: %+v", one)
	}
	b.wantNoSeries("guest_last_failure_reason")
	b.nobodyMissing()
}

func TestWarningsAreASuccess(t *testing.T) {
	b := newStory(t, setting{})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 100, Outcome: runlog.Warned}) })
	b.night()
	b.fast()
	b.cluster.Change(func(m *pvesim.Model) {
		if status := m.TaskStatus(m.Tasks("pve1", "vzdump")[0]); status != "WARNINGS: 1" {
			t.Fatalf("the story needs a task with warnings, not %q", status)
		}
	})
	for _, id := range []string{"qemu/100", "lxc/101"} {
		one := b.target(id, nfs)
		b.wantTime(id+" last success", one.LastSuccess, "2026-07-16 01:")
		if one.LastAttemptFailed || one.Failures != 0 {
			t.Errorf("%s: a warning is no failure: %+v", id, one)
		}
	}
	if b.job("nightly").LastRunFailed.Or(true) {
		t.Error("a run with warnings did not fail")
	}
}

func TestAStoredArchiveWithAFailedPruneIsASuccessAndAFailedAttempt(t *testing.T) {
	b := newStory(t, setting{days: 1})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 100, Outcome: runlog.PruneFailed}) })
	b.night()
	b.fast()
	one := b.target("qemu/100", nfs)
	b.wantTime("last success", one.LastSuccess, "2026-07-16 01:")
	if !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonPruneFailed || one.Attempts != 1 || one.Failures != 1 {
		t.Errorf("the attempt failed: %+v", one)
	}
	if archives, _ := one.Archives.Get(); archives.Count != 2 || !one.ArchiveBytes.Known() {
		t.Errorf("the archive is there and has a size: %+v", one)
	}
	b.wantSeries(map[string]float64{
		`guest_last_failure_reason{environment="unassigned",id="qemu/100",reason="prune_failed",storage="backup-nfs"}`: 1,
		`guest_last_attempt_failed{environment="unassigned",id="qemu/100",storage="backup-nfs"}`:                       1,
	})
}

func TestADeletedGuestInAJobHarmsNobodyElse(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 3, guests: 3, build: func(m *pvesim.Model) {
		job := m.Job("nightly")
		delete(job.Options, "all")
		job.Options["vmid"] = "100,101"
	}})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.Destroy(101, false, "root@pam") })
	b.night()
	b.fast()
	b.cluster.Change(func(m *pvesim.Model) {
		for _, node := range []string{"pve1", "pve2", "pve3"} {
			if tasks := m.Tasks(node, "vzdump"); len(tasks) == 0 || m.TaskStatus(tasks[0]) != "job errors" {
				t.Fatalf("the story needs a failed task on every node: %s has %v", node, tasks)
			}
		}
	})
	one := b.target("qemu/100", nfs)
	b.wantTime("the other's last success", one.LastSuccess, "2026-07-16 01:")
	if one.LastAttemptFailed {
		t.Errorf("the other guest did not fail: %+v", one)
	}
	for _, node := range b.picture.Nodes {
		if node.UnattributedFailure {
			t.Errorf("%s: the log names the guest that is gone: nothing is left to attribute", node.Name)
		}
	}
	b.wantSeries(map[string]float64{
		`job_missing_guests{backup_job="nightly"}`:  1,
		`job_guests{backup_job="nightly"}`:          1,
		`job_last_run_failed{backup_job="nightly"}`: 1,
	})
	b.wantNoSeries(`id="lxc/101"`)
	b.nobodyMissing()
}
