package cluster

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const allGuests = `environments:
  prod: {cluster: home, guests: {all: true}, backup: {profile: prod, storage: backup-nfs}}
`

// every is what each plan asks once.
var every = map[string]int{"GET /version": 1, "GET /cluster/resources": 1, "GET /cluster/backup": 1, "GET /storage": 1}

func with(counts ...map[string]int) map[string]int {
	sum := map[string]int{}
	for _, one := range counts {
		maps.Copy(sum, one)
	}
	return sum
}

func TestCallsOfARead(t *testing.T) {
	included := func(n int) map[string]int { return map[string]int{"GET /cluster/backup/{id}/included_volumes": n} }
	pending := func(qemu, lxc int) map[string]int {
		return map[string]int{"GET /nodes/{node}/qemu/{vmid}/pending": qemu, "GET /nodes/{node}/lxc/{vmid}/pending": lxc}
	}
	for _, test := range []struct {
		what, file   string
		environments []string
		build        func(*pvesim.Model)
		want         map[string]int
	}{
		{"the volumes of all guests come with the one job that selects them all", allGuests, nil, nil, with(every, included(1))},
		{"nobody's volumes are managed", strings.ReplaceAll(allGuests, "storage:", "disks: unmanaged, storage:"), nil, nil, with(every)},
		{"no environment of the cluster", "", nil, nil, with(every)},
		{"another environment is asked for", strings.ReplaceAll(allGuests, "  prod:", "  lab: {cluster: home, guests: {vmids: [100]}}\n  prod:"), []string{"lab"}, nil, with(every)},
		{
			"pools are listed where one is named", "environments:\n  prod: {cluster: home, guests: {pools: [prod]}, backup: {profile: prod, storage: local}}\n", nil,
			func(m *pvesim.Model) { m.Pools["prod"] = &pvesim.Pool{} },
			with(every, map[string]int{"GET /pools": 1}),
		},
		{"no job at all: every guest is asked", allGuests, nil, func(m *pvesim.Model) { m.Jobs = nil }, with(every, pending(4, 4))},
		{"two jobs are needed", allGuests, nil, func(m *pvesim.Model) {
			m.Jobs[0].Options = map[string]string{"vmid": "100,101,102,103", "storage": "local"}
			m.Jobs[1].Options = map[string]string{"vmid": "103,104,105,106,107", "storage": "local"}
		}, with(every, included(2))},
		{"an excluded volume", allGuests, nil, func(m *pvesim.Model) {
			m.Guests[101].Config["mp0"] = "local-zfs:subvol-101-disk-1,mp=/data"
			m.Guests[103].Config["mp0"] = "/srv,mp=/srv,backup=1"
			m.Guests[100].Config["scsi1"] = "local-zfs:vm-100-disk-1,backup=0"
		}, with(every, included(1), pending(1, 1))},
		{
			"an excluded volume that is left out on purpose", strings.ReplaceAll(allGuests, "storage:", "excluded_disks: [{vmid: 101, disks: [mp0]}], storage:"), nil,
			func(m *pvesim.Model) { m.Guests[101].Config["mp0"] = "local-zfs:subvol-101-disk-1,mp=/data" }, with(every, included(1)),
		},
		{"a guest of a node that is offline is not asked", allGuests, nil, func(m *pvesim.Model) {
			m.Node("pve2").Offline = true // lxc/101
			m.Guests[101].Config["mp0"] = "local-zfs:subvol-101-disk-1,mp=/data"
		}, with(every, included(1))},
		{"a job lists the guests that it names wherever they are, and of a pool those on its node", strings.ReplaceAll(allGuests, "all: true", "vmids: [100, 101, 102, 103]"), nil, func(m *pvesim.Model) {
			m.Pools["p"] = &pvesim.Pool{}
			m.Guests[102].Pool, m.Guests[103].Pool = "p", "p"
			m.Jobs[0].Options = map[string]string{"vmid": "100,101", "node": "pve1", "storage": "local"}
			m.Jobs[1].Options = map[string]string{"pool": "p", "node": "pve1", "storage": "local"}
		}, with(every, included(2), pending(0, 1))},
		{"a job that Proxmox VE does not answer for", allGuests, nil, func(m *pvesim.Model) {
			m.Jobs = append(m.Jobs, &pvesim.Job{ID: strings.Repeat("x", 51), Schedule: "daily", Options: map[string]string{"all": "1", "storage": "local"}})
		}, with(every, included(1))},
	} {
		sim, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) {
			if test.build != nil {
				test.build(m)
			}
		})
		read(t, client, NeedOf(load(t, test.file), "home", test.environments))
		want := maps.Clone(test.want)
		maps.DeleteFunc(want, func(_ string, count int) bool { return count == 0 })
		if got := sim.Requests.Counts(); !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", test.what, got, want)
		}
	}
}

// TestCallsOfALargeCluster proves that the number of calls does not grow with the guests.
func TestCallsOfALargeCluster(t *testing.T) {
	clock := pvesim.NewClock(noon())
	sim := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1, Start: noon()}, 16, 2000)
	inv := read(t, connect(t, sim), NeedOf(load(t, allGuests), "home", nil))
	if got := sim.Requests.Total(); got != 5 {
		t.Errorf("%d calls for 2000 guests: %v", got, sim.Requests.Counts())
	}
	if len(inv.Volumes) != 2000 {
		t.Errorf("the volumes of %d guests are known", len(inv.Volumes))
	}
}

