package plan

import (
	"fmt"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Newest finds the newest archive of a guest among those of all storages. Snapshots on a Proxmox Backup Server that are not finished do not
// count.
func Newest(archives []pve.Archive, kind string, vmid int) (pve.Archive, bool) {
	var newest pve.Archive
	for _, each := range archives {
		if each.VMID == vmid && each.Type == kind && !unfinished(each) && each.Created > newest.Created {
			newest = each
		}
	}
	return newest, newest.VolumeID != ""
}

// unfinished reports a snapshot that a Proxmox Backup Server lists while it is made: its size is 1.
func unfinished(archive pve.Archive) bool {
	size, known := archive.Size.Get()
	return known && size == 1
}

// Named finds an archive by its volume id, which must be one of the guest's.
func Named(archives []pve.Archive, volume, kind string, vmid int) (pve.Archive, error) {
	at := slices.IndexFunc(archives, func(each pve.Archive) bool { return each.VolumeID == volume })
	switch {
	case at < 0:
		return pve.Archive{}, ui.Hint(fmt.Errorf("there is no archive %s, or the token may not read it", volume),
			"`pvesm list STORAGE --vmid %d` on a node shows the archives of the guest", vmid)
	case archives[at].VMID != vmid || archives[at].Type != kind:
		return pve.Archive{}, ui.Hint(fmt.Errorf("archive %s is not one of guest %s/%d", volume, kind, vmid), "name the guest that it is of with --guest")
	}
	return archives[at], nil
}
