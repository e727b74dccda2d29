package cluster

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

var (
	diskKey  = regexp.MustCompile(`^(?:ide|scsi|virtio|sata|efidisk|tpmstate)\d+$`)
	mountKey = regexp.MustCompile(`^(?:rootfs|mp\d+)$`)
)

// rootfs is the volume of a container that is always in its backups.
const rootfs = "rootfs"

// volumesOf reads the volumes of a guest from its configuration, as included_volumes would list them
// (get_backup_volumes of qemu-server and pve-container). Drives for disc images, cloud-init among them, and unused disks are none.
func volumesOf(guestType string, configuration map[string]string) []pve.IncludedVolume {
	var volumes []pve.IncludedVolume
	for key, drive := range configuration {
		switch {
		case guestType == "qemu" && diskKey.MatchString(key) && driveOption(drive, "media") != "cdrom":
			volumes = append(volumes, pve.IncludedVolume{
				Key: key, Volume: driveOption(drive, "file"),
				Included: DriveIncluded(guestType, drive) && (!isFirmware(key) || configuration["bios"] == "ovmf"),
			})
		case guestType == "lxc" && mountKey.MatchString(key):
			volume := driveOption(drive, "volume")
			outside := strings.HasPrefix(volume, "/") // a folder or a device of the node
			volumes = append(volumes, pve.IncludedVolume{
				Key: key, Volume: volume, NotVolume: outside && key != rootfs,
				Included: key == rootfs || !outside && DriveIncluded(guestType, drive),
			})
		}
	}
	slices.SortFunc(volumes, func(a, b pve.IncludedVolume) int { return cmp.Compare(a.Key, b.Key) })
	return volumes
}

// isFirmware reports whether a volume holds the settings of the UEFI firmware. Without that firmware no backup contains it.
func isFirmware(key string) bool { return strings.HasPrefix(key, "efidisk") }

// addConfiguration takes over what a guest's configuration says of its volumes, now and after its next start.
func (inv *Inventory) addConfiguration(guest Guest, values []pve.PendingValue) {
	now, later := map[string]string{}, map[string]string{}
	for _, value := range values {
		if value.Value != "" {
			now[value.Key], later[value.Key] = value.Value, value.Value
		}
		if value.HasPending {
			later[value.Key] = value.Pending
		}
		if value.Delete {
			delete(later, value.Key)
		}
	}
	volumes := volumesOf(guest.Type, now)
	inv.Volumes[guest.VMID] = volumes
	if now["bios"] == "ovmf" {
		inv.Firmware[guest.VMID] = true
	}
	for _, after := range volumesOf(guest.Type, later) {
		i := slices.IndexFunc(volumes, func(volume pve.IncludedVolume) bool { return volume.Key == after.Key })
		if i < 0 || volumes[i].Included == after.Included {
			continue
		}
		if inv.Pending[guest.VMID] == nil {
			inv.Pending[guest.VMID] = map[string]bool{}
		}
		inv.Pending[guest.VMID][after.Key] = after.Included
	}
}
