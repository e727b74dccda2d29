package pve

import (
	"reflect"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

func checkJobs(t *testing.T, got any) {
	jobs := make(map[string]Job)
	for _, j := range got.([]Job) {
		j.Raw = nil
		jobs[j.ID] = j
	}
	for _, want := range []Job{
		{
			ID: "nightly", Enabled: true, Schedule: "mon..fri 22:30", Storage: "backup1", Mode: "snapshot", Compress: "zstd", Comment: "nightly prod",
			NotesTemplate: "{{guestname}} {{vmid}} {{node}}", VMIDs: []int{100, 101, 200}, Retention: "keep-daily=7,keep-last=3", NextRun: 1795473000, RepeatMissed: true,
			Options: map[string]string{
				"bwlimit": "51200", "compress": "zstd", "mode": "snapshot", "notes-template": "{{guestname}} {{vmid}} {{node}}", "prune-backups": "keep-daily=7,keep-last=3",
				"notification-mode": "notification-system", "storage": "backup1",
			},
		},
		{
			ID: "all-but", Enabled: true, Schedule: "sat 02:00", Storage: "backup1", Mode: "stop", Compress: "gzip", All: true, Exclude: []int{102}, NextRun: 1795831200,
			Options: map[string]string{
				"mailnotification": "failure", "mailto": "ops@example.org", "storage": "backup1", "notification-mode": "legacy-sendmail", "all": "1", "compress": "gzip", "mode": "stop", "exclude": "102",
			},
		},
		{
			ID: "pooljob", Enabled: true, Schedule: "*-*-01 04:00", Storage: "local", Pool: "prod", NextRun: 1796097600,
			Options: map[string]string{"performance": "max-workers=4,pbs-entries-max=1048576", "fleecing": "enabled=1,storage=local", "pool": "prod", "storage": "local"},
		},
		{ID: "never", Schedule: "2020-01-01 00:00", Storage: "local", VMIDs: []int{100}, Options: map[string]string{"storage": "local"}},
		{
			ID: "excl-only", Schedule: "sun 03:15", Storage: "local", All: true, Exclude: []int{101, 102}, NextRun: 1795922100,
			Options: map[string]string{"all": "1", "exclude": "101,102", "storage": "local"},
		},
	} {
		if !reflect.DeepEqual(jobs[want.ID], want) {
			t.Errorf("got  %+v\nwant %+v", jobs[want.ID], want)
		}
	}
}

func checkStorages(t *testing.T, got any) {
	storages := make(map[string]StorageConfig)
	for _, s := range got.([]StorageConfig) {
		if s.Digest == "" || s.Raw["path"] == "" {
			t.Errorf("storage %s without digest or path", s.ID)
		}
		s.Digest, s.Raw = "", nil
		storages[s.ID] = s
	}
	for _, want := range []StorageConfig{
		{ID: "backup1", Type: "dir", Content: []string{"backup"}, Retention: "keep-daily=7,keep-last=3,keep-weekly=4"},
		{ID: "olddisk", Type: "dir", Content: []string{"backup"}, Disabled: true},
		{ID: "other", Type: "dir", Content: []string{"backup"}, Nodes: []string{"pve2"}},
		{ID: "local", Type: "dir", Content: []string{"vztmpl", "snippets", "iso", "backup", "rootdir", "images"}, Retention: "keep-all=1"},
	} {
		if !reflect.DeepEqual(storages[want.ID], want) {
			t.Errorf("got  %+v\nwant %+v", storages[want.ID], want)
		}
	}
}

func checkResources(t *testing.T, got any) {
	r := got.(Resources)
	guests := make(map[string]GuestResource)
	for _, g := range r.Guests {
		guests[g.ID] = g
	}
	for _, want := range []GuestResource{
		{ID: "lxc/100", Type: "lxc", VMID: 100, Name: "web1", Node: "pve1", Pool: "prod", Status: "running"},
		{ID: "lxc/102", Type: "lxc", VMID: 102, Name: "mail", Node: "pve1", Lock: "backup", Status: "stopped"},
		{ID: "qemu/300", Type: "qemu", VMID: 300, Name: guests["qemu/300"].Name, Node: "pve2", Status: "unknown"},
	} {
		if guests[want.ID] != want {
			t.Errorf("got  %+v\nwant %+v", guests[want.ID], want)
		}
	}
	if !guests["qemu/203"].Template || guests["lxc/100"].Template {
		t.Error("203 alone is a template")
	}
	if len(r.Nodes) == 0 || !r.Nodes[0].Online {
		t.Errorf("nodes: %+v", r.Nodes)
	}
	var found bool
	for _, s := range r.Storages {
		if s.Storage == "backup1" {
			found = s.Active && s.Size == 270553174016 && s.Used > 0 && s.Type == "dir" && s.Content == "backup"
		}
	}
	if !found {
		t.Errorf("storages: %+v", r.Storages)
	}
}

func checkPruneList(t *testing.T, got any) {
	list := make(map[string]Archive)
	marks := make(map[string]int)
	for _, a := range got.([]Archive) {
		list[a.VolumeID] = a
		marks[a.Mark]++
	}
	for _, want := range []Archive{
		{VolumeID: "backup1:backup/vzdump-lxc-100-2026_11_23-00_19_08.tar.zst", Created: 1795393148, VMID: 100, Type: "lxc", Mark: "keep"},
		{VolumeID: "backup1:backup/vzdump-lxc-101-2026_02_30-02_00_00.tar.zst", Created: 1795394253, VMID: 101, Type: "unknown", Mark: "renamed"},
	} {
		if list[want.VolumeID] != want {
			t.Errorf("got  %+v\nwant %+v", list[want.VolumeID], want)
		}
	}
	for _, mark := range []string{"keep", "remove", "protected", "renamed"} {
		if marks[mark] == 0 {
			t.Errorf("nothing is marked %s: %v", mark, marks)
		}
	}
}

func checkContent(t *testing.T, got any) {
	list := make(map[string]Archive)
	protected, notes := 0, 0
	for _, a := range got.([]Archive) {
		list[a.VolumeID] = a
		if a.Protected {
			protected++
		}
		if a.Notes != "" {
			notes++
		}
	}
	want := Archive{
		VolumeID: "backup1:backup/vzdump-lxc-101-2026_11_05-03_00_00.tgz", Created: 1793847600, VMID: 101, Type: "lxc",
		Size: optional.Some[int64](4134302), Format: "tgz",
	}
	if list[want.VolumeID] != want {
		t.Errorf("got  %+v\nwant %+v", list[want.VolumeID], want)
	}
	if protected == 0 || notes == 0 {
		t.Errorf("%d protected, %d with notes", protected, notes)
	}
}
