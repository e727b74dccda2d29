package provisioner

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/local"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// whenAsked edits the cluster after the given number of answers to a call were made, before they arrive.
func (b *bench) whenAsked(method, endpoint string, skip int, edit func(*pvesim.Model)) {
	var once sync.Once
	b.cluster.Faults.Add(wire.Fault{Method: method, Endpoint: endpoint, Skip: skip, Times: 1, Change: func(body []byte) []byte {
		once.Do(func() { b.cluster.Change(edit) })
		return body
	}})
}

func TestAJobEditedBetweenPlanAndWrite(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	b.mustRun(nil)
	b.declare(strings.Replace(minimal, "profile: prod,", `profile: prod, schedule: "04:00",`, 1))
	b.whenAsked(http.MethodGet, "/cluster/jobs/schedule-analyze", 0, func(m *pvesim.Model) { m.Job("backup-prod").Options["mode"] = "stop" })
	b.mustRun(nil)
	got := b.job("backup-prod")
	if got["schedule"] != "04:00" || got["mode"] != "snapshot" {
		t.Errorf("got %v", got)
	}
	if !strings.Contains(b.said, "planned anew") {
		t.Errorf("not told:\n%s", withoutLog(b.said))
	}
	b.settled()
}

func TestAJobThatSomebodyTakesMeanwhile(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	theirs := func(m *pvesim.Model) {
		m.Jobs = append(m.Jobs, &pvesim.Job{ID: "backup-prod", Schedule: "05:00", Options: map[string]string{"storage": "nas", "all": "1"}})
	}
	b.whenAsked(http.MethodGet, "/cluster/jobs/schedule-analyze", 0, theirs)
	b.fails(nil, "config.yml:10:", "job backup-prod on home", "adopt: true")
	b.cluster.Change(func(m *pvesim.Model) { m.RemoveJob("backup-prod") })

	// After it was read again: the request that would make it comes second.
	b.whileWaiting = sync.OnceFunc(func() { b.cluster.Change(theirs) })
	b.cluster.Faults.Add(wire.Fault{Method: http.MethodPost, Endpoint: "/cluster/backup", Delay: 1, Times: 1})
	b.fails(nil, "config.yml:10:", "job backup-prod on home", "adopt: true")
	if got := b.job("backup-prod")["schedule"]; got != "05:00" {
		t.Errorf("their job was changed: %s", got)
	}
}

// TestDigests edits another storage, and another setting of a guest, between read and write: nothing of that is lost.
func TestDigests(t *testing.T) {
	b := newBench(t)
	b.declare("storages:\n  disk: {type: dir, path: /mnt/backup}\n" + strings.TrimLeft(minimal, "\n"))
	b.cluster.Change(func(m *pvesim.Model) { m.Guests[102].Config["scsi1"] = "local-zfs:vm-102-disk-1,size=8G" })
	b.mustRun(nil)
	b.declare("storages:\n  disk: {type: dir, path: /mnt/backup, retention: {keep-last: 9}}\n" + strings.TrimLeft(minimal, "\n"))
	b.cluster.Change(func(m *pvesim.Model) { m.Guests[102].Config["scsi1"] = "local-zfs:vm-102-disk-1,backup=0,size=8G" })
	b.whenAsked(http.MethodGet, "/storage", 1, func(m *pvesim.Model) { m.Storage("local").Retention = "keep-last=1" })
	b.whenAsked(http.MethodGet, "/nodes/{node}/qemu/{vmid}/pending", 1, func(m *pvesim.Model) {
		m.Guests[102].Config["scsi1"] = "local-zfs:vm-102-disk-1,backup=0,size=16G"
	})
	b.cluster.Requests.Reset()
	b.mustRun(nil)
	b.wantStorage("disk", map[string]string{"prune-backups": "keep-last=9"})
	b.wantStorage("local", map[string]string{"prune-backups": "keep-last=1"})
	if got := b.guest(102, "scsi1"); got != "local-zfs:vm-102-disk-1,backup=1,size=16G" {
		t.Errorf("got %s", got)
	}
	conflicts := 0
	for _, request := range b.cluster.Requests.Requests() {
		if request.Method == http.MethodPut && request.Status == http.StatusInternalServerError {
			conflicts++
		}
	}
	if conflicts != 2 {
		t.Errorf("%d conflicts: the test did not do what it is for", conflicts)
	}
	b.settled()
}

