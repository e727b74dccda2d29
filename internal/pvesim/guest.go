package pvesim

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// Guest is a virtual machine or container.
type Guest struct {
	VMID    int
	Type    string // qemu or lxc
	Node    string
	Pool    string
	Stopped bool
	Lock    string // backup, snapshot, migrate, ...
	// Config is the configuration file without lock and snapshots: "name" or "hostname", "memory", "scsi0", "mp0", ... Values are the raw
	// text of the file; names may hold any bytes.
	Config map[string]string
	// Pending are changes that wait for a restart; an empty text deletes.
	Pending   map[string]string
	Snapshots bool // it has snapshots of its own

	Used      int64    // bytes of data on its volumes; 0 for two fifths of their size
	Rate      int64    // bytes a second that its backup reads; 0 for a figure of its own
	HookLines []string // what a hook script prints during its backup
	// AgentSilent keeps the guest agent of a virtual machine from answering.
	AgentSilent bool

	facts    *runlog.Guest // what a log says of it, kept while it stays the same
	revision int           // of the model, for which facts was made
	snapshot map[string]string
	held     map[location]int64 // bytes of the volumes that tasks of the API made
	boot     bootState
}

// Name returns the guest's name; it may be empty.
func (g *Guest) Name() string {
	if g.Type == "lxc" {
		return g.Config["hostname"]
	}
	return g.Config["name"]
}

// SetName renames the guest.
func (g *Guest) SetName(name string) {
	if g.Type == "lxc" {
		g.Config["hostname"] = name
	} else {
		g.Config["name"] = name
	}
}

// Template reports whether the guest is a template.
func (g *Guest) Template() bool { return g.Config["template"] == "1" }

// ID returns the id that metrics use, "qemu/100".
func (g *Guest) ID() string { return fmt.Sprintf("%s/%d", g.Type, g.VMID) }

// Digest returns the checksum of the configuration that PVE hands out to detect concurrent edits.
func (g *Guest) Digest() string {
	sum := sha1.New()
	for _, key := range slices.Sorted(maps.Keys(g.Config)) {
		fmt.Fprintf(sum, "%s: %s\n", key, g.Config[key])
	}
	for _, key := range slices.Sorted(maps.Keys(g.Pending)) {
		fmt.Fprintf(sum, "pending %s: %s\n", key, g.Pending[key])
	}
	if g.Lock != "" {
		fmt.Fprintf(sum, "lock: %s\n", g.Lock)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

var (
	diskKey  = regexp.MustCompile(`^(ide|scsi|virtio|sata|efidisk|tpmstate)\d+$`)
	mountKey = regexp.MustCompile(`^(rootfs|mp\d+)$`)
)

// volumes reads the guest's volumes from its configuration, in PVE's order.
func (g *Guest) volumes() []runlog.Volume {
	var list []runlog.Volume
	for key, value := range g.Config {
		if g.Type == "lxc" && mountKey.MatchString(key) {
			list = append(list, mountVolume(key, value))
		}
		if g.Type != "lxc" && diskKey.MatchString(key) && !strings.Contains(value, "media=cdrom") {
			list = append(list, diskVolume(key, value, g.Config["bios"] == "ovmf"))
		}
	}
	slices.SortFunc(list, func(a, b runlog.Volume) int {
		return cmp.Or(cmp.Compare(volumeRank(a.Key), volumeRank(b.Key)), cmp.Compare(len(a.Key), len(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// volumeRank sorts the kinds of volumes as PVE walks them.
func volumeRank(key string) int {
	return slices.Index([]string{"rootfs", "mp", "ide", "scsi", "virtio", "sata", "efidisk", "tpmstate"}, strings.TrimRight(key, "0123456789"))
}

// diskVolume reads "local-zfs:vm-100-disk-0,size=32G,backup=0".
func diskVolume(key, value string, ovmf bool) runlog.Volume {
	id, options := splitProperties(value)
	v := runlog.Volume{Key: key, ID: id, Size: parseSize(options["size"]), Included: true, Kind: "volume", Reason: "backup=yes"}
	if flag, set := options["backup"]; set {
		v.Included = flag != "0"
		v.Reason = "backup=no"
	}
	if strings.HasPrefix(key, "efidisk") && !ovmf {
		v.Included, v.Reason = false, "efidisk but no OVMF BIOS"
	}
	return v
}

// mountVolume reads "local-zfs:subvol-101-disk-0,mp=/data,backup=1,size=8G", or a host path for a bind mount.
func mountVolume(key, value string) runlog.Volume {
	id, options := splitProperties(value)
	v := runlog.Volume{Key: key, ID: id, Size: parseSize(options["size"]), Mount: options["mp"], Kind: "volume"}
	switch {
	case key == "rootfs":
		v.Mount, v.Included, v.Reason = "/", true, "rootfs"
	case strings.HasPrefix(id, "/dev/"):
		v.Kind, v.Reason = "device", "not a volume"
	case strings.HasPrefix(id, "/"):
		v.Kind, v.Reason = "bind", "not a volume"
	case options["backup"] == "1":
		v.Included, v.Reason = true, "enabled"
	default:
		v.Reason = "disabled"
	}
	return v
}

// splitProperties splits a property string into its unnamed first part and its options.
func splitProperties(value string) (first string, options map[string]string) {
	parts := strings.Split(value, ",")
	options = map[string]string{}
	for i, part := range parts {
		name, text, found := strings.Cut(part, "=")
		switch {
		case found:
			options[name] = text
		case i == 0:
			first = part
		}
	}
	for _, name := range []string{"file", "volume"} {
		if first == "" {
			first = options[name]
		}
	}
	return first, options
}
