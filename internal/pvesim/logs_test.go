package pvesim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// start is the present moment of the clusters of these tests.
func start() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// workbench is one node with a guest of each kind and a storage of each kind, and no jobs.
func workbench(t testing.TB) (*pvesim.Cluster, *pvesim.Clock) {
	t.Helper()
	clock := pvesim.NewClock(start())
	c := pvesim.New(pvesim.Options{Now: clock.Now, Seed: 5})
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	c.Build(func(m *pvesim.Model) {
		m.Nodes = []*pvesim.Node{{Name: "pve1", Zone: zone}, {Name: "pve2", Zone: zone}}
		m.Storages = []*pvesim.Storage{
			{ID: "local-zfs", Type: "zfspool", Content: []string{"images"}, Size: 1 << 40},
			{ID: "plain", Type: "dir", Content: []string{"images", "rootdir"}, Config: map[string]string{"path": "/plain"}, Size: 1 << 40},
			{ID: "nas", Type: "nfs", Content: []string{"backup"}, Retention: "keep-last=2", Size: 1 << 40},
			{
				ID: "pbs", Type: "pbs", Content: []string{"backup"}, Retention: "keep-last=2", Size: 1 << 40,
				Config: map[string]string{"server": "192.0.2.30", "datastore": "main", "username": "u@pbs"},
			},
		}
		add := func(id int, kind string, stopped bool, config map[string]string) {
			m.AddGuest(&pvesim.Guest{VMID: id, Type: kind, Node: "pve1", Stopped: stopped, Config: config, Used: 3 << 30})
		}
		add(100, "qemu", false, map[string]string{"name": "running", "agent": "1", "scsi0": "local-zfs:vm-100-disk-0,size=8G", "scsi1": "local-zfs:vm-100-disk-1,size=2G,backup=0"})
		add(101, "qemu", true, map[string]string{"name": "stopped", "scsi0": "local-zfs:vm-101-disk-0,size=8G", "unused0": "local-zfs:vm-101-disk-9"})
		add(102, "lxc", false, map[string]string{"hostname": "ct", "rootfs": "local-zfs:subvol-102-disk-0,size=8G", "mp0": "/srv,mp=/srv", "mp1": "local-zfs:subvol-102-disk-1,mp=/c,size=1G"})
		add(103, "lxc", false, map[string]string{"hostname": "plain-ct", "rootfs": "plain:103/vm-103-disk-0.raw,size=8G"})
		add(104, "qemu", true, map[string]string{"name": "diskless"})
	})
	return c, clock
}

// backup runs one backup by hand to its end and returns the task's log, status and UPID.
func backup(c *pvesim.Cluster, clock *pvesim.Clock, options map[string]string) (log []byte, status, upid string) {
	c.Change(func(m *pvesim.Model) { upid = m.Backup("pve1", options, "root@pam") })
	clock.Advance(12 * time.Hour)
	c.Change(func(m *pvesim.Model) { log, status = m.Log(upid), m.TaskStatus(upid) })
	return log, status, upid
}

// reasons tells how each outcome should read.
var reasons = map[runlog.Outcome]vzdump.Reason{
	runlog.StorageFull: vzdump.ReasonStorageFull, runlog.StorageUnavailable: vzdump.ReasonStorageUnavailable, runlog.LockTimeout: vzdump.ReasonLockTimeout,
	runlog.GuestLocked: vzdump.ReasonGuestLocked, runlog.GuestMissing: vzdump.ReasonGuestMissing, runlog.BackupLimit: vzdump.ReasonBackupLimit,
	runlog.ProtectedLimit: vzdump.ReasonBackupLimit, runlog.QMPTimeout: vzdump.ReasonQMPTimeout, runlog.IOError: vzdump.ReasonIOError,
	runlog.SnapshotFailed: vzdump.ReasonSnapshotFailed, runlog.Permission: vzdump.ReasonPermission, runlog.Network: vzdump.ReasonNetwork,
	runlog.HookFailed: vzdump.ReasonHookFailed, runlog.HookEndFailed: vzdump.ReasonHookFailed, runlog.PruneFailed: vzdump.ReasonPruneFailed,
	runlog.ArchiveWrite: vzdump.ReasonArchiveWrite, runlog.Interrupted: vzdump.ReasonInterrupted, runlog.Crashed: vzdump.ReasonCrashed,
	runlog.Unknown: vzdump.ReasonUnknown, runlog.ProtectFailed: vzdump.ReasonPermission,
}

// insteadOf tells what a guest suffers that cannot suffer an outcome; the empty reason stands for a success.
func insteadOf(vmid int, mode, storage string, o runlog.Outcome) (reason vzdump.Reason, differs bool) {
	container := vmid == 102 || vmid == 103
	switch {
	case container && o == runlog.QMPTimeout && storage == "pbs":
		return vzdump.ReasonNetwork, true
	case container && (o == runlog.QMPTimeout || o == runlog.Unknown):
		return vzdump.ReasonArchiveWrite, true
	case container && mode == "stop" && o == runlog.SnapshotFailed:
		return "", true
	}
	return "", false
}

func TestEveryOutcomeReadsAsItWasMeant(t *testing.T) {
	for _, storage := range []string{"nas", "pbs"} {
		for _, vmid := range []int{100, 101, 102, 103} {
			for _, mode := range []string{"snapshot", "suspend", "stop"} {
				for _, outcome := range runlog.Outcomes() {
					t.Run(fmt.Sprintf("%s/%d/%s/%s", storage, vmid, mode, outcome), func(t *testing.T) {
						c, clock := workbench(t)
						c.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: vmid, Outcome: outcome}) })
						log, status, _ := backup(c, clock, map[string]string{"vmid": fmt.Sprint(vmid), "storage": storage, "mode": mode, "compress": "zstd"})
						report, err := vzdump.Parse(newReader(log))
						if err != nil {
							t.Fatal(err)
						}
						report = report.WithStatus(vzdump.ParseStatus(status))
						check(t, report, vmid, mode, storage, outcome)
						if t.Failed() {
							t.Logf("status %q\n%s", status, log)
						}
					})
				}
			}
		}
	}
}

// check compares what the parser made of a log with the outcome that the log was written for.
func check(t *testing.T, report vzdump.Report, vmid int, mode, storage string, outcome runlog.Outcome) {
	t.Helper()
	if len(report.Guests) != 1 || report.Guests[0].VMID != vmid {
		t.Fatalf("guests %+v", report.Guests)
	}
	g := report.Guests[0]
	want, reason := vzdump.GuestFailed, reasons[outcome]
	other, differs := insteadOf(vmid, mode, storage, outcome)
	switch {
	case outcome == runlog.OK, differs && other == "":
		want, reason = vzdump.GuestSuccess, ""
	case differs:
		reason = other
	case outcome == runlog.Warned:
		want = vzdump.GuestWarning
	case outcome == runlog.Crashed:
		want = vzdump.GuestInterrupted
	}
	if g.Result != want || g.Reason != reason {
		t.Errorf("guest is %s (%s), want %s (%s)", g.Result, g.Reason, want, reason)
	}
	if outcome.Started() && outcome != runlog.Crashed && g.ArchiveStored != (outcome.Stored() || differs && other == "") {
		t.Errorf("archive stored %v for %s", g.ArchiveStored, outcome)
	}
	if want == vzdump.GuestSuccess && !g.Duration.Known() {
		t.Error("a success must tell its duration")
	}
}
