package pvesim

import (
	"regexp"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// guestKey is a key of a guest's configuration that can be written here. The real API has many more.
type guestKey struct {
	param     wire.Param
	privilege string
	// hot keys change while the guest runs; others wait for its restart.
	hot bool
}

// driveNames and driveFlags are the options of a virtual disk; machineDrives says which keys are disks.
const (
	driveNames = "aio bps bps_max_length bps_rd bps_rd_max_length bps_wr bps_wr_max_length cache discard format iops iops_max iops_max_length iops_rd " +
		"iops_rd_max iops_rd_max_length iops_wr iops_wr_max iops_wr_max_length mbps mbps_max mbps_rd mbps_rd_max mbps_wr mbps_wr_max media model product " +
		"queues rerror serial size vendor werror wwn efitype ms-cert version"
	driveFlags  = "backup detect_zeroes iothread pre-enrolled-keys replicate ro scsiblock shared snapshot ssd"
	mountNames  = "idmap mountoptions size"
	mountFlags  = "acl quota replicate ro shared"
	coldOptions = "aio cache discard iothread queues ro ssd" // of a disk: a running machine does not take them
)

var driveKey = regexp.MustCompile(`^(ide|scsi|virtio|sata)\d+$`)

// volumeFormat is the form of a disk or mount point; one that is a property string has a first part, the volume.
func volumeFormat(first, names, flags string) propertyFormat {
	f := propertyFormat{first: {first: true, required: true}}
	for _, name := range strings.Fields(names) {
		f[name] = property{}
	}
	for _, name := range strings.Fields(flags) {
		f[name] = property{kind: flagProperty}
	}
	return f
}

func driveFormat() propertyFormat { return volumeFormat("file", driveNames, driveFlags) }

func rootFormat() propertyFormat { return volumeFormat("volume", mountNames, mountFlags) }

func mountFormat() propertyFormat {
	f := volumeFormat("volume", mountNames, mountFlags+" backup keepattrs")
	f["mp"] = property{required: true}
	return f
}

// formatOf is the form of a key that holds a volume; nil for other keys.
func formatOf(kind, key string) propertyFormat {
	switch {
	case kind == "qemu" && diskKey.MatchString(key):
		return driveFormat()
	case kind == "lxc" && key == "rootfs":
		return rootFormat()
	case kind == "lxc" && mountKey.MatchString(key):
		return mountFormat()
	}
	return nil
}

// guestKeys are the keys that can be written, by kind of guest.
func guestKeys(kind string) []guestKey {
	text := func(name, privilege string, length int, hot bool) guestKey {
		return guestKey{wire.Param{Name: name, MaxLength: length}, privilege, hot}
	}
	flag := func(name string, hot bool) guestKey {
		return guestKey{wire.Param{Name: name, Kind: wire.Boolean}, "VM.Config.Options", hot}
	}
	number := func(name, privilege string, low, high int64, hot bool) guestKey {
		p := wire.Param{Name: name, Kind: wire.Integer, Min: wire.Limit(low)}
		if high > 0 {
			p.Max = wire.Limit(high)
		}
		return guestKey{p, privilege, hot}
	}
	volumes := func(format func() propertyFormat, names ...string) (keys []guestKey) {
		for _, name := range names {
			keys = append(keys, guestKey{wire.Param{Name: name, CheckNamed: checkProperties(format)}, "VM.Config.Disk", kind == "qemu"})
		}
		return keys
	}
	shared := []guestKey{
		text("description", "VM.Config.Options", 8192, true), text("tags", "VM.Config.Options", 0, true), text("startup", "VM.Config.Options", 0, true),
		flag("onboot", true), flag("protection", true), flag("template", false),
	}
	shared = append(shared, moreGuestKeys(kind)...)
	if kind == "lxc" {
		shared = append(shared, guestKey{wire.Param{Name: "hostname", MaxLength: 255, Check: checkDNSName}, "VM.Config.Network", true}, number("cores", "VM.Config.CPU", 1, 8192, true),
			number("memory", "VM.Config.Memory", 16, 0, true), number("swap", "VM.Config.Memory", 0, 0, true))
		return append(append(shared, volumes(mountFormat, "mp[n]")...), volumes(rootFormat, "rootfs")...)
	}
	shared = append(shared, text("name", "VM.Config.Options", 0, true), text("agent", "VM.Config.Options", 0, false), text("boot", "VM.Config.Disk", 0, false),
		text("memory", "VM.Config.Memory", 0, false), number("cores", "VM.Config.CPU", 1, 0, false), number("sockets", "VM.Config.HWType", 1, 0, false))
	return append(shared, volumes(driveFormat, "ide[n]", "scsi[n]", "virtio[n]", "sata[n]", "efidisk0", "tpmstate0")...)
}

// guestKeyOf finds the description of a key; nil for one that cannot be written here.
func guestKeyOf(kind, key string) *guestKey {
	indexed := strings.TrimRight(key, "0123456789") + "[n]"
	for _, k := range guestKeys(kind) {
		if k.param.Name == key || k.param.Name == indexed {
			return &k
		}
	}
	return nil
}

// guestPrivileges are those of which a caller needs one to write anything.
func guestPrivileges(kind string) []string {
	if kind == "lxc" {
		return []string{"VM.Config.Disk", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options"}
	}
	return []string{
		"VM.Config.Disk", "VM.Config.CDROM", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network", "VM.Config.HWType", "VM.Config.Options",
		"VM.Config.Cloudinit",
	}
}

// moreGuestKeys are keys of devices and settings that a restored or new guest needs to be told.
func moreGuestKeys(kind string) (keys []guestKey) {
	add := func(privilege string, hot bool, params ...wire.Param) {
		for _, p := range params {
			keys = append(keys, guestKey{p, privilege, hot})
		}
	}
	add("VM.Config.Network", true, wire.Param{Name: "net[n]"}, wire.Param{Name: "nameserver"}, wire.Param{Name: "searchdomain"})
	add("VM.Config.CPU", true, wire.Param{Name: "cpulimit", Kind: wire.Number, Min: wire.Limit(0), Max: wire.Limit(map[string]int64{"qemu": 128, "lxc": 8192}[kind])})
	if kind == "lxc" {
		add("VM.Config.Options", true, wire.Param{Name: "features"}, wire.Param{Name: "timezone"}, wire.Param{Name: "dev[n]"})
		add("VM.Config.Options", false, wire.Param{Name: "arch", Values: []string{"amd64", "i386", "arm64", "armhf", "riscv32", "riscv64"}})
		return keys
	}
	add("VM.Config.HWType", false, wire.Param{Name: "hostpci[n]"}, wire.Param{Name: "usb[n]"}, wire.Param{Name: "serial[n]"}, wire.Param{Name: "bios", Values: []string{"seabios", "ovmf"}})
	add("VM.Config.Memory", false, wire.Param{Name: "balloon", Kind: wire.Integer, Min: wire.Limit(0)})
	add("VM.Config.Options", false, wire.Param{Name: "hookscript"})
	return keys
}

// rootOnly reports a value that only root himself may set or take away: a device of the node.
func (k *guestKey) rootOnly(value string) bool {
	_, properties := splitProperties(value)
	switch k.param.Name {
	case "hostpci[n]":
		return properties["mapping"] == ""
	case "usb[n]":
		return properties["mapping"] == "" && !strings.Contains(value, "spice")
	case "dev[n]", "hookscript":
		return true
	}
	return false
}