func TestAStorageThatIsEditedAllTheTime(t *testing.T) {
	b := newBench(t)
	b.declare("storages:\n  disk: {type: dir, path: /mnt/backup}\n")
	b.mustRun(nil)
	b.declare("storages:\n  disk: {type: dir, path: /mnt/backup, retention: {keep-last: 9}}\n")
	for i := range 10 {
		b.whenAsked(http.MethodGet, "/storage", 0, func(m *pvesim.Model) { m.Storage("local").Retention = fmt.Sprintf("keep-last=%d", i+1) })
	}
	b.fails(nil, "config.yml:8:", "storage disk on home: it was changed by somebody else 3 times")
}

func TestALockedGuest(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	b.cluster.Change(func(m *pvesim.Model) { m.Guests[102].Lock = "backup" })
	b.fails(nil, "config.yml:10:", "volume qemu/102:scsi1 on home: VM is locked (backup)", "run this again when it is done", "1 of 2 changes were made")
	b.cluster.Change(func(m *pvesim.Model) { m.Guests[102].Lock = "" })
	b.mustRun(nil)
	b.settled()
}

func TestAWrongToken(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	b.put("home.provisioner", "11111111-2222-3333-4444-555555555555")
	b.fails(nil, "cluster home: ", "401", "the token is unknown or expired")
	b.put("home.provisioner", "")
	b.fails(nil, "cluster home: ", "is empty")
}

// TestEachMissingPrivilege takes one privilege after the other away: each run ends with an error that helps, writing nothing, or works.
func TestEachMissingPrivilege(t *testing.T) {
	for privilege, want := range map[string]string{
		"Sys.Audit":          "Sys.Audit",
		"Sys.Modify":         "Permission check failed (/, Sys.Modify)",
		"Datastore.Allocate": "Datastore.Allocate",
		"Datastore.Audit":    "", // AllocateSpace shows storages as well
		"VM.Audit":           "a token without VM.Audit on it does not see it",
		"VM.Config.Disk":     "VM.Config.Disk",
	} {
		t.Run(privilege, func(t *testing.T) {
			b := newBench(t)
			b.declare("storages:\n  disk: {type: dir, path: /mnt/backup}\n" + strings.TrimLeft(minimal, "\n"))
			b.cluster.Change(func(m *pvesim.Model) {
				m.Access.Roles["BackupAdmin"] = slices.DeleteFunc(slices.Clone(privileges), func(name string) bool { return name == privilege })
			})
			if want == "" {
				b.mustRun(nil)
				return
			}
			b.fails(nil, want)
			if strings.Contains(b.said, "goroutine") {
				t.Error("a stack trace")
			}
		})
	}
}

// TestMistakesAreFoundBeforeAnythingIsSent: what Proxmox VE does not check itself.
func TestMistakesAreFoundBeforeAnythingIsSent(t *testing.T) {
	b := newBench(t)
	b.declare(`
environments:
  prod:
    guests: {vmids: [100, 999]}
    backup: {profile: prod, storage: nsa, node: pve9}
  lab:
    guests: {pools: [lob]}
    backup: {profile: lab, storage: local-zfs, id: ` + strings.Repeat("x", 50) + `, fleecing: {storage: nope}}
`)
	b.fails(nil, "config.yml:9:", "guest 999 does not exist", "config.yml:10:", "storage nsa does not exist", "did you mean nas",
		"node pve9 does not exist", "config.yml:12:", "pool lob does not exist", "config.yml:13:", "may not hold backups", "storage nope for fleecing")
	if writes := b.writes(); len(writes) > 0 {
		t.Errorf("wrote %v", writes)
	}
}

