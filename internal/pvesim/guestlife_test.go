package pvesim_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// life is a cluster with a backup of each of its guests, and a client that lets simulated time pass while it waits.
type life struct {
	*testing.T
	c      *pvesim.Cluster
	clock  *pvesim.Clock
	client *pve.Client
	ctx    context.Context
}

func newLife(t *testing.T) *life {
	t.Helper()
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) {
		m.Storage("local-zfs").Content = []string{"images", "rootdir"}
		m.Storage("local-zfs").Config = options{"pool": "rpool/data"}
		m.Guests[100].Config["net0"] = "virtio=BC:24:11:00:00:01,bridge=vmbr0"
		m.Guests[100].Config["onboot"] = "1"
		m.Guests[103].Config["net0"] = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:02,ip=dhcp"
		m.Access.Tokens["root@pam!full"] = &access.Token{Secret: "0000", FullRights: true}
	})
	for _, id := range []string{"100", "102", "103"} {
		backup(c, clock, options{"vmid": id, "storage": "nas", "mode": "snapshot", "compress": "zstd"})
	}
	l := &life{T: t, c: c, clock: clock, ctx: context.Background()}
	l.client = l.as("root@pam!full", "0000")
	return l
}

// as is a client with another token.
func (l *life) as(token, secret string) *pve.Client {
	l.Helper()
	client, err := pve.New(pve.Config{
		Endpoints: []string{"https://anywhere.invalid:8006"}, TokenID: token, TokenSecret: func() (string, error) { return secret, nil },
		Transport: wire.InProcess{Handler: l.c.HandlerAt("pve2")}, Retries: -1,
		Wait: func(_ context.Context, d time.Duration) error { l.clock.Advance(d); return nil },
	})
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(client.Close)
	return client
}

// archive is the volume id of the only archive of a guest.
func (l *life) archive(vmid int) (volume string) {
	l.Helper()
	l.c.Change(func(m *pvesim.Model) {
		for _, a := range m.Archives("nas", "pve1") {
			if a.VMID == vmid {
				volume = a.Volume()
			}
		}
	})
	return volume
}

// done waits for a task that must succeed and returns its log.
func (l *life) done(upid string, err error) string {
	l.Helper()
	task, log := l.ended(upid, err)
	if !task.Succeeded() {
		l.Fatalf("%s: %s\n%s", task.Type, task.Status, log)
	}
	return log
}

// ended waits for a task and returns it with its log.
func (l *life) ended(upid string, err error) (pve.Task, string) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
	task, err := l.client.WaitTask(l.ctx, "pve1", upid, time.Second)
	if err != nil {
		l.Fatal(err)
	}
	var log bytes.Buffer
	if _, err := l.client.TaskLog(l.ctx, "pve1", upid, &log); err != nil {
		l.Fatal(err)
	}
	return task, log.String()
}

// listed is a guest's row in /cluster/resources; nil where there is none.
func (l *life) listed(vmid int) *pve.GuestResource {
	l.Helper()
	all, err := l.client.Resources(l.ctx)
	if err != nil {
		l.Fatal(err)
	}
	for _, g := range all.Guests {
		if g.VMID == vmid {
			return &g
		}
	}
	return nil
}

func (l *life) used(storage string) (used float64) {
	l.c.Change(func(m *pvesim.Model) { used = m.Used(storage, "pve1") })
	return used
}

func (l *life) config(kind string, vmid int) map[string]string {
	l.Helper()
	values, err := l.client.GuestConfig(l.ctx, "pve1", kind, vmid)
	if err != nil {
		l.Fatal(err)
	}
	return values
}

func TestAMachineIsRestoredStartedAndRemoved(t *testing.T) {
	l := newLife(t)
	before, source := l.used("local-zfs"), l.config("qemu", 100)
	l.c.Change(func(m *pvesim.Model) { m.Guests[100].Config["name"] = "renamed-since" })
	log := l.done(l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100), "storage": "local-zfs", "unique": "1", "tags": "drill", "onboot": "0"}))
	for _, line := range []string{"restore vma archive: zstd -q -d -c ", "DEV: dev_id=1 size: 8589934592 devname: drive-scsi0", "new volume ID is 'local-zfs:vm-9000-disk-0'", "progress 100% (read 8589934592 bytes", "rescan volumes...", "TASK OK"} {
		if !strings.Contains(log, line) {
			t.Errorf("no %q in\n%s", line, log)
		}
	}
	got := l.config("qemu", 9000)
	if got["scsi0"] != "local-zfs:vm-9000-disk-0,size=8G" || got["scsi1"] != "" || got["onboot"] != "0" || got["tags"] != "drill" || got["name"] != "running" {
		t.Errorf("it is not the machine of the archive: %v", got)
	}
	if strings.Contains(got["net0"], "BC:24:11:00:00:01") || !strings.Contains(got["net0"], "bridge=vmbr0") {
		t.Errorf("the network card needs an address of its own: %s", got["net0"])
	}
	if g := l.listed(9000); g == nil || g.Status == "running" || l.used("local-zfs") <= before {
		t.Errorf("it is listed, and takes space: %+v", g)
	}
	if err := l.client.UpdateGuest(l.ctx, "pve1", "qemu", 9000, options{"delete": "net0"}, ""); err != nil || l.config("qemu", 9000)["net0"] != "" {
		t.Errorf("the network card goes: %v", err)
	}
	if err := l.client.AgentPing(l.ctx, "pve1", 9000); !pve.IsNotRunning(err) {
		t.Errorf("it is off: %v", err)
	}
	l.done(l.client.StartGuest(l.ctx, "pve1", "qemu", 9000))
	if err := l.client.AgentPing(l.ctx, "pve1", 9000); !pve.IsAgentSilent(err) {
		t.Errorf("it has not come up yet: %v", err)
	}
	l.clock.Advance(30 * time.Second)
	if err := l.client.AgentPing(l.ctx, "pve1", 9000); err != nil {
		t.Error(err)
	}
	if info, err := l.client.AgentOSInfo(l.ctx, "pve1", 9000); err != nil || info.ID != "debian" {
		t.Errorf("%+v %v", info, err)
	}
	if s, err := l.client.GuestStatus(l.ctx, "pve1", "qemu", 9000); err != nil || !s.Running || s.Uptime < 30 || s.Uptime > 60 {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := l.client.DestroyGuest(l.ctx, "pve1", "qemu", 9000, nil); !pve.IsRunning(err) {
		t.Errorf("it runs: %v", err)
	}
	l.done(l.client.StopGuest(l.ctx, "pve1", "qemu", 9000))
	l.done(l.client.DestroyGuest(l.ctx, "pve1", "qemu", 9000, options{"purge": "1"}))
	if l.listed(9000) != nil || l.used("local-zfs") != before {
		t.Error("something is left of it")
	}
	source["name"] = "renamed-since"
	for key, value := range l.config("qemu", 100) {
		if key != "digest" && source[key] != value {
			t.Errorf("the source has changed: %s is %s", key, value)
		}
	}
}