func TestWhatWasReadOfVolumes(t *testing.T) {
	_, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) {
		m.Jobs = nil // so that configurations are read
		m.Guests[100].Config = map[string]string{
			"scsi0": "a:vm-100-disk-0,size=1G", "scsi1": "a:vm-100-disk-1,backup=0", "ide2": "none,media=cdrom", "ide0": "a:vm-100-cloudinit,media=cdrom",
			"unused0": "a:vm-100-disk-9", "efidisk0": "a:vm-100-disk-2,size=4M", "tpmstate0": "a:vm-100-disk-3",
		}
		m.Guests[102].Config = map[string]string{"bios": "ovmf", "efidisk0": "a:vm-102-disk-2,backup=0"}
		m.Guests[102].Pending = map[string]string{"efidisk0": "a:vm-102-disk-2,backup=1", "scsi3": "a:new"}
		m.Guests[101].Config = map[string]string{"rootfs": "a:s,size=1G", "mp0": "a:t,mp=/t", "mp1": "/srv,mp=/srv,backup=1", "mp2": "/dev/sdb,mp=/d", "mp3": "volume=a:u,mp=/u,backup=1"}
		m.Guests[101].Pending = map[string]string{"mp0": "a:t,mp=/t,backup=1", "mp3": "", "memory": "1"}
	})
	inv := read(t, client, NeedOf(load(t, allGuests), "home", nil))
	state := func(vmid int) (list []string) {
		for _, volume := range inv.Volumes[vmid] {
			list = append(list, fmt.Sprintf("%s %s %v %v", volume.Key, volume.Volume, volume.Included, volume.NotVolume))
		}
		slices.Sort(list)
		return list
	}
	for vmid, want := range map[int][]string{
		100: {"efidisk0 a:vm-100-disk-2 false false", "scsi0 a:vm-100-disk-0 true false", "scsi1 a:vm-100-disk-1 false false", "tpmstate0 a:vm-100-disk-3 true false"},
		101: {"mp0 a:t false false", "mp1 /srv false true", "mp2 /dev/sdb false true", "mp3 a:u true false", "rootfs a:s true false"},
		102: {"efidisk0 a:vm-102-disk-2 false false"},
	} {
		if got := state(vmid); !slices.Equal(got, want) {
			t.Errorf("guest %d: got %q, want %q", vmid, got, want)
		}
	}
	if want := map[int]map[string]bool{101: {"mp0": true}, 102: {"efidisk0": true}}; !reflect.DeepEqual(inv.Pending, want) {
		t.Errorf("pending: got %v, want %v", inv.Pending, want)
	}
	if !inv.Firmware[102] || inv.Firmware[100] {
		t.Errorf("firmware: got %v", inv.Firmware)
	}
}

// TestVolumesAreReadAsTheClusterListsThem compares what is read of configurations with what included_volumes says of the same guests.
func TestVolumesAreReadAsTheClusterListsThem(t *testing.T) {
	_, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) {
		m.Guests[100].Config["efidisk0"] = "a:e,size=4M"
		m.Guests[102].Config["efidisk0"] = "a:e,size=4M"
		m.Guests[102].Config["bios"] = "ovmf"
		m.Guests[104].Config["virtio0"] = "a:b,backup=0"
		m.Guests[104].Config["ide2"] = "local:iso/x.iso,media=cdrom"
		m.Guests[101].Config["mp0"] = "a:t,mp=/t"
		m.Guests[101].Config["mp1"] = "a:t,mp=/t,backup=1"
		m.Guests[103].Config["mp2"] = "/srv,mp=/srv,backup=1"
	})
	inv := read(t, client, NeedForDump("home"))
	for _, guest := range inv.Guests {
		configuration, err := client.GuestConfig(t.Context(), guest.Node, guest.Type, guest.VMID)
		if err != nil {
			t.Fatal(err)
		}
		listed := slices.Clone(inv.Volumes[guest.VMID])
		slices.SortFunc(listed, func(a, b pve.IncludedVolume) int { return strings.Compare(a.Key, b.Key) })
		if got := volumesOf(guest.Type, configuration); !reflect.DeepEqual(got, listed) {
			t.Errorf("%s: got %+v, the cluster says %+v", guest.ID(), got, listed)
		}
	}
}

func TestAReadEndsWithTheFirstError(t *testing.T) {
	for _, endpoint := range []string{
		"/version", "/cluster/resources", "/cluster/backup", "/storage", "/cluster/backup/{id}/included_volumes", "/nodes/{node}/lxc/{vmid}/pending",
	} {
		sim, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) { m.Guests[101].Config["mp0"] = "a:t,mp=/t" })
		sim.Faults.Add(wire.Fault{Endpoint: endpoint, Status: 403, Reason: "Permission check failed"})
		_, err := Read(t.Context(), client, NeedOf(load(t, allGuests), "home", nil))
		var refused *pve.Error
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v", endpoint, err)
		}
	}
	_, client := simulate(t, pvesim.Options{Version: "7.1-10"}, nil)
	if _, err := Read(t.Context(), client, NeedForDump("home")); err == nil || !strings.Contains(err.Error(), "7.1-10 is too old") {
		t.Errorf("an old cluster: got %v", err)
	}
}
