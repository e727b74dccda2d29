package drill

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// losing removes a guest's archives at the last moment before its restore is asked for.
func losing(b *bench, vmid int) {
	b.before = func(_ int, request *http.Request) {
		if request.Method == http.MethodPost && (strings.HasSuffix(request.URL.Path, "/qemu") || strings.HasSuffix(request.URL.Path, "/lxc")) {
			b.cluster.Change(func(m *pvesim.Model) {
				for _, archive := range slices.Clone(m.Archives("backup-nfs", "")) {
					if archive.VMID == vmid {
						m.RemoveArchive(archive)
					}
				}
			})
		}
	}
}

func trouble(t pvesim.Trouble) func(*bench) {
	return func(b *bench) { b.cluster.Change(func(m *pvesim.Model) { m.AddTrouble(t) }) }
}

// TestADrillThatDoesNotSucceedLeavesNothing goes through what can go wrong: what is told of the backup is true, the scratch guest is gone, and the
// source as it was.
func TestADrillThatDoesNotSucceedLeavesNothing(t *testing.T) {
	full := "unable to write to storage: No space left on device"
	for _, test := range []struct {
		name    string
		guest   string
		order   func(*bench)
		verdict result.Verdict
		stage   result.Stage
		says    string
	}{
		{"machine: archive missing", "100", func(b *bench) { losing(b, machine) }, result.Failed, result.Restore, "not there"},
		{"container: archive missing", "101", func(b *bench) { losing(b, container) }, result.Failed, result.Restore, "does not exist"},
		{"machine: storage full", "100", trouble(pvesim.Trouble{Task: "qmrestore", Fails: full}), result.Failed, result.Restore, "No space left"},
		{"container: storage full", "101", trouble(pvesim.Trouble{Task: "vzrestore", Fails: full}), result.Failed, result.Restore, "No space left"},
		{"machine: archive cut off", "100", corrupt, result.Failed, result.Prepare, "cannot be read"},
		{"container: archive cut off", "101", corrupt, result.Failed, result.Prepare, "cannot be read"},
		{"machine: restore fails", "100", trouble(pvesim.Trouble{Task: "qmrestore", Fails: "vma extract: short read"}), result.Failed, result.Restore, "short read"},
		{"container: restore fails", "101", trouble(pvesim.Trouble{Task: "vzrestore", Fails: "tar: Unexpected EOF"}), result.Failed, result.Restore, "Unexpected EOF"},
		{"machine: does not start", "100", trouble(pvesim.Trouble{Task: "qmstart", Fails: "start failed: QEMU exited with code 1"}), result.Failed, result.Start, "QEMU exited"},
		{"container: does not start", "101", trouble(pvesim.Trouble{Task: "vzstart", Fails: "startup for container '990000' failed"}), result.Failed, result.Start, "startup for container"},
		{"machine: never boots", "100", trouble(pvesim.Trouble{Task: "qmstart", NeverBoots: true}), result.Failed, result.Prove, "did not answer within 10m"},
		{"machine: dies again", "100", trouble(pvesim.Trouble{Task: "qmstart", Dies: true}), result.Failed, result.Prove, "does not run"},
		{"container: dies again", "101", trouble(pvesim.Trouble{Task: "vzstart", Dies: true}), result.Failed, result.Prove, "does not run"},
		{"machine: agent silent", "100", trouble(pvesim.Trouble{Task: "qmstart", AgentSilent: true}), result.Failed, result.Prove, "did not answer within 10m"},
		{"machine: takes too long", "100", trouble(pvesim.Trouble{Task: "qmrestore", Duration: 1000}), result.Failed, result.Restore, "not restored within 4h"},
		{"machine: restore stopped by somebody", "100", trouble(pvesim.Trouble{Task: "qmrestore", Fails: "command 'vma' failed: interrupted by signal"}), result.Inconclusive, result.Restore, "interrupted by signal"},
		{"machine: no memory", "100", func(b *bench) {
			b.cluster.Change(func(m *pvesim.Model) {
				for _, node := range m.Nodes {
					node.MemoryUsed = node.Memory - 2<<30
				}
			})
		}, result.Inconclusive, result.Prepare, "2.0 GiB of memory free"},
		{"machine: no space", "100", func(b *bench) {
			b.cluster.Change(func(m *pvesim.Model) { m.Storage("local-zfs").Base = m.Storage("local-zfs").Size - 1<<30 })
		}, result.Inconclusive, result.Prepare, "storage local-zfs has"},
		{"machine: storage of the archives down", "100", func(b *bench) {
			b.before = func(_ int, request *http.Request) {
				if strings.HasSuffix(request.URL.Path, "/extractconfig") {
					b.cluster.Change(func(m *pvesim.Model) { m.Storage("backup-nfs").DownOn = []string{"*"} })
				}
			}
		}, result.Inconclusive, result.Prepare, "backup-nfs"},
		{"machine: without a right", "100", func(b *bench) {
			b.cluster.Change(func(m *pvesim.Model) {
				role := m.Access.Roles["BackupDrill"]
				m.Access.Roles["BackupDrill"] = slices.DeleteFunc(role, func(name string) bool { return name == "VM.PowerMgmt" })
			})
		}, result.Inconclusive, result.Start, "403"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			test.order(b)
			made := b.run(t.Context(), guests(test.guest))
			if made.err == nil || len(made.document.Drills) != 1 {
				t.Fatalf("got %v, %+v", made.err, made.document)
			}
			got := made.document.Drills[0]
			if got.Verdict != test.verdict || got.Stage != test.stage || !strings.Contains(got.Reason, test.says) || got.Left != "" {
				t.Errorf("got %+v\n%s", got, made.talk)
			}
			b.clean()
			known := b.known(got.Guest)
			if known.Tried == nil || (known.Last != nil) != (test.verdict == result.Failed) || known.Success != nil {
				t.Errorf("remembered %+v", known)
			}
		})
	}
}