// A job that takes all guests takes a restored one too: that is what restores have to think of.
func TestARestoredGuestIsBackedUpByJobsForAll(t *testing.T) {
	l := newLife(t)
	l.c.Change(func(m *pvesim.Model) { m.Jobs = []*pvesim.Job{job("every", "daily", "all=1", "storage=nas")} })
	l.done(l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100)}))
	l.clock.Advance(48 * time.Hour)
	found := false
	l.c.Change(func(m *pvesim.Model) {
		for _, a := range m.Archives("nas", "pve1") {
			found = found || a.VMID == 9000
		}
	})
	if !found {
		t.Error("no backup of it was made")
	}
}

func TestAContainerIsRestored(t *testing.T) {
	l := newLife(t)
	log := l.done(l.client.RestoreContainer(l.ctx, "pve1", 9001, options{"ostemplate": l.archive(103), "storage": "plain", "hostname": "scratch", "unique": "1"}))
	if !strings.HasPrefix(log, "recovering backed-up configuration from '"+l.archive(103)+"'\nFormatting '/plain/images/9001/vm-9001-disk-0.raw', fmt=raw size=8589934592") ||
		!strings.Contains(log, "\nCreating filesystem with 2097152 4k blocks and 524288 inodes\n") || !strings.Contains(log, "\n\t32768, 98304, 163840, 229376, 294912, 819200, 884736, 1605632\n") {
		t.Errorf("log\n%s", log)
	}
	if got := l.config("lxc", 9001); got["rootfs"] != "plain:9001/vm-9001-disk-0.raw,size=8G" || got["hostname"] != "scratch" || strings.Contains(got["net0"], "BC:24:11:00:00:02") {
		t.Errorf("%v", got)
	}
	l.done(l.client.StartGuest(l.ctx, "pve1", "lxc", 9001))
	if _, err := l.client.StartGuest(l.ctx, "pve1", "lxc", 9001); !pve.IsAlreadyRunning(err) {
		t.Errorf("it runs: %v", err)
	}
	l.clock.Advance(5 * time.Second)
	cards, err := l.client.ContainerInterfaces(l.ctx, "pve1", 9001)
	if err != nil || len(cards) != 2 || cards[1].Name != "eth0" || !strings.HasSuffix(cards[1].IPv4, "/24") {
		t.Errorf("%v %v", cards, err)
	}
	if _, err := l.client.DestroyGuest(l.ctx, "pve1", "lxc", 9001, nil); !pve.IsRunning(err) {
		t.Errorf("it runs: %v", err)
	}
	l.done(l.client.DestroyGuest(l.ctx, "pve1", "lxc", 9001, options{"force": "1"}))
	if _, err := l.client.StopGuest(l.ctx, "pve1", "lxc", 9001); !pve.IsNotFound(err) {
		t.Errorf("it is gone: %v", err)
	}
}

// Mounts of the node come back for root himself only; a token says which volumes it wants instead.
func TestAContainerWithABindMountIsRestoredWithoutIt(t *testing.T) {
	l := newLife(t)
	task, _ := l.ended(l.client.RestoreContainer(l.ctx, "pve1", 9001, options{"ostemplate": l.archive(102), "storage": "local-zfs"}))
	if task.Status != "unable to restore CT 9001 - restoring 'mp0' to bind mount is only possible for root" || l.listed(9001) != nil {
		t.Errorf("%s, and it is there: %v", task.Status, l.listed(9001))
	}
	l.done(l.client.RestoreContainer(l.ctx, "pve1", 9001, options{"ostemplate": l.archive(102), "rootfs": "local-zfs:8", "mp1": "local-zfs:1,mp=/c"}))
	if got := l.config("lxc", 9001); got["mp0"] != "" || got["mp1"] != "local-zfs:subvol-9001-disk-1,mp=/c,size=1G" || got["hostname"] != "ct" {
		t.Errorf("%v", got)
	}
}
