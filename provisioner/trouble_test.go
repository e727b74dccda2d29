package provisioner

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

// TestEveryRefusalReachesTheUser answers the first write with what a real node said to wrong values.
func TestEveryRefusalReachesTheUser(t *testing.T) {
	const verification = "Parameter verification failed."
	const job, storage, guest = "/cluster/backup", "/storage", "/nodes/{node}/qemu/{vmid}/config"
	for _, c := range []struct {
		endpoint string
		status   int
		reason   string
		fields   string // the member errors
		message  string // where it is not the reason
		line     string
		want     string
	}{
		{job, 400, verification, `"schedule":"invalid format - invalid calendar event 'every 25:99'"`, "", "14:", "refuses schedule: invalid format"},
		{job, 400, verification, `"storage":"invalid format - storage ID '1 bad' contains illegal characters"`, "", "13:", "refuses storage: invalid format"},
		{job, 400, verification, `"mode":"value 'live' does not have a value in the enumeration 'snapshot, suspend, stop'"`, "", "15:", "refuses mode: value 'live'"},
		{job, 400, verification, `"compress":"value 'xz' does not have a value in the enumeration '0, 1, gzip, lzo, zstd'"`, "", "16:", "refuses compress: value 'xz'"},
		{job, 400, verification, `"prune-backups":"invalid format - format error\nkeep-last: value must have a minimum value of 0\n"`, "", "", "refuses prune-backups: invalid format"},
		{job, 400, verification, `"vmid":"invalid format - value does not look like a valid VM ID\n"`, "", "10:", "refuses vmid: invalid format"},
		{job, 400, verification, `"id":"invalid format - invalid configuration ID 'has space'"`, "", "", "refuses id: invalid format"},
		{job, 400, verification, `"bogus":"property is not defined in schema and the schema does not allow additional properties"`, "", "", "this version of Proxmox VE does not know it"},
		{job, 400, verification, `"script":"Only root may set this option."`, "", "", "no API token may set it"},
		{job, 500, "400 Parameter verification failed.", "", `400 Parameter verification failed.\nnotes-template: found unknown: variable 'foo' at char 4\n\n`, "", "refuses notes-template: found unknown: variable 'foo'"},
		{job, 500, "400 Parameter verification failed.", "", `400 Parameter verification failed.\nvmid: property is missing\n`, "10:", "refuses vmid: property is missing"},
		{job, 403, "Permission check failed (/, Sys.Modify)", "", "", "", "give the token the privilege Sys.Modify on /"},
		{job, 403, "Permission check failed (/storage/nas, Datastore.Allocate)", "", "", "13:", "give the token the privilege Datastore.Allocate on /storage/nas"},
		{job, 403, "Permission check failed (pool 'lab' does not exist)", "", "", "", "pool 'lab' does not exist"},
		{job, 500, "job state already exists", "", "", "", "/var/lib/pve-manager/jobs"},
		{job, 500, "cfs-lock 'file-jobs_cfg' error: no quorum!", "", "", "", "no quorum!"},
		{job, 595, "Connection refused", "", "", "", "the daemon behind that node's proxy does not answer"},
		{job, 500, "RPCEnvironment init request failed: Unable to load access control list: Connection refused", "", "", "", "pve-cluster"},
		{job, 501, "Method 'POST /cluster/backup' not implemented", "", "", "", "too old"},
		{job, 401, "Authentication failed!", "", "", "", "the token is unknown or expired"},
		{storage, 500, "create storage failed: unable to activate storage 'disk' - directory is expected to be a mount point but is not mounted: '/mnt/backup'", "", "", "8:", "mount it on every node"},
		{storage, 500, "create storage failed: storage 'disk' is not online", "", "", "8:", "must reach the server"},
		{storage, 500, "create storage failed: disk: error fetching datastores - 500 Can't connect to 127.0.0.1:8007 (Connection refused)", "", "", "8:", "must reach the Proxmox Backup Server"},
		{storage, 500, "missing value for required option 'path'", "", "", "8:", "missing value for required option 'path'"},
		{storage, 400, verification, `"path":"invalid format - value does not look like a valid absolute path"`, "", "8:", "refuses path: invalid format"},
		{storage, 400, verification, `"content":"invalid format - invalid content type 'bogus'"`, "", "8:", "refuses content: invalid format"},
		{storage, 400, verification, `"prune-backups":"invalid format - format error\nkeep-lst: property is not defined in schema"`, "", "8:", "refuses prune-backups: invalid format"},
		{storage, 403, "Permission check failed (/storage, Datastore.Allocate)", "", "", "8:", "give the token the privilege Datastore.Allocate on /storage"},
		{guest, 403, "Permission check failed (/vms/102, VM.Config.Disk)", "", "", "11:", "give the token the privilege VM.Config.Disk on /vms/102"},
		{guest, 500, "VM is locked (backup)", "", "", "11:", "run this again when it is done"},
		{guest, 500, "Configuration file 'nodes/pve2/qemu-server/102.conf' does not exist", "", "", "11:", "does not exist"},
		{guest, 400, verification, `"scsi1":"invalid format - format error\nscsi1.backup: type check ('boolean') failed\n"`, "", "11:", "refuses scsi1: invalid format"},
	} {
		t.Run(c.reason+c.fields, func(t *testing.T) {
			b := newBench(t)
			b.declare(`storages:
  disk: {type: dir, path: /mnt/backup}
environments:
  prod: {guests: {vmids: [100, 102]},
    backup:
      {
      storage: nas,
      schedule: "01:00",
      mode: snapshot,
      compress: zstd,
      retention: {keep-last: 3}}}
`)
			message := c.message
			if message == "" {
				message = c.reason + `\n`
			}
			fault := wire.Fault{Endpoint: c.endpoint, Status: c.status, Reason: c.reason, Header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}}}
			fault.Method = map[string]string{job: http.MethodPost, storage: http.MethodPost, guest: http.MethodPut}[c.endpoint]
			fault.Body = fmt.Sprintf(`{"data":null,"message":"%s","errors":{%s}}`, message, c.fields)
			if c.status == http.StatusUnauthorized || c.status > 590 || strings.HasPrefix(c.reason, "RPC") {
				fault.Body, fault.Header = "", nil
			}
			b.cluster.Faults.Add(fault)
			b.fails(nil, "config.yml:"+c.line, c.want, "Stopped: ")
			errors := strings.Count(b.said, "provision: error: ")
			if errors != 1 {
				t.Errorf("%d errors:\n%s", errors, withoutLog(b.said))
			}
		})
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

