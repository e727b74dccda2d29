package vzdump

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Volume is what the name of a backup archive says.
type Volume struct {
	// Storage is the storage's id; empty for an archive path, which does not tell it.
	Storage string
	// Name is the name within the storage ("backup/vzdump-qemu-100-...", "backup/vm/100/..."), or the path as the log writes it.
	Name string
	// GuestType is qemu, lxc, or openvz for containers of Proxmox VE 3; empty where the name does not state it.
	GuestType string
	// VMID is 0 where the name does not state it.
	VMID int
	// Time is when the guest's backup started. It is zero where the name does not state it or names a day that does not exist.
	Time VolumeTime
	// PBS says that the archive is a snapshot on a Proxmox Backup Server.
	PBS bool
	// Standard says that the name is the one that vzdump gave. Archives that were renamed are never pruned, and the time that a listing
	// gives for them is when their file last changed.
	Standard bool
}

// The names that Proxmox VE (pve-storage, archive_info) takes for its own. The second group is the guest, the last six are the time.
var (
	standardFile = regexp.MustCompile(`^vzdump-(qemu|lxc|openvz)-([1-9][0-9]{2,8})-(\d{4})_(\d\d)_(\d\d)-(\d\d)_(\d\d)_(\d\d)\.(?:tgz|(?:tar|vma)(?:\.(?:gz|lzo|zst|bz2))?)$`)
	renamedFile  = regexp.MustCompile(`^vzdump-(qemu|lxc|openvz)-(?:([1-9][0-9]{2,8})-)?`)
	pbsSnapshot  = regexp.MustCompile(`^(vm|ct|host)/([^/]+)/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$`)
)

// ParseVolumeID reads the id of a listed archive, "storage:backup/name". A name of unknown form, such as those of other vendors' storages, is
// no error: all that it does not state is then empty. The id of anything but a backup is an error.
func ParseVolumeID(id string) (Volume, error) {
	storage, name, found := strings.Cut(id, ":")
	if !found || storage == "" || strings.ContainsAny(storage, "/ \t\n") {
		return Volume{}, fmt.Errorf("volume %q: no storage before a colon", id)
	}
	if short, ok := strings.CutPrefix(name, "backup/"); !ok || short == "" {
		return Volume{}, fmt.Errorf("volume %q: not a backup", id)
	}
	volume := readVolumeName(name)
	volume.Storage = storage
	return volume, nil
}

// ParseArchivePath reads an archive as a task's log names it in its "creating ... archive" line: a file's path, a snapshot
// ("ct/101/2026-05-09T15:43:57Z"), or the name that another vendor's storage chose. Only an empty text is an error.
func ParseArchivePath(text string) (Volume, error) {
	if text == "" {
		return Volume{}, fmt.Errorf("archive path is empty")
	}
	return readVolumeName(text), nil
}

func readVolumeName(name string) Volume {
	volume := Volume{Name: name}
	key := volume.Key()
	if parts := pbsSnapshot.FindStringSubmatch(key); parts != nil {
		volume.readSnapshot(parts[1], parts[2], parts[3])
		return volume
	}
	if parts := standardFile.FindStringSubmatch(key); parts != nil {
		volume.GuestType, volume.VMID = parts[1], parseVMID(parts[2])
		volume.Time, volume.Standard = newLocalVolumeTime(parts[3:])
		return volume
	}
	if parts := renamedFile.FindStringSubmatch(key); parts != nil {
		volume.GuestType, volume.VMID = parts[1], parseVMID(parts[2])
	}
	return volume
}

func (v *Volume) readSnapshot(kind, id, at string) {
	v.PBS = true
	v.VMID = parseVMID(id)
	switch kind {
	case "vm":
		v.GuestType = "qemu"
	case "ct":
		v.GuestType = "lxc"
	}
	if reading, err := time.Parse(time.RFC3339, at); err == nil {
		v.Time = VolumeTime{reading: reading, utc: true, known: true}
		v.Standard = v.GuestType != "" && v.VMID != 0
	}
}

// parseVMID returns 0 for what is not a guest's id.
func parseVMID(text string) int {
	id, err := strconv.Atoi(text)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// Key is the same for an archive in a listing and in the log of the task that made it: the file's base name, "vm/100/2024-05-01T00:00:03Z"
// for a snapshot, and the name as it is for other vendors' storages. It does not tell the storage.
func (v Volume) Key() string {
	if strings.HasPrefix(v.Name, "/") {
		return path.Base(v.Name)
	}
	return strings.TrimPrefix(v.Name, "backup/")
}

// String returns the text that the volume was read from.
func (v Volume) String() string {
	if v.Storage == "" {
		return v.Name
	}
	return v.Storage + ":" + v.Name
}