func TestTheClusterJudgesSchedules(t *testing.T) {
	b := newBench(t)
	b.declare(strings.Replace(minimal, "profile: prod,", `profile: prod, schedule: "2020-01-01 00:00",`, 1))
	b.mustRun(func(o *Options) { o.DryRun, o.Accepted = true, plan.Risks() })
	if !strings.Contains(b.printed+b.said, "would never run") {
		t.Errorf("not told:\n%s", b.printed)
	}
	b.cluster.Faults.Add(wire.Fault{
		Endpoint: "/cluster/jobs/schedule-analyze", Status: 400, Reason: "Parameter verification failed.", Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"data":null,"message":"Parameter verification failed.\n","errors":{"schedule":"invalid format - invalid calendar event 'foo' - unable to parse calendar event at 'foo' - Context(\"weekday\")\n\n"}}`,
	})
	b.fails(nil, "config.yml:10:", "job backup-prod on home: Proxmox VE refuses schedule: invalid format - invalid calendar event", "write it as Proxmox VE does")
	if writes := b.writes(); len(writes) > 0 {
		t.Errorf("wrote %v", writes)
	}
}

// TestADeadServer dies after each number of writes, and comes back.
func TestADeadServer(t *testing.T) {
	b := newBench(t)
	b.declare("storages:\n  disk: {type: dir, path: /mnt/backup}\n" + strings.TrimLeft(twoTargets, "\n"))
	b.whenAsked(http.MethodPost, "/cluster/backup", 1, func(m *pvesim.Model) { m.Down = true })
	b.fails(nil, "config.yml:", "whether it was written is not known", "Stopped: 2 of 6 changes were made", "Not begun:")
	b.cluster.Change(func(m *pvesim.Model) { m.Down = false })
	b.cluster.Faults.Clear()
	b.mustRun(nil)
	if got := b.jobIDs(); got != "backup-lab backup-prod backup-prod-offsite" {
		t.Errorf("got %s", got)
	}
	b.settled()
}

// TestTheConnectionBreaksAtEveryWrite cuts it before and after the write took effect: the next run makes good, without anything twice.
func TestTheConnectionBreaksAtEveryWrite(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault wire.Fault
	}{{"before", wire.Fault{Abort: true}}, {"after", wire.Fault{Cut: 0.5}}} {
		for at := range 7 {
			t.Run(fmt.Sprintf("%s write %d", c.name, at+1), func(t *testing.T) {
				b := newBench(t)
				b.put("far.password", "far-5ec2e7")
				b.declare(farStorage + "  disk: {type: dir, path: /mnt/backup}\n" + strings.TrimLeft(twoTargets, "\n"))
				left := at
				for _, method := range []string{http.MethodPost, http.MethodPut} {
					// POSTs come first: two storages and three jobs, then two PUTs.
					fault := c.fault
					fault.Method, fault.Times, fault.Skip = method, 1, left
					if count := map[string]int{http.MethodPost: 5, http.MethodPut: 2}[method]; left >= 0 && left < count {
						b.cluster.Faults.Add(fault)
						left = -1
					} else {
						left -= count
					}
				}
				err := b.run(nil)
				if c.name == "before" && err == nil {
					t.Error("it was not noticed")
				}
				b.cluster.Faults.Clear()
				b.mustRun(nil)
				if got := b.jobIDs(); got != "backup-lab backup-prod backup-prod-offsite" {
					t.Errorf("got %s", got)
				}
				b.wantStorage("far", map[string]string{"secret password": "far-5ec2e7"})
				b.wantStorage("disk", map[string]string{"path": "/mnt/backup"})
				if got := b.guest(102, "scsi1"); got != "local-zfs:vm-102-disk-1,backup=1,discard=on,size=8G" {
					t.Errorf("got %s", got)
				}
				b.settled()
			})
		}
	}
}

func TestTwoRunsAtOnce(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	lock, err := local.Acquire(b.storage)
	if err != nil {
		t.Fatal(err)
	}
	b.fails(nil, "another run of provision is at work", "wait until it has ended")
	if total := b.cluster.Requests.Total(); total > 0 {
		t.Errorf("%d requests", total)
	}
	b.mustRun(dryRun) // which disturbs nobody
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	b.mustRun(nil)
}

func TestAnInterruptIsObeyedBetweenTwoSteps(t *testing.T) {
	b := newBench(t)
	b.declare(twoTargets)
	ctx, cancel := context.WithCancel(t.Context())
	b.whenAsked(http.MethodPost, "/cluster/backup", 0, func(*pvesim.Model) { cancel() })
	err := b.runIn(ctx, nil)
	if err == nil || !strings.Contains(b.said, "interrupted after 1 change") || !strings.Contains(b.said, "run the same command again") {
		t.Errorf("got %v:\n%s", err, withoutLog(b.said))
	}
	if got := b.jobIDs(); got != "backup-lab" {
		t.Errorf("got %s", got)
	}
	ctx, cancel = context.WithCancel(t.Context())
	b.whenAsked(http.MethodGet, "/storage", 0, func(*pvesim.Model) { cancel() })
	if err := b.runIn(ctx, nil); err == nil || !strings.Contains(b.said, "nothing was changed") {
		t.Errorf("got %v", err)
	}
	b.mustRun(nil)
	b.settled()
}

// broken answers every call of an endpoint with a failure.
func broken(endpoint, reason string) wire.Fault {
	return wire.Fault{Endpoint: endpoint, Status: http.StatusInternalServerError, Reason: reason}
}
