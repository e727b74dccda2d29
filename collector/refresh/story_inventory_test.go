package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

func destroy(vmid int) func(*pvesim.Model) {
	return func(m *pvesim.Model) { m.Destroy(vmid, false, "root@pam") }
}

// unsee gives the exporter's token a role on a path, and so takes what it had there.
func unsee(path, role string) func(*pvesim.Model) {
	return func(m *pvesim.Model) {
		m.Access.Roles["JustConsole"] = []string{"VM.Console"}
		m.Access.Grants = append(m.Access.Grants, access.Grant{Path: path, Who: "backup-exporter@pve", Role: role}, access.Grant{Path: path, Who: pvesim.ExporterToken, Role: role})
	}
}

func TestADeletedGuestLosesItsSeriesOnlyAfterACompleteListing(t *testing.T) {
	for name, hide := range map[string]func(*pvesim.Model){
		"VM.Audit lost everywhere":           withhold("VM.Audit"),
		"VM.Audit lost on all guests":        unsee("/vms", "JustConsole"),
		"no access to any guest":             unsee("/vms", "NoAccess"),
		"VM.Audit lost on the one":           unsee("/vms/101", "JustConsole"),
		"VM.Audit lost on its pool":          func(m *pvesim.Model) { unsee("/pool/prod", "NoAccess")(m); unsee("/vms", "NoAccess")(m) },
		"quorum lost, and the guest with it": func(m *pvesim.Model) { m.Quorate = false; delete(m.Guests, 101) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newStory(t, setting{days: 2, build: func(m *pvesim.Model) {
				m.Pools = map[string]*pvesim.Pool{"prod": {}}
				m.Guests[101].Pool = "prod"
			}})
			b.slow()
			before := b.target("lxc/101", nfs)
			b.cluster.Change(hide)
			b.fast()
			b.slow()
			if after := b.target("lxc/101", nfs); after.LastSuccess != before.LastSuccess || after.Due != before.Due {
				t.Errorf("got %+v, want %+v", after, before)
			}
			b.wantSeries(map[string]float64{
				`guest_covered{environment="unassigned",id="lxc/101"}`:                                                                          1,
				`guest_info{environment="unassigned",id="lxc/101",name="ct101",node="pve1",pool="prod",template="false",type="lxc",vmid="101"}`: 1,
			})
		})
	}
	b := newStory(t, setting{days: 2})
	b.slow()
	b.cluster.Change(destroy(101))
	b.fast()
	b.wantNoSeries(`id="lxc/101"`)
	b.slow()
	if got := b.storage(nfs).OrphanedArchives.Or(0); got != 2 {
		t.Errorf("got %d orphaned archives, want 2", got)
	}
}

func TestUnreadPrivilegesLoseNoGuest(t *testing.T) {
	b := newStory(t, setting{days: 1})
	b.slow()
	broken := b.cluster.Faults.Add(wire.Fault{Endpoint: "/access/permissions", Status: 500, Reason: "out of order"})
	b.cluster.Change(destroy(101))
	b.fast()
	b.wantSeries(map[string]float64{`guest_covered{environment="unassigned",id="lxc/101"}`: 1, "up": 1})
	broken()
	b.fast()
	b.wantNoSeries(`id="lxc/101"`)
}

// reuse destroys a guest and makes another one of the same id, on another node.
func reuse(m *pvesim.Model) {
	m.Destroy(100, false, "root@pam")
	m.AddGuest(&pvesim.Guest{VMID: 100, Type: "qemu", Node: "pve2", Config: map[string]string{"name": "another", "scsi0": "local-zfs:vm-100-disk-0,size=1G"}})
	m.Task("pve2", "qmcreate", "100", "root@pam", "OK")
}

func TestAReusedIDInheritsNothing(t *testing.T) {
	reused := func(t *testing.T) *bench {
		b := newStory(t, setting{days: 12, nodes: 2, build: func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 100, Every: 3, Outcome: runlog.StorageFull}) }})
		b.refresher.Settings.Environment = func(_ int, node, _ string, _ []string) string { return node }
		b.slow()
		if one := b.target("qemu/100", nfs); !one.LastSuccess.Known() || b.target("qemu/100", "pbs-remote").LastSuccess == one.LastSuccess {
			t.Fatalf("the story needs results on two storages: %+v", one)
		}
		return b
	}
	check := func(t *testing.T, b *bench, archives int) {
		t.Helper()
		for _, storage := range []string{nfs, "pbs-remote"} {
			one := b.target("qemu/100", storage)
			sum, _ := one.Archives.Get()
			if one.LastSuccess.Known() || one.LastAttempt.Known() || sum.Count != 0 || one.Attempts != 0 || one.Duration.Known() || overdue(one) || one.Expected.Or(0) != 0 {
				t.Errorf("inherited on %s: %+v", storage, one)
			}
		}
		if got := b.storage(nfs).OrphanedArchives.Or(0); got != archives {
			t.Errorf("got %d orphaned archives, want %d", got, archives)
		}
		if got := b.guest("qemu/100"); got.Name != "another" || got.Environment != "pve2" {
			t.Errorf("got %+v", got)
		}
		b.night()
		b.slow()
		one := b.target("qemu/100", nfs)
		b.wantTime("its own first backup", one.LastSuccess, b.clock.Now().Format("2006-01-02")+" 01:")
		if sum, _ := one.Archives.Get(); sum.Count != 1 || one.Attempts != 1 {
			t.Errorf("one backup of its own: %+v", one)
		}
		b.nobodyMissing()
	}
	t.Run("between two cycles", func(t *testing.T) {
		b := reused(t)
		sum, _ := b.target("qemu/100", nfs).Archives.Get()
		b.cluster.Change(reuse)
		b.fast()
		check(t, b, sum.Count)
	})
	t.Run("while the exporter was away", func(t *testing.T) {
		b := reused(t)
		sum, _ := b.target("qemu/100", nfs).Archives.Get()
		b.cluster.ChangeAt(b.clock.Now().Add(time.Hour), reuse)
		b.clock.Advance(2 * time.Hour)
		environment := b.refresher.Settings.Environment
		b.restart()
		b.refresher.Settings.Environment = environment
		b.slow()
		check(t, b, sum.Count)
	})
}

func TestARenamedArchiveIsNoFreshBackup(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	before := b.target("lxc/101", nfs)
	b.cluster.Change(func(m *pvesim.Model) {
		m.Job("nightly").Disabled = true
		m.AddArchive(pvesim.Archive{Storage: nfs, VMID: 101, Type: "lxc", Created: m.Now().Unix(), Size: 1 << 30, Renamed: "before-upgrade"})
	})
	b.slow()
	after := b.target("lxc/101", nfs)
	was, _ := before.Archives.Get()
	is, _ := after.Archives.Get()
	if after.LastSuccess != before.LastSuccess || after.LastAttempt != before.LastAttempt || is.Newest != was.Newest {
		t.Errorf("a renamed archive proves nothing: got %+v, want %+v", after, before)
	}
	if is.Count != was.Count+1 || after.Excess.Or(0) != 0 {
		t.Errorf("it is an archive all the same: %+v", after)
	}
}
