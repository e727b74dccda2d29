package pvesim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// What fails leaves an empty machine, and no container.
func TestAFailedRestore(t *testing.T) {
	corrupt := func(m *pvesim.Model) {
		for _, a := range m.Archives("nas", "pve1") {
			a.Corrupt = true
		}
	}
	full := func(m *pvesim.Model) { m.Storage("plain").Base = 1<<40 - 1<<20 }
	for _, tt := range []struct {
		what       string
		before     func(*pvesim.Model)
		vm, ct     string // parts of the statuses
		vmLog, log string
	}{
		{"an archive that is cut off", corrupt, "failed: exit code 1", "archive contains no configuration file", "vma: restore failed", "zstd: "},
		{"a full storage", full, "failed: exit code 1", "failed: exit code 2", "(-28)", "No space left on device"},
		{"an ordered failure", func(m *pvesim.Model) { m.AddTrouble(pvesim.Trouble{Fails: "no luck"}) }, "no luck", "unable to restore CT 9000 - no luck", "progress 5", "restoring '"},
		{"a storage that is gone", func(m *pvesim.Model) { m.Storage("plain").DownOn = []string{"*"} }, "is unreachable", "is unreachable", "", ""},
		{"an archive's storage that is gone", func(m *pvesim.Model) { m.Storage("nas").DownOn = []string{"*"} }, "storage 'nas' is not online", "storage 'nas' is not online", "", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			l := newLife(t)
			machine, container := l.archive(100), l.archive(103)
			l.c.Change(tt.before)
			used := l.used("plain")
			task, log := l.ended(l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": machine, "storage": "plain", "name": "scratch", "tags": "drill"}))
			if !strings.Contains(task.Status, tt.vm) || !strings.Contains(log, tt.vmLog) || !strings.Contains(log, "VM 9000 state is NOT cleaned up.\nTASK ERROR: ") {
				t.Errorf("status %q, log\n%s", task.Status, log)
			}
			if g := l.listed(9000); g == nil || g.Lock != "" || g.Name != "VM 9000" || len(l.config("qemu", 9000)) != 1 {
				t.Errorf("an empty machine is left, without name and lock: %+v", g)
			}
			l.c.Change(func(m *pvesim.Model) { m.AddTrouble(pvesim.Trouble{Task: "qmdestroy"}) })
			l.done(l.client.DestroyGuest(l.ctx, "pve1", "qemu", 9000, nil))
			if tt.what == "a storage that is gone" {
				_, err := l.client.RestoreContainer(l.ctx, "pve1", 9000, options{"ostemplate": container, "storage": "plain"})
				wantRefusal(t, tt.what, err, 500, tt.ct)
				return
			}
			task, log = l.ended(l.client.RestoreContainer(l.ctx, "pve1", 9000, options{"ostemplate": container, "storage": "plain"}))
			if !strings.Contains(task.Status, tt.ct) || !strings.HasPrefix(task.Status, "unable to restore CT 9000 - ") || !strings.Contains(log, tt.log) {
				t.Errorf("status %q, log\n%s", task.Status, log)
			}
			if l.listed(9000) != nil || l.used("plain") != used {
				t.Error("a container is left, or space is lost")
			}
		})
	}
}

func TestAMissingArchive(t *testing.T) {
	l := newLife(t)
	machine, container := l.archive(100), l.archive(103)
	l.c.Change(func(m *pvesim.Model) {
		for _, a := range slices.Clone(m.Archives("nas", "pve1")) {
			m.RemoveArchive(a)
		}
	})
	if _, err := l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": machine}); !pve.IsNotFound(err) || l.listed(9000) != nil {
		t.Errorf("refused at once: %v", err)
	}
	task, _ := l.ended(l.client.RestoreContainer(l.ctx, "pve1", 9000, options{"ostemplate": container, "storage": "plain"}))
	if task.Status != "unable to restore CT 9000 - volume '"+container+"' does not exist" {
		t.Errorf("fails in the task: %s", task.Status)
	}
	if _, err := l.client.ExtractConfig(l.ctx, "pve1", machine); !pve.IsNotFound(err) {
		t.Errorf("no configuration either: %v", err)
	}
}

