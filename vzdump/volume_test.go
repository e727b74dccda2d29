package vzdump

import (
	"strings"
	"testing"
	"time"
)

func TestParseVolumeID(t *testing.T) {
	for id, want := range map[string]struct {
		guestType, at, key  string
		vmid                int
		pbs, standard, fail bool
	}{
		"nas:backup/vzdump-qemu-100-2024_05_01-02_00_03.vma.zst": {
			guestType: "qemu", vmid: 100, at: "2024-05-01T02:00:03+02:00", standard: true, key: "vzdump-qemu-100-2024_05_01-02_00_03.vma.zst",
		},
		"nas:backup/vzdump-lxc-999999999-2024_05_01-02_00_03.tgz": {
			guestType: "lxc", vmid: 999999999, at: "2024-05-01T02:00:03+02:00", standard: true, key: "vzdump-lxc-999999999-2024_05_01-02_00_03.tgz",
		},
		"nas:backup/vzdump-openvz-105-2013_01_01-00_00_00.tar": {
			guestType: "openvz", vmid: 105, at: "2013-01-01T00:00:00+01:00", standard: true, key: "vzdump-openvz-105-2013_01_01-00_00_00.tar",
		},
		"pbs:backup/vm/100/2024-05-01T00:00:03Z": {
			guestType: "qemu", vmid: 100, at: "2024-05-01T02:00:03+02:00", pbs: true, standard: true, key: "vm/100/2024-05-01T00:00:03Z",
		},
		"pbs:backup/ct/101/2024-01-01T00:00:03Z": {
			guestType: "lxc", vmid: 101, at: "2024-01-01T01:00:03+01:00", pbs: true, standard: true, key: "ct/101/2024-01-01T00:00:03Z",
		},
		"pbs:backup/host/pve1/2024-05-01T00:00:03Z": {pbs: true, at: "2024-05-01T02:00:03+02:00", key: "host/pve1/2024-05-01T00:00:03Z"},
		"pbs:backup/ct/100/2024-13-01T00:00:03Z":    {guestType: "lxc", vmid: 100, pbs: true, key: "ct/100/2024-13-01T00:00:03Z"},
		// Renamed, and a day that does not exist: the guest is stated, the time is not.
		"nas:backup/vzdump-qemu-200-manual.vma.zst":               {guestType: "qemu", vmid: 200, key: "vzdump-qemu-200-manual.vma.zst"},
		"nas:backup/vzdump-lxc-101-2026_02_30-02_00_00.tar.zst":   {guestType: "lxc", vmid: 101, key: "vzdump-lxc-101-2026_02_30-02_00_00.tar.zst"},
		"nas:backup/vzdump-lxc-101-2026_02_03-25_00_00.tar.zst":   {guestType: "lxc", vmid: 101, key: "vzdump-lxc-101-2026_02_03-25_00_00.tar.zst"},
		"nas:backup/vzdump-lxc-101-2026_02_03-02_00_00.tar.xz":    {guestType: "lxc", vmid: 101, key: "vzdump-lxc-101-2026_02_03-02_00_00.tar.xz"},
		"nas:backup/vzdump-lxc-101-2026_02_03-02_00_00-x.tar.zst": {guestType: "lxc", vmid: 101, key: "vzdump-lxc-101-2026_02_03-02_00_00-x.tar.zst"},
		"nas:backup/vzdump-qemu-golden-image.vma":                 {guestType: "qemu", key: "vzdump-qemu-golden-image.vma"},
		"nas:backup/vzdump-qemu-12-2024_05_01-02_00_03.vma":       {guestType: "qemu", key: "vzdump-qemu-12-2024_05_01-02_00_03.vma"},
		"nas:backup/old-vzdump-qemu-100-2024_05_01-02_00_03.vma":  {key: "old-vzdump-qemu-100-2024_05_01-02_00_03.vma"},
		"cloud:backup/100/qemu-1714521603":                        {key: "100/qemu-1714521603"},
		"local:iso/debian.iso":                                    {fail: true},
		"local:backup/":                                           {fail: true},
		":backup/vzdump-qemu-100-2024_05_01-02_00_03.vma":         {fail: true},
		"/mnt/a:backup/vzdump-qemu-100-2024_05_01-02_00_03.vma":   {fail: true},
		"vzdump-qemu-100-2024_05_01-02_00_03.vma.zst":             {fail: true},
		"": {fail: true},
	} {
		got, err := ParseVolumeID(id)
		if want.fail {
			if err == nil || !strings.Contains(err.Error(), "volume ") {
				t.Errorf("%q: got %+v %v, want an error that names it", id, got, err)
			}
			continue
		}
		if err != nil || got.String() != id || got.GuestType != want.guestType || got.VMID != want.vmid || got.PBS != want.pbs || got.Standard != want.standard || got.Key() != want.key {
			t.Errorf("%q: got %+v key %q %v, want %+v", id, got, got.Key(), err, want)
		}
		if at := formatVolumeTime(t, got.Time); at != want.at {
			t.Errorf("%q: got time %q, want %q", id, at, want.at)
		}
	}
}