func corrupt(b *bench) {
	b.cluster.Change(func(m *pvesim.Model) {
		for _, archive := range m.Archives("backup-nfs", "") {
			archive.Corrupt = true
		}
	})
}

// A right that is missing when the guest is to be stopped leaves it where it is, told, and the next run with the right removes it.
func TestWhatCouldNotBeRemovedIsToldAndRemovedLater(t *testing.T) {
	b := newBench(t)
	remove := func() {}
	b.cluster.Change(func(m *pvesim.Model) {
		remove = m.AddTrouble(pvesim.Trouble{Task: "qmdestroy", Fails: "zfs error: dataset is busy"})
	})
	made := b.run(t.Context(), guests("100"))
	if made.err == nil || made.document.Drills[0].Verdict != result.Success || !strings.Contains(made.document.Drills[0].Left, "dataset is busy") ||
		!strings.Contains(made.talk, "is left behind") || !strings.Contains(made.talk, "qm destroy 990000") {
		t.Errorf("got %v, %+v\n%s", made.err, made.document, made.talk)
	}
	// Nothing is restored beside it.
	again := b.run(t.Context(), guests("101"))
	if again.err == nil || len(again.document.Drills) != 0 || len(b.left()) != 1 {
		t.Errorf("got %v, %+v", again.err, again.document)
	}
	b.cluster.Change(func(*pvesim.Model) { remove() })
	if cleaned := b.run(t.Context(), func(o *Options) { o.CleanOnly = true }); cleaned.err != nil || len(cleaned.document.Removed) != 1 {
		t.Errorf("got %v, %+v", cleaned.err, cleaned.document)
	}
	b.clean()
}

func TestAGuestOfSomebodyElseIsNeverRemoved(t *testing.T) {
	b := newBench(t)
	b.cluster.Change(func(m *pvesim.Model) {
		m.AddGuest(&pvesim.Guest{VMID: first, Type: "qemu", Node: "pve1", Stopped: true, Pool: "backup-drill", Config: map[string]string{
			"name": "precious", "tags": plan.Tag, "description": "Scratch guest of a restore drill", "memory": "512",
		}})
	})
	made := b.run(t.Context(), guests("100"))
	if !strings.Contains(made.talk, "carries no mark of a drill") || made.document.Drills[0].Verdict != result.Success || made.document.Drills[0].VMID != first+1 {
		t.Errorf("got %v, %+v\n%s", made.err, made.document, made.talk)
	}
	if left := b.left(); !slices.Equal(left, []int{first}) {
		t.Errorf("left are %v", left)
	}
	b.untouched()
}

