package pvesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const (
	standard = "debian-13-standard_13.1-2_amd64.tar.zst"
	own      = "https://files.example/own.tar.zst"
	sum      = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)

// withTemplates is a cluster whose nodes can fetch templates.
func withTemplates(t *testing.T) *life {
	l := newLife(t)
	l.c.Change(func(m *pvesim.Model) {
		m.Storages = append(m.Storages, &pvesim.Storage{ID: "local", Type: "dir", Content: []string{"vztmpl"}, Config: options{"path": "/var/lib/vz"}, Size: 1 << 40})
		m.TemplateIndex = []*pvesim.Template{{Name: standard, Size: 120 << 20, Systemd: 257}}
		m.Downloads = map[string]*pvesim.Download{own: {Size: 50 << 20, SHA256: sum, Template: pvesim.Template{HostKeys: options{"ed25519": "SHA256:abc"}}}}
	})
	return l
}

func TestTemplatesAreDownloaded(t *testing.T) {
	l := withTemplates(t)
	if offered, err := l.client.AvailableTemplates(l.ctx, "pve1"); err != nil || len(offered) != 1 || offered[0].Package != "debian-13-standard" || offered[0].Version != "13.1-2" {
		t.Errorf("%+v %v", offered, err)
	}
	l.done(l.client.DownloadTemplate(l.ctx, "pve1", "local", standard))
	if log := l.done(l.client.DownloadTemplate(l.ctx, "pve1", "local", standard)); !strings.Contains(log, "no need to download") {
		t.Errorf("it is there already:\n%s", log)
	}
	_, err := l.client.DownloadTemplate(l.ctx, "pve1", "local", "nope.tar.zst")
	wantRefusal(t, "not in the index", err, 400, "template: no such template")
	_, err = l.client.DownloadTemplate(l.ctx, "pve1", "nas", standard)
	wantRefusal(t, "no place for templates", err, 500, "storage 'nas' is not configured for content-type 'vztmpl'")

	file := options{"content": "vztmpl", "url": own, "filename": "minio.tar.zst", "checksum": sum, "checksum-algorithm": "sha256"}
	file["checksum"] = strings.Repeat("0", 64)
	if task, _ := l.ended(l.client.DownloadURL(l.ctx, "pve1", "local", file)); !strings.HasPrefix(task.Status, "checksum mismatch: got '"+sum) {
		t.Errorf("a wrong checksum: %s", task.Status)
	}
	file["checksum"] = sum
	l.done(l.client.DownloadURL(l.ctx, "pve1", "local", file))
	_, err = l.client.DownloadURL(l.ctx, "pve1", "local", file)
	if !pve.IsAlreadyExists(err) {
		t.Errorf("it is there: %v", err)
	}
	if task, _ := l.ended(l.client.DownloadURL(l.ctx, "pve1", "local", options{"content": "vztmpl", "url": "https://files.example/gone", "filename": "gone.tar.gz"})); !strings.HasPrefix(task.Status, "download failed: ") {
		t.Errorf("nothing is there: %s", task.Status)
	}
	list, err := l.client.Templates(l.ctx, "pve1", "local")
	if err != nil || len(list) != 2 || list[0].VolumeID != "local:vztmpl/"+standard || list[1] != (pve.Template{VolumeID: "local:vztmpl/minio.tar.zst", Format: "tzst", Size: 50 << 20, Created: list[1].Created}) {
		t.Errorf("%+v %v", list, err)
	}
	if elsewhere, err := l.client.Templates(l.ctx, "pve2", "local"); err != nil || len(elsewhere) != 0 {
		t.Errorf("the other node has none: %v %v", elsewhere, err)
	}
}

func TestAContainerIsMade(t *testing.T) {
	l := withTemplates(t)
	l.done(l.client.DownloadTemplate(l.ctx, "pve1", "local", standard))
	l.done(l.client.DownloadURL(l.ctx, "pve1", "local", options{"content": "vztmpl", "url": own, "filename": "minio.tar.zst"}))
	wanted := options{
		"ostemplate": "local:vztmpl/minio.tar.zst", "hostname": "minio.example.org", "rootfs": "plain:8", "mp0": "plain:50,mp=/data,backup=1", "unprivileged": "1",
		"net0": "name=eth0,bridge=vmbr0,ip=192.0.2.7/24,gw=192.0.2.1,firewall=1", "ssh-public-keys": "ssh-ed25519 AAAA+/= me\nssh-ed25519 BBBB you", "password": "s3cret", "start": "1",
		"features": "nesting=1",
	}
	log := l.done(l.client.CreateContainer(l.ctx, "pve1", 300, wanted))
	if !strings.Contains(log, "Creating SSH host key 'ssh_host_ed25519_key' - this may take some time ...\ndone: SHA256:abc root@minio\nTASK OK\n") {
		t.Errorf("the fingerprint of the host key is in the log:\n%s", log)
	}
	if got := l.config("lxc", 300); got["mp0"] != "plain:300/vm-300-disk-1.raw,mp=/data,backup=1,size=50G" || got["unprivileged"] != "1" || got["password"] != "" || got["ssh-public-keys"] != "" || got["ostype"] != "debian" {
		t.Errorf("%v", got)
	}
	l.clock.Advance(time.Minute)
	if cards, err := l.client.ContainerInterfaces(l.ctx, "pve1", 300); err != nil || len(cards) != 2 || cards[1].IPv4 != "192.0.2.7/24" {
		t.Errorf("it was started: %v %v", cards, err)
	}
	_, err := l.client.CreateContainer(l.ctx, "pve1", 300, wanted)
	if !pve.IsAlreadyExists(err) {
		t.Errorf("its id is taken: %v", err)
	}
	_, err = l.client.CreateContainer(l.ctx, "pve2", 100, wanted)
	wantRefusal(t, "the id of a machine elsewhere", err, 500, "VM 100 already exists on node 'pve1'")
	task, log := l.ended(l.client.CreateContainer(l.ctx, "pve1", 301, options{"ostemplate": "local:vztmpl/" + standard, "rootfs": "plain:4"}))
	if task.Status != "WARNINGS: 1" || strings.Count(log, "\ndone: SHA256:") != 3 || !strings.Contains(log, "\nWARN: Systemd 257 detected. You may need to enable nesting.\n") {
		t.Errorf("%s\n%s", task.Status, log)
	}
	_, err = l.client.CreateContainer(l.ctx, "pve1", 302, options{"ostemplate": "local:vztmpl/" + standard, "mp0": "plain:4,mp=/data"})
	wantRefusal(t, "no root", err, 500, "mount points configured, but 'rootfs' not set - aborting")
	_, err = l.client.CreateContainer(l.ctx, "pve1", 302, options{"ostemplate": "local:vztmpl/" + standard})
	wantRefusal(t, "the standard storage takes none", err, 400, "storage 'local' does not support container directories")
	if task, _ := l.ended(l.client.CreateContainer(l.ctx, "pve1", 302, options{"ostemplate": "local:vztmpl/gone.tar.zst", "rootfs": "plain:4"})); !strings.HasPrefix(task.Status, "unable to create CT 302 - volume ") || l.listed(302) != nil {
		t.Errorf("nothing is left: %s", task.Status)
	}
}

