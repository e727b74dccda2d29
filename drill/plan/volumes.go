package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Volume is a disk or mount point of a guest that its backup contains.
type Volume struct {
	Key   string // scsi0, rootfs, mp1
	Bytes int64  // its size; 0 where the configuration does not say
	Mount string // where a container has it
}

// volumes lists what a backup of the guest contains, sorted by key. It leaves out folders and devices of the host, and a container's volumes
// that are flagged out, of which a restore would only make empty ones.
func volumes(kind string, settings Settings) []Volume {
	var list []Volume
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		id, options := property(settings[key])
		size, _ := bytesOf(options["size"])
		switch {
		case kind == Container && key == "rootfs":
			list = append(list, Volume{Key: key, Bytes: size, Mount: "/"})
		case kind == Container && numbered(key, "mp"):
			if strings.HasPrefix(id, "/") || options["backup"] != "1" {
				continue
			}
			list = append(list, Volume{Key: key, Bytes: size, Mount: options["mp"]})
		case kind == VM && drive(key) && !cdrom(settings[key]) && options["backup"] != "0":
			list = append(list, Volume{Key: key, Bytes: size})
		}
	}
	return list
}

func drive(key string) bool {
	return numbered(key, "ide", "sata", "scsi", "virtio", "efidisk", "tpmstate")
}

// cdrom reports whether a drive is one for discs. Proxmox VE makes that of cloud-init anew with the restore: it is none.
func cdrom(value string) bool {
	return strings.Contains(value, "media=cdrom") && !cloudInit(value)
}

func cloudInit(value string) bool {
	id, _ := property(value)
	return strings.Contains(id, "cloudinit")
}

// gib writes a size as the GiB that "storage:size" of a container takes.
func gib(bytes int64) string {
	return strconv.FormatFloat(float64(bytes)/(1<<30), 'f', -1, 64)
}

// foreign names the volumes of a restored guest that are not its own: on another storage than it was restored to, or named after another guest.
func foreign(kind string, settings Settings, vmid int, storage string) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		isVolume := kind == VM && drive(key) || kind == Container && (key == "rootfs" || numbered(key, "mp")) || numbered(key, "unused")
		id, options := property(settings[key])
		for _, name := range []string{"file", "volume"} {
			if id == "" {
				id = options[name]
			}
		}
		if !isVolume {
			continue
		}
		on, name, _ := strings.Cut(id, ":")
		if on != storage || !strings.Contains(name, "-"+strconv.Itoa(vmid)+"-") {
			keys = append(keys, key)
		}
	}
	return keys
}