func TestAStoppedRestore(t *testing.T) {
	l := newLife(t)
	l.c.Change(func(m *pvesim.Model) { m.AddTrouble(pvesim.Trouble{Duration: 100}) })
	for kind, restore := range map[string]func() (string, error){
		"qemu": func() (string, error) {
			return l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100)})
		},
		"lxc": func() (string, error) {
			return l.client.RestoreContainer(l.ctx, "pve1", 9001, options{"ostemplate": l.archive(103), "storage": "plain"})
		},
	} {
		upid, err := restore()
		if err != nil {
			t.Fatal(err)
		}
		l.clock.Advance(8 * time.Minute)
		vmid := map[string]int{"qemu": 9000, "lxc": 9001}[kind]
		if g := l.listed(vmid); g == nil || g.Lock != "create" {
			t.Errorf("locked while it is filled: %+v", g)
		}
		if err := l.client.UpdateGuest(l.ctx, "pve1", kind, vmid, options{"tags": "x"}, ""); !pve.IsGuestLocked(err) {
			t.Errorf("%s is locked: %v", kind, err)
		}
		upidOf, err := l.client.DestroyGuest(l.ctx, "pve1", kind, vmid, nil)
		if err == nil {
			l.c.Change(func(m *pvesim.Model) { m.AddTrouble(pvesim.Trouble{Task: "qmdestroy"}) })
			task, _ := l.ended(upidOf, nil)
			err = task.Err()
		}
		if !pve.IsGuestLocked(err) {
			t.Errorf("%s is locked: %v", kind, err)
		}
		if err := l.client.StopTask(l.ctx, "pve1", upid); err != nil {
			t.Fatal(err)
		}
		task, _ := l.ended(upid, nil)
		if !strings.HasSuffix(task.Status, "failed: interrupted by signal") || (l.listed(vmid) != nil) != (kind == "qemu") {
			t.Errorf("%s: %q, left %+v", kind, task.Status, l.listed(vmid))
		}
	}
}

// A node that dies leaves everything as it was at that moment; what ran does not run again.
func TestANodeThatDiesDuringARestore(t *testing.T) {
	l := newLife(t)
	l.done(l.client.RestoreVM(l.ctx, "pve1", 9001, options{"archive": l.archive(100), "onboot": "0"}))
	l.done(l.client.StartGuest(l.ctx, "pve1", "qemu", 9001))
	l.c.Change(func(m *pvesim.Model) { m.AddTrouble(pvesim.Trouble{VMID: 9000, NodeFails: true}) })
	upid, err := l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100)})
	if err != nil {
		t.Fatal(err)
	}
	if task, err := l.client.WaitTask(l.ctx, "pve1", upid, time.Second); !pve.IsNodeUnreachable(err) {
		t.Errorf("the node is gone: %+v %v", task, err)
	}
	l.c.Change(func(m *pvesim.Model) { m.Node("pve1").Offline = false })
	l.clock.Advance(time.Minute)
	if task, err := l.client.TaskStatus(l.ctx, "pve1", upid); err != nil || task.Status != "unexpected status" {
		t.Errorf("%+v %v", task, err)
	}
	if g := l.listed(9000); g == nil || g.Lock != "create" {
		t.Errorf("it stays locked: %+v", g)
	}
	l.c.Change(func(m *pvesim.Model) { m.AddTrouble(pvesim.Trouble{VMID: 9000}) })
	task, _ := l.ended(l.client.DestroyGuest(l.ctx, "pve1", "qemu", 9000, nil))
	if task.Status != "VM is locked (create)" {
		t.Errorf("only root gets rid of it: %s", task.Status)
	}
	if g := l.listed(9001); g == nil || g.Status == "running" {
		t.Errorf("what does not start with the node is off: %+v", g)
	}
}

func TestAGuestThatDoesNotComeUp(t *testing.T) {
	for what, trouble := range map[string]pvesim.Trouble{
		"never boots": {NeverBoots: true}, "is silent": {AgentSilent: true}, "dies": {Dies: true}, "is slow": {Boot: 10 * time.Minute},
	} {
		t.Run(what, func(t *testing.T) {
			l := newLife(t)
			l.done(l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100)}))
			trouble.Task = "qmstart"
			l.c.Change(func(m *pvesim.Model) { m.AddTrouble(trouble) })
			l.done(l.client.StartGuest(l.ctx, "pve1", "qemu", 9000))
			l.clock.Advance(5 * time.Minute)
			err := l.client.AgentPing(l.ctx, "pve1", 9000)
			if what == "dies" && !pve.IsNotRunning(err) || what != "dies" && !pve.IsAgentSilent(err) {
				t.Errorf("%v", err)
			}
			l.clock.Advance(10 * time.Minute)
			if err := l.client.AgentPing(l.ctx, "pve1", 9000); (err == nil) != (what == "is slow") {
				t.Errorf("later: %v", err)
			}
			if what == "never boots" {
				task, _ := l.ended(l.client.ShutdownGuest(l.ctx, "pve1", "qemu", 9000, options{"timeout": "30"}))
				if task.Status != "VM quit/powerdown failed - got timeout" {
					t.Errorf("it does not listen: %s", task.Status)
				}
				l.done(l.client.ShutdownGuest(l.ctx, "pve1", "qemu", 9000, options{"timeout": "30", "forceStop": "1"}))
			}
		})
	}
}