func TestFirewalls(t *testing.T) {
	l := newLife(t)
	guest := pve.GuestFirewall("pve1", "lxc", 103)
	for _, port := range []string{"9001", "9000"} {
		if err := l.client.AddFirewallRule(l.ctx, guest, options{"type": "in", "action": "ACCEPT", "proto": "tcp", "dport": port, "source": "192.0.2.0/24", "enable": "1", "pos": "7"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.client.AddFirewallRule(l.ctx, guest, options{"type": "in", "action": "DROP"}); err != nil {
		t.Fatal(err)
	}
	rules, err := l.client.FirewallRules(l.ctx, guest)
	if err != nil || len(rules) != 3 || rules[0].Action != "DROP" || rules[0].Enabled || rules[1].DestPort != "9000" || !rules[1].Enabled || rules[2].DestPort != "9001" || rules[2].Position != 2 {
		t.Fatalf("each new one comes first, and is off unless told: %+v %v", rules, err)
	}
	if err := l.client.DeleteFirewallRule(l.ctx, guest, 0, rules[0].Digest); err != nil {
		t.Fatal(err)
	}
	if err := l.client.DeleteFirewallRule(l.ctx, guest, 0, rules[0].Digest); !pve.IsConflict(err) {
		t.Errorf("the list has changed: %v", err)
	}
	wantRefusal(t, "beyond the end", l.client.DeleteFirewallRule(l.ctx, guest, 7, ""), 500, "no rule at position 7")
	wantRefusal(t, "ports of nothing", l.client.AddFirewallRule(l.ctx, guest, options{"type": "in", "action": "ACCEPT", "dport": "9000"}), 400, "missing property - 'dport' requires this property")
	for what, at := range map[string]pve.Firewall{"guest": guest, "machine": pve.GuestFirewall("pve1", "qemu", 100), "node": pve.NodeFirewall("pve1"), "cluster": pve.ClusterFirewall()} {
		before, err := l.client.FirewallOptions(l.ctx, at)
		if err != nil || before.Enabled(false) {
			t.Fatalf("%s: %+v %v", what, before, err)
		}
		if err := l.client.SetFirewallOptions(l.ctx, at, options{"enable": "1"}, nil, before.Digest); err != nil {
			t.Fatal(err)
		}
		if err := l.client.SetFirewallOptions(l.ctx, at, options{"enable": "0"}, nil, before.Digest); !pve.IsConflict(err) {
			t.Errorf("%s has changed: %v", what, err)
		}
		if after, err := l.client.FirewallOptions(l.ctx, at); err != nil || !after.Enabled(false) {
			t.Errorf("%s is on: %+v %v", what, after, err)
		}
		if err := l.client.SetFirewallOptions(l.ctx, at, nil, []string{"enable"}, ""); err != nil {
			t.Fatal(err)
		}
		if after, err := l.client.FirewallOptions(l.ctx, at); err != nil || len(after.Values) != 0 {
			t.Errorf("%s is as before: %+v %v", what, after, err)
		}
	}
	if _, err := l.client.FirewallRules(l.ctx, pve.GuestFirewall("pve1", "lxc", 777)); !pve.IsNotFound(err) {
		t.Errorf("no such guest: %v", err)
	}
}

func TestWhatANodeHas(t *testing.T) {
	l := newLife(t)
	l.c.Change(func(m *pvesim.Model) { m.Node("pve1").Memory, m.Node("pve1").MemoryUsed = 32<<30, 30<<30 })
	s, err := l.client.NodeStatus(l.ctx, "pve1")
	if err != nil || s.MemoryTotal != 32<<30 || s.MemoryFree != 2<<30 || s.CPUs == 0 {
		t.Errorf("%+v %v", s, err)
	}
}
