package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const gibibyte = 1 << 30

func resources() pve.Resources {
	storage := func(name, node string, active bool) pve.StorageResource {
		return pve.StorageResource{Storage: name, Node: node, Active: active, Size: 100 * gibibyte, Used: 60 * gibibyte}
	}
	return pve.Resources{
		Nodes: []pve.NodeResource{{Node: "pve1", Online: true}, {Node: "pve2", Online: true}, {Node: "pve3"}, {Node: "pve4", Online: true}},
		Storages: []pve.StorageResource{
			storage("local-lvm", "pve1", true), storage("local-lvm", "pve2", true), storage("local-lvm", "pve3", true), storage("local-lvm", "pve4", true),
			storage("nas", "pve1", true), storage("nas", "pve2", true), storage("nas", "pve3", true), storage("nas", "pve4", false),
		},
		Guests: []pve.GuestResource{{VMID: 101, Type: VM}, {VMID: 990000, Type: VM}},
	}
}

func TestANodeMustHaveBothStorages(t *testing.T) {
	for _, test := range []struct {
		only string
		want string
		says string
	}{
		{"", "pve1 pve2", ""}, {"pve2", "pve2", ""}, {"pve3", "", "pve3 is offline"}, {"pve4", "", "pve4 cannot use storage nas"}, {"pve9", "", `no node "pve9"`},
	} {
		found, err := Nodes(resources(), "local-lvm", "nas", test.only)
		if strings.Join(found, " ") != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: got %q, %v", test.only, found, err)
		}
	}
}

func TestRoomIsWhereMemoryAndSpaceAreFree(t *testing.T) {
	free := map[string]int64{"pve1": 4 * gibibyte, "pve2": 16 * gibibyte}
	for _, test := range []struct {
		need       Need
		want, says string
	}{
		{Need{Memory: 2 * gibibyte, Disk: 40 * gibibyte}, "pve2", ""},
		{Need{Memory: 15 * gibibyte, Disk: gibibyte}, "pve2", ""},
		{Need{Memory: 15*gibibyte + 1, Disk: gibibyte}, "", "pve2 has 16.0 GiB of memory free"},
		{Need{Memory: gibibyte, Disk: 41 * gibibyte}, "", "storage local-lvm has 40.0 GiB free on pve1"},
	} {
		node, err := Room(resources(), "local-lvm", free, test.need)
		if node != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: got %q, %v", test.need, node, err)
		}
	}
}

func TestNeedIsWhatTheArchiveHolds(t *testing.T) {
	for _, test := range []struct {
		kind, text   string
		limit        int
		memory, disk int64
	}{
		{VM, machine, 0, 8 * gibibyte, 32*gibibyte + 4<<20},
		{VM, machine, 1024, gibibyte, 32*gibibyte + 4<<20},
		{Container, container, 0, 2 * gibibyte, 108 * gibibyte},
		{Container, "rootfs: x:vm-1-disk-0,size=1536M", 4096, gibibyte / 2, 3 * gibibyte / 2},
	} {
		if got := NeedOf(test.kind, ParseSettings(test.text), test.limit); got != (Need{test.memory, test.disk}) {
			t.Errorf("%s, limit %d: got %+v", test.kind, test.limit, got)
		}
	}
}

func TestAnIDIsTakenThatNobodyHas(t *testing.T) {
	journal := []Entry{{VMID: 990001}}
	if vmid, err := FreeID(resources(), journal, 990000, 990004); vmid != 990002 || err != nil {
		t.Errorf("got %d, %v", vmid, err)
	}
	if vmid, err := FreeID(resources(), journal, 990000, 990001); err == nil {
		t.Errorf("got %d of a range that is full", vmid)
	}
}

func TestTheNewestArchiveThatIsWholeIsTaken(t *testing.T) {
	archives := []pve.Archive{
		{VolumeID: "nas:old", VMID: 101, Type: VM, Created: 100},
		{VolumeID: "pbs:unfinished", VMID: 101, Type: VM, Created: 900, Size: optional.Some[int64](1)},
		{VolumeID: "pbs:newest", VMID: 101, Type: VM, Created: 300, Size: optional.Some[int64](1 << 30)},
		{VolumeID: "nas:other", VMID: 102, Type: VM, Created: 800},
		{VolumeID: "nas:container", VMID: 101, Type: Container, Created: 700},
	}
	if got, found := Newest(archives, VM, 101); !found || got.VolumeID != "pbs:newest" {
		t.Errorf("got %+v", got)
	}
	if _, found := Newest(archives, VM, 999); found {
		t.Error("an archive was found of a guest that has none")
	}
	if got, err := Named(archives, "nas:old", VM, 101); err != nil || got.Created != 100 {
		t.Errorf("got %+v, %v", got, err)
	}
	for volume, says := range map[string]string{"nas:gone": "there is no archive", "nas:other": "not one of guest qemu/101"} {
		if _, err := Named(archives, volume, VM, 101); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v", volume, err)
		}
	}
}

func TestProofIsNeverWeakerThanDeclared(t *testing.T) {
	on, off := Settings{"agent": "enabled=1,type=virtio"}, Settings{"agent": "0"}
	for _, test := range []struct {
		name     string
		kind     string
		settings Settings
		check    Check
		want     Proof
		says     string
	}{
		{"agent on", VM, on, Check{}, Agent, ""},
		{"agent off", VM, off, Check{}, Started, ""},
		{"a container", Container, nil, Check{}, Started, ""},
		{"a command", Container, nil, Check{Command: "true"}, Command, ""},
		{"agent on, less is enough", VM, on, Check{Proof: Started}, Started, ""},
		{"agent wanted and off", VM, off, Check{Proof: Agent}, "", "does not have it switched on"},
		{"agent of a container", Container, nil, Check{Proof: Agent}, "", "no guest agent"},
		{"command in a machine", VM, on, Check{Command: "true"}, "", "only containers"},
	} {
		got, err := ProofOf(test.kind, test.settings, test.check)
		if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %q, %v", test.name, got, err)
		}
	}
}

func TestJobsThatTakeInEverybodyAreNamed(t *testing.T) {
	jobs := []pve.Job{
		{ID: "all", Enabled: true, All: true, NextRun: 500},
		{ID: "later", Enabled: true, All: true, NextRun: 5000},
		{ID: "off", All: true, NextRun: 500},
		{ID: "excludes", Enabled: true, All: true, Exclude: []int{990000}, NextRun: 500},
		{ID: "elsewhere", Enabled: true, All: true, Node: "pve2", NextRun: 500},
		{ID: "others", Enabled: true, VMIDs: []int{101}, NextRun: 500},
		{ID: "pool", Enabled: true, Pool: "prod", NextRun: 500},
	}
	if got := TakenIn(jobs, 990000, "pve1", "backup-drill", 1000); !slices.Equal(got, []string{"all"}) {
		t.Errorf("got %q", got)
	}
}