// Devices of the node come back for root himself only.
func TestAMachineWithADeviceOfTheNode(t *testing.T) {
	l := newLife(t)
	l.c.Change(func(m *pvesim.Model) {
		for _, a := range m.Archives("nas", "pve1") {
			a.Config = options{"name": "gpu", "hostpci0": "0000:01:00,pcie=1"}
		}
	})
	task, _ := l.ended(l.client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100)}))
	if task.Status != "only root can set 'hostpci0' config for non-mapped devices" {
		t.Errorf("%s", task.Status)
	}
	text, err := l.client.ExtractConfig(l.ctx, "pve1", l.archive(100))
	if err != nil || text != "hostpci0: 0000:01:00,pcie=1\nname: gpu\n" {
		t.Errorf("%q %v", text, err)
	}
}

// restorer are the privileges that a drill of a machine needs.
func restorer() map[string][]string {
	return map[string][]string{
		"/vms":               {"VM.Allocate", "VM.Audit", "VM.Backup", "VM.PowerMgmt", "VM.GuestAgent.Audit", "VM.Config.Options"},
		"/storage/nas":       {"Datastore.AllocateSpace"},
		"/storage/local-zfs": {"Datastore.AllocateSpace"},
		"/sdn/zones":         {"SDN.Use"},
		"/nodes/pve1":        {"Sys.Audit"},
	}
}

func (l *life) grant(privileges map[string][]string) *pve.Client {
	l.Helper()
	l.c.Change(func(m *pvesim.Model) {
		m.Access.Users["drill@pve"] = &access.User{}
		m.Access.Tokens["drill@pve!t"] = &access.Token{Secret: "drill-secret", FullRights: true}
		m.Access.Grants = nil
		for path, list := range privileges {
			m.Access.Roles["On"+path] = list
			m.Access.Grants = append(m.Access.Grants, access.Grant{Path: path, Who: "drill@pve", Role: "On" + path})
		}
	})
	return l.as("drill@pve!t", "drill-secret")
}

func TestTheRightsOfARestore(t *testing.T) {
	all := func(l *life, client *pve.Client) error {
		upid, err := client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100), "storage": "local-zfs", "onboot": "0"})
		if err != nil {
			return err
		}
		if task, err := client.WaitTask(l.ctx, "pve1", upid, time.Second); err != nil || task.Err() != nil {
			return task.Err()
		}
		for _, step := range []func() (string, error){
			func() (string, error) { return client.StartGuest(l.ctx, "pve1", "qemu", 9000) },
			func() (string, error) { return "", l.sleep(client.AgentPing(l.ctx, "pve1", 9000)) },
			func() (string, error) { return client.StopGuest(l.ctx, "pve1", "qemu", 9000) },
			func() (string, error) { return client.DestroyGuest(l.ctx, "pve1", "qemu", 9000, nil) },
		} {
			upid, err := step()
			if err != nil {
				return err
			}
			if upid != "" {
				if _, err := client.WaitTask(l.ctx, "pve1", upid, time.Second); err != nil {
					return err
				}
			}
		}
		_, err = client.NodeStatus(l.ctx, "pve1")
		return err
	}
	l := newLife(t)
	if err := all(l, l.grant(restorer())); err != nil {
		t.Fatal(err)
	}
	for path, list := range restorer() {
		for _, privilege := range list {
			if privilege == "VM.Audit" { // for looking at it, which is tested elsewhere
				continue
			}
			l := newLife(t)
			rights := restorer()
			rights[path] = slices.DeleteFunc(slices.Clone(list), func(p string) bool { return p == privilege })
			err := all(l, l.grant(rights))
			if err == nil || privilege != "VM.Allocate" && !strings.Contains(err.Error(), privilege) {
				t.Errorf("without %s on %s: %v", privilege, path, err)
			}
		}
	}
}

// sleep lets the guest come up after a first question that may be too early.
func (l *life) sleep(err error) error {
	if pve.IsAgentSilent(err) {
		l.clock.Advance(time.Minute)
		return nil
	}
	return err
}

// A privilege on the guest itself is gone with the guest: the second restore is refused.
func TestGrantsGoWithTheGuest(t *testing.T) {
	l := newLife(t)
	rights := restorer()
	rights["/vms/9000"], rights["/vms"] = rights["/vms"], []string{"VM.Backup", "VM.Audit"}
	client := l.grant(rights)
	restore := func() (string, error) {
		return client.RestoreVM(l.ctx, "pve1", 9000, options{"archive": l.archive(100), "storage": "local-zfs"})
	}
	l.done(restore())
	l.done(client.DestroyGuest(l.ctx, "pve1", "qemu", 9000, nil))
	if _, err := restore(); !pve.IsForbidden(err) {
		t.Errorf("its rights are gone: %v", err)
	}
}
