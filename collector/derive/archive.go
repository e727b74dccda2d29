package derive

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Listing is the archives in one place.
type Listing struct {
	At       int64 // when it was read completely
	archives []archive
}

// NewListing reads the names of listed archives, once: a cluster may have hundreds of thousands. What is no backup is left out.
func NewListing(at int64, listed []pve.Archive) Listing {
	listing := Listing{At: at, archives: make([]archive, 0, len(listed))}
	for i := range listed {
		if volume, err := vzdump.ParseVolumeID(listed[i].VolumeID); err == nil {
			listing.archives = append(listing.archives, newArchive(&listed[i], volume))
		}
	}
	return listing
}

// archive is what judging needs of one listed archive, and no more: there may be many.
type archive struct {
	key     string // vzdump.Volume.Key
	node    string // where it lies, empty on a shared storage
	created int64  // when the backup began
	vmid    int
	kind    guestKind
	// size is in bytes: of the file, or on a Proxmox Backup Server of the guest's data, 1 for a snapshot that is not finished.
	size optional.Value[int64]

	pbs       bool
	renamed   bool // a name that vzdump would not give: it is never pruned, and its time proves nothing
	protected bool
	encrypted bool
	verified  verification
}

type (
	guestKind    uint8
	verification uint8
)

const (
	kindUnknown guestKind = iota
	kindQemu
	kindContainer
)

const (
	notVerified verification = iota
	verifiedOK
	verifiedFailed
)

func newArchive(listed *pve.Archive, volume vzdump.Volume) archive {
	one := archive{
		key: volume.Key(), created: listed.Created, vmid: listed.VMID, size: listed.Size,
		pbs: volume.PBS, renamed: listed.Mark == "renamed" || !volume.Standard,
		protected: listed.Protected || listed.Mark == "protected", encrypted: listed.Encrypted,
	}
	switch kindOf(listed, volume) {
	case "qemu":
		one.kind = kindQemu
	case "lxc":
		one.kind = kindContainer
	}
	switch listed.Verification {
	case "ok":
		one.verified = verifiedOK
	case "failed":
		one.verified = verifiedFailed
	}
	return one
}

func kindOf(listed *pve.Archive, volume vzdump.Volume) string {
	if kind := strings.ToLower(listed.Type); kind == "qemu" || kind == "lxc" {
		return kind
	}
	return volume.GuestType
}

// guestType names the kind as guests' ids do; it is empty where it is not known.
func (a *archive) guestType() string { return [...]string{"", "qemu", "lxc"}[a.kind] }

// storedBytes is the size that an archive takes: a Proxmox Backup Server lists what the guest holds instead.
func (a *archive) storedBytes() optional.Value[int64] {
	if a.pbs {
		return optional.Value[int64]{}
	}
	return a.size
}

// starts returns the times of archives, the oldest first.
func starts(archives []*archive) []int64 {
	times := make([]int64, 0, len(archives))
	for _, one := range archives {
		times = append(times, one.created)
	}
	slices.Sort(times)
	return times
}
