package pvesim

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// restore is what a call to restore an archive asks for.
type restore struct {
	archive string // the volume id
	vmid    int
	kind    string
	node    string
	user    string
	storage string // for all volumes; empty for each where it was
	pool    string
	unique  bool
	start   bool
	limit   int64             // KiB/s; 0 for none
	given   map[string]string // configuration that replaces the archive's
	mounts  map[string]string // of a container, where the call says them
	taken   map[string]bool   // ids of the volumes of the guest that is overwritten
	// may checks a privilege of the caller on a path.
	may func(path, privilege string) bool
}

var archiveOwner = regexp.MustCompile(`(?:vzdump-(?:qemu|lxc)-|(?:vm|ct)/)(\d+)`)

// ownerOf reads the guest's id from a volume name; 0 where it has none.
func ownerOf(volume string) int {
	if found := archiveOwner.FindStringSubmatch(volume); found != nil {
		id, _ := strconv.Atoi(found[1])
		return id
	}
	return 0
}

// archiveAt finds an archive as a node sees it; nil where there is none.
func (m *Model) archiveAt(volume, node string) *Archive {
	s := m.Storage(storageOf(volume))
	if s == nil {
		return nil
	}
	for _, a := range m.cluster.shelfAt(m.place(s, node)).byGuest[ownerOf(volume)] {
		if a.Volume() == volume {
			return a
		}
	}
	return nil
}

// contents is the guest as an archive holds it. An archive that came from elsewhere holds what its guest has now, or what a guest may have.
func (m *Model) contents(a *Archive) *Guest {
	config := a.Config
	if config == nil && m.Guests[a.VMID] != nil && m.Guests[a.VMID].Type == a.Type {
		config = m.Guests[a.VMID].Config
	}
	if config == nil {
		home := "local"
		for _, s := range m.Storages {
			if s.Holds("images") && s.Holds("rootdir") {
				home = s.ID
			}
		}
		config = map[string]string{"name": "vm" + decimal(a.VMID), "memory": "1024", "scsi0": home + ":vm-" + decimal(a.VMID) + "-disk-0,size=8G"}
		if a.Type == "lxc" {
			config = map[string]string{"hostname": "ct" + decimal(a.VMID), "memory": "512", "arch": "amd64", "rootfs": home + ":subvol-" + decimal(a.VMID) + "-disk-0,size=8G"}
		}
	}
	return &Guest{VMID: a.VMID, Type: a.Type, Config: config}
}

// data is how many bytes an archive holds, unpacked.
func (a *Archive) data() int64 {
	switch {
	case a.Ending == "" && a.Stored > 0:
		return max(a.Stored*2, 1<<20)
	case strings.Count(a.Ending, ".") > 0:
		return max(a.Size*11/5, 1<<20)
	}
	return max(a.Size, 1<<20)
}

// notRestored are keys that stay behind, whoever restores.
var notRestored = regexp.MustCompile(`^(lock|parent|digest|vmstate|unused\d+)$`)

// configuration is that of the restored guest but for its volumes.
func (r *restore) configuration(from *Guest, seed uint64) map[string]string {
	config := map[string]string{}
	for key, value := range from.Config {
		volume := diskKey.MatchString(key) && from.Type == "qemu" || mountKey.MatchString(key) && from.Type == "lxc"
		if notRestored.MatchString(key) || volume || from.Type == "lxc" && key == "template" {
			continue
		}
		if r.unique && strings.HasPrefix(key, "net") {
			value = newAddress(value, hash(seed, hashText(key)))
		}
		config[key] = value
	}
	if from.Type == "qemu" && config["vmgenid"] != "" {
		config["vmgenid"] = uuid(hash(seed, 17))
	}
	maps.Copy(config, r.given)
	return config
}

var hardwareAddress = regexp.MustCompile(`(?i)([0-9a-f]{2}:){5}[0-9a-f]{2}`)

// newAddress gives a network card another address.
func newAddress(card string, seed uint64) string {
	return hardwareAddress.ReplaceAllString(card, macAddress(seed))
}

// target is the storage of a restored volume.
func (r *restore) target(m *Model, volume string) *Storage {
	return m.Storage(cmp.Or(r.storage, storageOf(volume)))
}

