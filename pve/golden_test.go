package pve

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// golden answers every call with a file of testdata.
func golden(t *testing.T, file string) *Client {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	w := serveWire(t, func(*http.Request) string { return status(ok, string(body)) })
	c, _ := connect(t, Config{}, w.address)
	return c
}

func wantEqual(t *testing.T, got, want any, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestJobs(t *testing.T) {
	jobs, err := golden(t, "jobs.json").Jobs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if jobs[0].Raw["bwlimit"] != 0.0 || jobs[0].Raw["id"] != jobs[0].ID {
		t.Errorf("raw job: %v", jobs[0].Raw)
	}
	for i := range jobs {
		jobs[i].Raw = nil
	}
	wantEqual(t, jobs, []Job{
		{
			ID: "backup-6c1d2e3f-01ab", Enabled: true, Schedule: "21:00", Storage: "nas", Mode: "snapshot", Compress: "zstd", NotesTemplate: "{{guestname}}",
			All: true, Exclude: []int{900, 901}, Retention: "keep-daily=7,keep-weekly=4", NextRun: 1795640400, RepeatMissed: true,
			Options: map[string]string{
				"all": "1", "exclude": "900, 901", "storage": "nas", "mode": "snapshot", "compress": "zstd", "prune-backups": "keep-daily=7,keep-weekly=4",
				"fleecing": "enabled=1,storage=local-lvm", "performance": "max-workers=4", "notes-template": "{{guestname}}", "bwlimit": "0",
				"exclude-path": "/tmp/?*\n/var/cache", "mailto": "a@example.org,b@example.org",
			},
		},
		{
			ID: "hourly", Schedule: "hourly", Storage: "pbs", Node: "pve2", VMIDs: []int{101, 102, 103}, Retention: "keep-hourly=24,keep-last=3", NextRun: 1795637200,
			Options: map[string]string{"storage": "pbs", "node": "pve2", "prune-backups": "keep-hourly=24,keep-last=3", "protected": "1"},
		},
		{
			ID: "b1c2d3:1", Enabled: true, Schedule: "sat 02:00", Dumpdir: "/mnt/usb", VMIDs: []int{100},
			Options: map[string]string{"dumpdir": "/mnt/usb", "maxfiles": "2"},
		},
		{
			ID: "once", Enabled: true, Schedule: "2020-01-01 00:00", Storage: "nas", Pool: "prod", Exclude: []int{105}, Retention: "keep-all=1",
			Options: map[string]string{"pool": "prod", "exclude": "105", "storage": "nas", "prune-backups": "keep-all=1"},
		},
	}, nil)
}

func TestResources(t *testing.T) {
	got, err := golden(t, "resources.json").Resources(context.Background())
	wantEqual(t, got, Resources{
		Guests: []GuestResource{
			{ID: "qemu/100", Type: "qemu", VMID: 100, Name: "web", Node: "pve1", Pool: "prod", Lock: "backup", Status: "running", Tags: "prod;web"},
			{ID: "lxc/101", Type: "lxc", VMID: 101, Name: "dns", Node: "pve1", Status: "stopped", Template: true},
			{ID: "qemu/300", Type: "qemu", VMID: 300, Node: "pve3", Status: "unknown"},
		},
		Nodes: []NodeResource{{Node: "pve1", Status: "online", Online: true}, {Node: "pve3", Status: "offline"}},
		Storages: []StorageResource{
			{Storage: "nas", Node: "pve1", Type: "nfs", Content: "backup,images", Shared: true, Active: true, Size: 1000000000000, Used: 750000000000},
			{Storage: "local", Node: "pve3", Type: "dir", Content: "backup"},
		},
	}, err)
}

func TestClusterStatus(t *testing.T) {
	got, err := golden(t, "cluster-status.json").ClusterStatus(context.Background())
	wantEqual(t, got, ClusterStatus{Name: "home", Nodes: []ClusterNode{{Name: "pve1", Online: true, Local: true}, {Name: "pve2"}}}, err)
}

func TestTasks(t *testing.T) {
	c := golden(t, "tasks.json")
	want := []Task{
		{UPID: "UPID:pve1:00000A01:00010000:6B0A0000:vzdump::root@pam:", Node: "pve1", Type: "vzdump", User: "root@pam", Start: 1795817472},
		{UPID: "UPID:pve1:00000A02:00010001:6B0A0010:vzdump:100:admin@pve!ci:", Node: "pve1", Type: "vzdump", ID: "100", User: "admin@pve", TokenID: "ci", Start: 1795817488, End: 1795817500, Status: "WARNINGS: 2"},
		{UPID: "UPID:pve1:00000A03:00010002:6B09FF00:vzdump:100:root@pam:", Node: "pve1", Type: "vzdump", ID: "100", User: "root@pam", Start: 1795817216, End: 1795817300, Status: "job errors"},
	}
	got, total, err := c.NodeTasks(context.Background(), "pve1", TaskQuery{})
	wantEqual(t, got, want, err)
	if total != 5 {
		t.Errorf("%d match, want 5", total)
	}
	got, err = c.ClusterTasks(context.Background())
	wantEqual(t, got, want, err)
}

// A limit of 0 means none to Proxmox VE and everything to us; bounds that are not given are not sent.
func TestTaskQueries(t *testing.T) {
	s := serve(t, replies(`{"data":[]}`))
	c, _ := connect(t, Config{}, s.URL)
	for _, q := range []TaskQuery{
		{},
		{Since: 1795394046, Until: 1795394254, Type: "vzdump", Source: TasksAll, Start: 20, Limit: 10},
	} {
		if tasks, total, err := c.NodeTasks(context.Background(), "pve1", q); err != nil || total != 0 || len(tasks) != 0 {
			t.Errorf("%v of %d, %v", tasks, total, err)
		}
	}
	want := []string{"limit=5000", "limit=10&since=1795394046&source=all&start=20&typefilter=vzdump&until=1795394254"}
	for i, r := range s.seen() {
		if r.URL.RawQuery != want[i] {
			t.Errorf("asked for %s, want %s", r.URL.RawQuery, want[i])
		}
	}
}

func TestArchives(t *testing.T) {
	ctx := context.Background()
	got, err := golden(t, "content.json").Content(ctx, "pve1", "pbs")
	wantEqual(t, got, []Archive{
		{
			VolumeID: "pbs:backup/vm/100/2026-11-27T21:00:03Z", Created: 1795813203, VMID: 100, Type: "qemu", Format: "pbs-vm", Size: optional.Some[int64](34359738368),
			Encrypted: true, Verification: "ok", Notes: "web\nsecond line", Protected: true,
		},
		{VolumeID: "pbs:backup/ct/101/2026-11-27T21:05:00Z", Created: 1795813500, VMID: 101, Type: "lxc", Format: "pbs-ct", Size: optional.Some[int64](1), Verification: "failed"},
		{VolumeID: "nas:backup/vzdump-lxc-102-before-upgrade.tar.zst", Created: 1795000000, Type: "unknown", Format: "tar.zst", Size: optional.Some[int64](4096)},
	}, err)
	got, err = golden(t, "prunebackups.json").PruneList(ctx, "pve1", "nas")
	wantEqual(t, got, []Archive{
		{VolumeID: "nas:backup/vzdump-qemu-100-2026_11_27-21_00_03.vma.zst", Created: 1795809603, VMID: 100, Type: "qemu", Mark: "keep"},
		{VolumeID: "nas:backup/vzdump-qemu-100-2026_11_26-21_00_03.vma.zst", Created: 1795723203, VMID: 100, Type: "qemu", Mark: "protected", Protected: true},
		{VolumeID: "nas:backup/vzdump-lxc-102-before-upgrade.tar.zst", Created: 1795000000, Type: "unknown", Mark: "renamed"},
	}, err)
}

func TestIncludedVolumes(t *testing.T) {
	got, err := golden(t, "included-volumes.json").IncludedVolumes(context.Background(), "nightly")
	wantEqual(t, got, []IncludedGuest{
		{VMID: 100, Type: "qemu", Name: "web", Volumes: []IncludedVolume{
			{Key: "scsi0", Volume: "local-lvm:vm-100-disk-0", Included: true}, {Key: "scsi1", Volume: "local-lvm:vm-100-disk-1"},
		}},
		{VMID: 101, Type: "lxc", Name: "dns", Volumes: []IncludedVolume{
			{Key: "rootfs", Volume: "local-lvm:vm-101-disk-0", Included: true}, {Key: "mp0", Volume: "/srv/data", NotVolume: true}, {Key: "mp1", Volume: "local-lvm:vm-101-disk-1"},
		}},
		{VMID: 999, Type: "unknown"},
	}, err)
}

func TestPermissions(t *testing.T) {
	got, err := golden(t, "permissions.json").Permissions(context.Background())
	wantEqual(t, got, Permissions{
		"/": {"Sys.Audit": true, "VM.Audit": true}, "/storage/nas": {"Datastore.Audit": false, "Datastore.AllocateSpace": true}, "/vms": {},
	}, err)
}

func TestStorages(t *testing.T) {
	got, err := golden(t, "storages.json").Storages(context.Background())
	if err == nil && got[0].Raw["export"] != "/backup" {
		t.Errorf("raw storage: %v", got[0].Raw)
	}
	for i := range got {
		got[i].Raw = nil
	}
	wantEqual(t, got, []StorageConfig{
		{ID: "nas", Type: "nfs", Content: []string{"images", "backup"}, Nodes: []string{"pve1", "pve2"}, Shared: true, Retention: "keep-daily=7,keep-weekly=4", Digest: "0f1e"},
		{ID: "usb", Type: "dir", Content: []string{"backup"}, Disabled: true, Shared: true},
		{ID: "local-lvm", Type: "lvmthin", Content: []string{"images", "rootdir"}},
	}, err)
}

func TestNodeFacts(t *testing.T) {
	ctx := context.Background()
	storages, err := golden(t, "node-storages.json").NodeStorages(ctx, "pve1")
	some := optional.Some[int64]
	wantEqual(t, storages, []NodeStorage{
		{Storage: "nas", Type: "nfs", Content: []string{"backup", "images"}, Enabled: true, Active: true, Shared: true, Total: some(1000), Used: some(700), Available: some(250)},
		{Storage: "usb", Type: "dir", Content: []string{"backup"}, Enabled: true},
	}, err)
	defaults, err := golden(t, "defaults.json").VZDumpDefaults(ctx, "pve1", "nas")
	wantEqual(t, defaults, VZDumpDefaults{
		Storage: "nas", Dumpdir: "/mnt/pve/nas/dump", Mode: "suspend", Compress: "0", Retention: "keep-daily=2,keep-last=3",
		Options: map[string]string{
			"mode": "suspend", "compress": "0", "storage": "nas", "dumpdir": "/mnt/pve/nas/dump", "remove": "0", "prune-backups": "keep-daily=2,keep-last=3",
			"fleecing": "enabled=0", "exclude-path": "/a\n/b", "ionice": "7",
		},
	}, err)
	config, err := golden(t, "guest-config.json").GuestConfig(ctx, "pve1", "lxc", 101)
	wantEqual(t, config, map[string]string{
		"hostname": "dns", "memory": "512", "cores": "2", "unprivileged": "1", "rootfs": "local-lvm:vm-101-disk-0,size=8G", "mp0": "/srv/data,mp=/data",
		"description": "first\nsecond\n", "digest": "ab12",
	}, err)
	if _, err := golden(t, "guest-config.json").GuestConfig(ctx, "pve1", "openvz", 101); err == nil {
		t.Error("openvz was accepted")
	}
}

func TestSmallReplies(t *testing.T) {
	ctx := context.Background()
	var asked string
	w := serveWire(t, func(r *http.Request) string {
		asked = strings.TrimPrefix(r.RequestURI, "/api2/json")
		switch r.URL.Path {
		case "/api2/json/nodes/pve1/time":
			return status(ok, `{"data":{"time":1795817472,"localtime":"1795821072","timezone":"Europe/Paris"}}`)
		case "/api2/json/pools":
			return status(ok, `{"data":[{"poolid":"prod","comment":"production"},{"poolid":"lab/a"}]}`)
		case "/api2/json/cluster/jobs/schedule-analyze":
			return status(ok, `{"data":[{"utc":"Fri Nov 27 21:00:00 2026","timestamp":"1795813200"}]}`)
		}
		return status(ok, `{"data":{"version":"7.0-8","release":"7.0","repoid":"b1dbf562"}}`)
	})
	c, _ := connect(t, Config{}, w.address)
	now, err := c.NodeTime(ctx, "pve1")
	wantEqual(t, now, NodeTime{Time: 1795817472, LocalTime: 1795821072, Zone: "Europe/Paris"}, err)
	pools, err := c.Pools(ctx)
	wantEqual(t, pools, []Pool{{ID: "prod", Comment: "production"}, {ID: "lab/a"}}, err)
	runs, err := c.ScheduleAnalyze(ctx, "mon..fri 22:30", 1795817472, 1000)
	wantEqual(t, runs, []int64{1795813200}, err)
	if asked != "/cluster/jobs/schedule-analyze?iterations=100&schedule=mon..fri%2022%3A30&starttime=1795817472" {
		t.Errorf("asked for %s", asked)
	}
	if v, err := c.RequireVersion(ctx, MinimumVersion); err == nil || v.Text != "7.0-8" {
		t.Errorf("7.0 was accepted: %v", err)
	} else {
		wantContains(t, err.Error(), "Proxmox VE 7.0-8 is too old")
	}
	if _, err := c.RequireVersion(ctx, "7.0"); err != nil {
		t.Error(err)
	}
	if _, err := c.RequireVersion(ctx, "new"); err == nil {
		t.Error("a minimum that is no version was accepted")
	}
}