func formatVolumeTime(t *testing.T, at VolumeTime) string {
	t.Helper()
	berlin := mustZone(t, "Europe/Berlin")
	if at.IsZero() {
		if !at.At(berlin).IsZero() {
			t.Error("an unknown time has a moment")
		}
		return ""
	}
	return at.At(berlin).Format(time.RFC3339)
}

// The archive that a log names and the one that a listing holds are found to be the same.
func TestKeyJoinsLogAndListing(t *testing.T) {
	for archivePath, id := range map[string]string{
		"/var/lib/vz/dump/vzdump-lxc-101-2026_11_23-00_34_06.tar.zst":     "local:backup/vzdump-lxc-101-2026_11_23-00_34_06.tar.zst",
		"/mnt/pve/NAS-DS2/dump/vzdump-lxc-200-2023_04_07-17_11_08.tar":    "NAS-DS2:backup/vzdump-lxc-200-2023_04_07-17_11_08.tar",
		"ct/101/2026-05-09T15:43:57Z":                                     "pbs41:backup/ct/101/2026-05-09T15:43:57Z",
		"vm/103/2026-03-11T08:51:30Z":                                     "pbs41:backup/vm/103/2026-03-11T08:51:30Z",
		"100/qemu-1714521603":                                             "cloud:backup/100/qemu-1714521603",
		"backup/100/qemu-1714521603":                                      "cloud:backup/100/qemu-1714521603",
		"/a b/vzdump-openvz-1123-2011_12_20-21_53_10.tgz":                 "x:backup/vzdump-openvz-1123-2011_12_20-21_53_10.tgz",
		"/mnt/backup/dump/backup/vzdump-qemu-100-2024_05_01-02_00_03.vma": "x:backup/vzdump-qemu-100-2024_05_01-02_00_03.vma",
	} {
		logged, err := ParseArchivePath(archivePath)
		if err != nil {
			t.Errorf("%q: %v", archivePath, err)
			continue
		}
		listed, err := ParseVolumeID(id)
		if err != nil {
			t.Errorf("%q: %v", id, err)
			continue
		}
		if logged.Key() != listed.Key() {
			t.Errorf("the log's %q has the key %q, the listing's %q has %q", archivePath, logged.Key(), id, listed.Key())
		}
		logged.Name, logged.Storage = listed.Name, listed.Storage
		if logged != listed {
			t.Errorf("%q: the log says %+v, the listing %+v", archivePath, logged, listed)
		}
	}
	if _, err := ParseArchivePath(""); err == nil {
		t.Error("an empty path must be refused")
	}
}

func TestVolumeTimeAroundClockChanges(t *testing.T) {
	for name, want := range map[string]string{
		"2026_10_25-02_30_00": "2026-10-25T02:30:00+02:00", // comes twice: the earlier
		"2026_10_25-03_00_00": "2026-10-25T03:00:00+01:00",
		"2027_03_28-02_30_00": "2027-03-28T03:30:00+02:00", // does not come
		"2027_03_28-01_59_59": "2027-03-28T01:59:59+01:00",
		"2027_03_28-03_00_00": "2027-03-28T03:00:00+02:00",
	} {
		volume, err := ParseArchivePath("/dump/vzdump-lxc-100-" + name + ".tar.zst")
		if err != nil {
			t.Fatal(err)
		}
		if got := formatVolumeTime(t, volume.Time); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// Whatever the name, the volume gives it back, and its key is stable: a key read as a log's archive has the same key.
func FuzzVolumeID(f *testing.F) {
	for _, id := range []string{
		"nas:backup/vzdump-qemu-100-2024_05_01-02_00_03.vma.zst", "pbs:backup/vm/100/2024-05-01T00:00:03Z", "x:backup//", "x:backup/backup/vm/1/2",
		"x:backup/vzdump-lxc-101-2026_02_30-02_00_00.tar.zst", "x:backup/ct/00000000000000000000001/9999-99-99T99:99:99Z",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		volume, err := ParseVolumeID(id)
		if err != nil {
			return
		}
		if volume.String() != id {
			t.Fatalf("%q became %q", id, volume)
		}
		if volume.Standard && (volume.VMID == 0 || volume.GuestType == "" || volume.Time.IsZero()) {
			t.Fatalf("%q: a standard name states guest and time, got %+v", id, volume)
		}
		logged, err := ParseArchivePath(volume.Key())
		if err != nil {
			t.Fatalf("%q: its key %q is no archive path: %v", id, volume.Key(), err)
		}
		if volume.Standard && logged.Key() != volume.Key() {
			t.Fatalf("%q: the key %q became %q", id, volume.Key(), logged.Key())
		}
	})
}