// disks are the volumes of a virtual machine that its archive holds. One that was not backed up becomes a line of the description.
func (r *restore) disks(m *Model, from *Guest, config map[string]string) []newVolume {
	var list []newVolume
	taken := maps.Clone(r.taken)
	for _, key := range slices.Sorted(maps.Keys(from.Config)) {
		value := from.Config[key]
		if !diskKey.MatchString(key) {
			continue
		}
		id, properties := splitProperties(value)
		switch {
		case properties["media"] == "cdrom":
			config[key] = value
			continue
		case properties["backup"] == "0":
			config["description"] = strings.TrimPrefix(config["description"]+"\n"+key+": "+value, "\n")
			continue
		}
		v := newVolume{key: key, storage: r.target(m, id), size: parseSize(properties["size"])}
		if v.storage != nil {
			v.id = freeVolume(v.storage, "qemu", r.vmid, taken)
		}
		v.value = v.id + strings.TrimPrefix(value, id)
		list = append(list, v)
	}
	return list
}

// mountsOf are the volumes of a restored container: those of its archive, all of them on one storage, or those that the call says. The text
// is why it cannot be.
func (r *restore) mountsOf(m *Model, from *Guest) (list []newVolume, refusal string) {
	wanted := map[string]string{}
	for _, v := range from.volumes() {
		if len(r.mounts) > 0 {
			break
		}
		if v.Kind != "volume" {
			return nil, "restoring '" + v.Key + "' to " + v.Kind + " mount is only possible for root"
		}
		_, properties := splitProperties(from.Config[v.Key])
		delete(properties, "size")
		properties["volume"] = cmp.Or(r.storage, "local") + ":" + strconv.FormatFloat(float64(v.Size)/(1<<30), 'f', -1, 64)
		wanted[v.Key] = formatOf("lxc", v.Key).print(properties)
	}
	if len(r.mounts) > 0 {
		wanted = r.mounts
	}
	return m.newMounts(r.vmid, wanted, r.taken)
}

// newMounts are volumes by the words of a call: "local:8,mp=/data" is a new one of 8 GiB.
// Ids in taken are those of volumes that are still there.
func (m *Model) newMounts(vmid int, wanted map[string]string, taken map[string]bool) (list []newVolume, refusal string) {
	taken = maps.Clone(taken)
	if taken == nil {
		taken = map[string]bool{}
	}
	keys := slices.SortedFunc(maps.Keys(wanted), func(a, b string) int {
		return cmp.Or(cmp.Compare(volumeRank(a), volumeRank(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	for _, key := range keys {
		format := formatOf("lxc", key)
		properties, err := format.parse(key, wanted[key])
		if err != nil {
			return nil, err.Error()
		}
		id, size, _ := strings.Cut(properties["volume"], ":")
		gigabytes, err := strconv.ParseFloat(size, 64)
		s := m.Storage(id)
		if err != nil || s == nil {
			return nil, "volume '" + properties["volume"] + "' does not exist"
		}
		v := newVolume{key: key, storage: s, size: int64(gigabytes * (1 << 30)), id: freeVolume(s, "lxc", vmid, taken), mounted: true}
		properties["volume"], properties["size"] = v.id, sizeText(v.size)
		v.value = format.print(properties)
		list = append(list, v)
	}
	return list, ""
}

// sizeText writes a size as configuration files do.
func sizeText(bytes int64) string {
	for i, unit := range []string{"T", "G", "M", "K"} {
		if one := int64(1) << (10 * (4 - i)); bytes >= one && bytes%one == 0 {
			return strconv.FormatInt(bytes/one, 10) + unit
		}
	}
	return strconv.FormatInt(bytes, 10)
}

// file is where a node finds an archive or template; empty on a Proxmox Backup Server.
func (s *Storage) file(volume string) string {
	if s.Path() == "" {
		return ""
	}
	_, name, _ := strings.Cut(volume, ":")
	if rest, ok := strings.CutPrefix(name, "vztmpl/"); ok {
		return path.Join(s.Path(), "template/cache", rest)
	}
	return path.Join(s.Path(), "dump", strings.TrimPrefix(name, "backup/"))
}