// repeating answers what changes something with all that was sent, in every way that a server has.
type repeating struct {
	http.RoundTripper
	status int
}

func (r repeating) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet {
		return r.RoundTripper.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	all := fmt.Sprint(string(body), " ", form, " ", request.Header.Get("Authorization"))
	text, err := json.Marshal(map[string]any{"data": nil, "message": all, "errors": map[string]any{"password": form.Get("password"), all: all}})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: r.status, Status: fmt.Sprint(r.status, " ", all), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Echo": {all}}, Body: io.NopCloser(strings.NewReader(string(text))),
	}, nil
}

// TestAServerThatRepeatsSecrets: what it sends back is not passed on. The bench looks at all that is said.
func TestAServerThatRepeatsSecrets(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		for _, status := range []int{200, 400, 401, 403, 500, 501, 595} {
			b := newBench(t)
			b.inProcess = true
			b.put("far.password", "far & 5ec2e7'\"+%")
			b.put("far.key", `{"kdf": null, "data": "a2V5LTVlYzJlNy1rZXk5ec2e7=="}`)
			b.declare(strings.Replace(farStorage, "far.password}", "far.password, encryption_key_file: far.key}", 1))
			err := b.run(func(o *Options) {
				o.JSON, o.transport = asJSON, repeating{o.transport, status}
			})
			if err == nil || len(b.said) == 0 {
				t.Errorf("%d: got %v: the test looks at nothing", status, err)
			}
		}
	}
}