func TestADrillOfAnotherMachineIsLeftAlone(t *testing.T) {
	b := newBench(t)
	mark := plan.Mark{Run: "ffffffffffffffff", Until: b.clock.Now().Add(time.Hour).Unix()}
	b.cluster.Change(func(m *pvesim.Model) {
		m.AddGuest(&pvesim.Guest{VMID: first, Type: "lxc", Node: "pve1", Stopped: true, Pool: "backup-drill", Config: map[string]string{
			"hostname": "other", "description": mark.Description("x"), "memory": "512", "rootfs": "local-zfs:subvol-990000-disk-0,size=8G",
		}})
	})
	made := b.run(t.Context(), guests("100"))
	if made.err == nil || len(made.document.Drills) != 0 || !strings.Contains(made.talk, "another machine may be at") || len(b.left()) != 1 {
		t.Errorf("got %v, %+v\n%s", made.err, made.document, made.talk)
	}
	b.clock.Advance(2 * time.Hour) // it should have ended by now: what is there is a leftover
	if made = b.run(t.Context(), guests("100")); made.err != nil {
		t.Errorf("%v\n%s", made.err, made.talk)
	}
	b.clean()
}

func TestWhatADrillCannotCutOffIsNotRestored(t *testing.T) {
	for name, test := range map[string]struct {
		guest, key, value, says string
	}{
		"raw arguments":          {"100", "args", "-device foo", "args"},
		"a privileged container": {"101", "unprivileged", "0", "privileged"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cluster.Change(func(m *pvesim.Model) {
				for vmid, guest := range m.Guests {
					if strings.HasSuffix(test.guest, guest.ID()[len(guest.ID())-3:]) {
						guest.Config[test.key] = test.value
						b.sources[vmid] = guest.Digest()
					}
				}
				for _, archive := range m.Archives("backup-nfs", "") {
					if archive.Config != nil {
						archive.Config[test.key] = test.value
					}
				}
			})
			made := b.run(t.Context(), guests(test.guest))
			if made.err == nil || made.document.Drills[0].Verdict != result.Inconclusive || !strings.Contains(made.document.Drills[0].Reason, test.says) {
				t.Errorf("got %v, %+v", made.err, made.document)
			}
			b.clean()
		})
	}
}

// A node that is lost half-way takes the restore with it. What it was making is told, and removed when the node is back.
func TestANodeLostHalfWay(t *testing.T) {
	for _, name := range []string{"100", "101"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.declare("{every: 30d}", "node: pve2") // the first one answers
			trouble(pvesim.Trouble{Node: "pve2", NodeFails: true, Times: 1})(b)
			made := b.run(t.Context(), guests(name))
			got := made.document.Drills[0]
			if made.err == nil || got.Verdict != result.Inconclusive || got.Stage != result.Restore || got.Left == "" || !strings.Contains(got.Reason, "pve2") {
				t.Fatalf("got %v, %+v\n%s", made.err, got, made.talk)
			}
			if known := b.known(got.Guest); known.Last != nil {
				t.Error("a lost node tells nothing about the backup")
			}
			// While it is down, drills go on elsewhere, and tell of it.
			b.declare("{every: 30d}", "node: pve1")
			other := b.run(t.Context(), guests("100"))
			if other.err == nil || other.document.Drills[0].Verdict != result.Success || len(other.document.Left) != 1 {
				t.Errorf("got %v, %+v\n%s", other.err, other.document, other.talk)
			}
			b.cluster.Change(func(m *pvesim.Model) { m.Node("pve2").Offline = false })
			b.clock.Advance(10 * time.Minute)
			b.cluster.Change(func(m *pvesim.Model) {
				if vmids := b.lockedIn(m); len(vmids) == 0 {
					t.Error("nothing was left locked: the story is another one")
				}
			})
			// Proxmox VE leaves the guest locked. Only root on the node can take that away: away from it, how to is told.
			away := b.run(t.Context(), func(o *Options) { o.CleanOnly = true })
			if away.err == nil || !strings.Contains(away.talk, "unlock 990000") {
				t.Errorf("got %v\n%s", away.err, away.talk)
			}
			there := b.run(t.Context(), func(o *Options) {
				o.CleanOnly = true
				o.Local = Local{Node: "pve2", Unlock: func(_ context.Context, _ string, vmid int) error {
					b.cluster.Change(func(m *pvesim.Model) { m.Guests[vmid].Lock = "" })
					return nil
				}}
			})
			if there.err != nil {
				t.Errorf("%v\n%s", there.err, there.talk)
			}
			b.clean()
		})
	}
}

func (b *bench) lockedIn(m *pvesim.Model) (vmids []int) {
	for vmid, guest := range m.Guests {
		if vmid >= first && guest.Lock != "" {
			vmids = append(vmids, vmid)
		}
	}
	return vmids
}
