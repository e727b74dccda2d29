package drift

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const declared = `version: 1
clusters:
  home:
    endpoints: [https://pve1.example:8006]
    exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: home.exporter}
environments:
  prod: {guests: {tags: [prod]}, backup: {id: nightly, adopt: true, profile: prod, storage: nas}}
storages:
  nas: {type: nfs, server: 192.0.2.20, export: /backup, retention: {keep-last: 3}}
`

func load(t testing.TB, text string) *config.File {
	t.Helper()
	file, err := config.LoadBytes("/etc/backup/config.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// asDeclared is a cluster that the declared file describes.
func asDeclared() *derive.World {
	return &derive.World{
		Now:         noon.Unix(),
		Permissions: pve.Permissions{"/": {"Sys.Audit": true, "VM.Audit": true, "Datastore.Audit": true, "Pool.Audit": true}},
		NodeStates:  []pve.NodeResource{{Node: "pve1", Status: "online", Online: true}},
		Guests: []pve.GuestResource{
			{ID: "qemu/100", Type: "qemu", VMID: 100, Name: "web", Node: "pve1", Tags: "prod", Status: "running"},
			{ID: "lxc/101", Type: "lxc", VMID: 101, Name: "db", Node: "pve1", Tags: "prod;db", Status: "running"},
			{ID: "lxc/102", Type: "lxc", VMID: 102, Name: "toy", Node: "pve1", Status: "running"},
		},
		JobsKnown: true, StoragesKnown: true, VolumesKnown: true,
		Jobs: []pve.Job{{
			ID: "nightly", Enabled: true, Schedule: "01:00", Storage: "nas", Mode: "snapshot", Compress: "zstd", VMIDs: []int{100, 101},
			Retention: "keep-daily=7,keep-weekly=4", NextRun: noon.Unix() + 13*3600,
		}},
		Storages: []pve.StorageConfig{{
			ID: "nas", Type: "nfs", Content: []string{"backup"}, Shared: true, Retention: "keep-last=3",
			Raw: map[string]any{"server": "192.0.2.20", "export": "/backup"},
		}},
		Volumes: map[string][]pve.IncludedGuest{"nightly": {
			{VMID: 100, Type: "qemu", Volumes: []pve.IncludedVolume{{Key: "scsi0", Included: true}, {Key: "scsi1", Included: true}}},
			{VMID: 101, Type: "lxc", Volumes: []pve.IncludedVolume{{Key: "rootfs", Included: true}, {Key: "mp0", NotVolume: true}, {Key: "mp1", Included: true}}},
		}},
	}
}

// lines writes a drift down, one object a line.
func lines(drift []snapshot.Drift) string {
	var all []string
	for _, each := range drift {
		all = append(all, fmt.Sprintf("%s %d", each.Kind, len(each.Objects)))
		for _, object := range each.Objects {
			all = append(all, "  "+object.ID+" "+object.What)
		}
	}
	return strings.Join(all, "\n")
}

func TestDrift(t *testing.T) {
	tests := []struct {
		name   string
		file   []string // old and new texts of the declared file
		change func(*derive.World)
		want   string
	}{
		{"as declared", nil, func(*derive.World) {}, "guest_disk 0\njob 0\nstorage 0"},
		{"an edit by hand", nil, func(w *derive.World) { w.Jobs[0].Schedule = "03:30" }, "guest_disk 0\njob 1\n  nightly schedule is 03:30, not 01:00\nstorage 0"},
		{"two edits by hand", nil, func(w *derive.World) { w.Jobs[0].Schedule, w.Jobs[0].Mode = "03:30", "stop" }, "guest_disk 0\njob 1\n  nightly mode and schedule differ\nstorage 0"},
		{"a job that was disabled", nil, func(w *derive.World) { w.Jobs[0].Enabled = false }, "guest_disk 0\njob 1\n  nightly enabled is 0, not 1\nstorage 0"},
		{"a rule that was taken away", nil, func(w *derive.World) { w.Jobs[0].Retention = "" }, "guest_disk 0\njob 1\n  nightly prune-backups is not set\nstorage 0"},
		{"a job that was deleted", nil, func(w *derive.World) { w.Jobs = nil }, "guest_disk 0\njob 1\n  nightly is not there\nstorage 0"},
		{"a job that the file does not name", nil, func(w *derive.World) {
			w.Jobs = append(w.Jobs, pve.Job{ID: "other", Enabled: true, Comment: "[pve-backup-exporter environment=prod]"})
		}, "guest_disk 0\njob 0\nstorage 0"},
		{
			"a job of another origin is in the way",
			[]string{"adopt: true, ", ""},
			func(w *derive.World) { w.Jobs[0].NotesTemplate = "{{guestname}} {{vmid}} {{node}} [job nightly]" },
			"guest_disk 0\njob 1\n  nightly comment is not set, and provisioning refuses to change it\nstorage 0",
		},
		{"a new guest with the tag", nil, func(w *derive.World) { w.Guests[2].Tags = "PROD" }, "guest_disk 0\njob 1\n  nightly vmid is 100,101, not 100,101,102\nstorage 0"},
		{"a volume that was left out", nil, func(w *derive.World) { w.Volumes["nightly"][1].Volumes[2].Included = false }, "guest_disk 1\n  lxc/101:mp1 is left out of the backups\njob 0\nstorage 0"},
		{
			"a volume that should be left out",
			[]string{"storage: nas}", "storage: nas, excluded_disks: [{vmid: 100, disks: [scsi1]}]}"},
			func(*derive.World) {},
			"guest_disk 1\n  qemu/100:scsi1 is part of the backups\njob 0\nstorage 0",
		},
		{"the node of a volume that was left out is off", nil, func(w *derive.World) {
			w.Volumes["nightly"][1].Volumes[2].Included = false
			w.NodeStates[0].Online, w.NodeStates[0].Status = false, "offline"
		}, "guest_disk 1\n  lxc/101:mp1 is left out of the backups\njob 0\nstorage 0"},
		{"volumes are nobody's business", []string{"storage: nas}", "storage: nas, disks: unmanaged}"}, func(*derive.World) {}, "job 0\nstorage 0"},
		{"a storage that was changed", nil, func(w *derive.World) { w.Storages[0].Retention = "keep-last=1" }, "guest_disk 0\njob 0\nstorage 1\n  nas prune-backups is keep-last=1, not keep-last=3"},
		{
			"a storage that is another one", nil, func(w *derive.World) { w.Storages[0].Raw["server"] = "192.0.2.99" },
			"guest_disk 0\njob 0\nstorage 1\n  nas server is 192.0.2.99, not 192.0.2.20, and provisioning refuses to change it",
		},
		{"a storage that was removed", nil, func(w *derive.World) { w.Storages = nil }, "guest_disk 0\njob 0\nstorage 1\n  nas is not there"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			world := asDeclared()
			test.change(world)
			file := load(t, strings.NewReplacer(test.file...).Replace(declared))
			if got := lines(Of(file, "home", world, nil)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestAKindIsAbsentUntilItCanBeJudged(t *testing.T) {
	tests := []struct {
		name   string
		file   []string
		change func(*derive.World)
		lacks  []snapshot.Permission
		want   []snapshot.DriftKind
	}{
		{"all of it", nil, func(*derive.World) {}, nil, []snapshot.DriftKind{snapshot.DriftGuestDisk, snapshot.DriftJob, snapshot.DriftStorage}},
		{"nothing is declared", []string{declared[strings.Index(declared, "environments:"):], ""}, func(*derive.World) {}, nil, nil},
		{"no jobs are declared", []string{", backup: {id: nightly, adopt: true, profile: prod, storage: nas}", ""}, func(*derive.World) {}, nil, []snapshot.DriftKind{snapshot.DriftStorage}},
		{"no storages are declared", []string{declared[strings.Index(declared, "storages:"):], ""}, func(*derive.World) {}, nil, []snapshot.DriftKind{snapshot.DriftGuestDisk, snapshot.DriftJob}},
		{"jobs were never read", nil, func(w *derive.World) { w.JobsKnown, w.VolumesKnown = false, false }, nil, []snapshot.DriftKind{snapshot.DriftStorage}},
		{"volumes were never read", nil, func(w *derive.World) { w.VolumesKnown = false }, nil, []snapshot.DriftKind{snapshot.DriftJob, snapshot.DriftStorage}},
		{"storages were never read", nil, func(w *derive.World) { w.StoragesKnown = false }, nil, []snapshot.DriftKind{snapshot.DriftGuestDisk, snapshot.DriftJob}},
		{"privileges were never read", nil, func(w *derive.World) { w.Permissions = nil }, nil, nil},
		{"guests are hidden", nil, func(*derive.World) {}, []snapshot.Permission{{Path: "/vms", Privilege: "VM.Audit"}}, []snapshot.DriftKind{snapshot.DriftStorage}},
		{"pools are hidden", nil, func(*derive.World) {}, []snapshot.Permission{{Path: "/pool", Privilege: "Pool.Audit"}}, []snapshot.DriftKind{snapshot.DriftStorage}},
		{"a declared storage is hidden", nil, func(w *derive.World) {
			w.Permissions["/storage/nas"] = map[string]bool{"Datastore.AllocateTemplate": true}
			w.Storages = nil
		}, nil, []snapshot.DriftKind{snapshot.DriftGuestDisk, snapshot.DriftJob}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			world := asDeclared()
			test.change(world)
			var got []snapshot.DriftKind
			for _, each := range Of(load(t, strings.NewReplacer(test.file...).Replace(declared)), "home", world, test.lacks) {
				got = append(got, each.Kind)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// What a secret is cannot be read back, so a new one would differ for ever.
func TestSecretsAreNoDrift(t *testing.T) {
	text := strings.Replace(declared, "nas: {type: nfs, server: 192.0.2.20, export: /backup,",
		"nas: {type: cifs, server: 192.0.2.20, share: backup, username: backup, password_file: nas.password,", 1)
	world := asDeclared()
	world.Storages[0].Type, world.Storages[0].Raw = "cifs", map[string]any{"server": "192.0.2.20", "share": "backup", "username": "backup"}
	if got := lines(Of(load(t, text), "home", world, nil)); got != "guest_disk 0\njob 0\nstorage 0" {
		t.Errorf("got\n%s", got)
	}
}
