package pvesim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func decimal(n int) string { return strconv.Itoa(n) }

// kindName is how PVE calls a guest in its messages.
func kindName(kind string) string { return map[string]string{"qemu": "VM", "lxc": "CT"}[kind] }

// newVolume is a volume that a task makes for a guest.
type newVolume struct {
	key     string // scsi0, rootfs, mp1
	storage *Storage
	id      string // of the volume
	size    int64  // bytes
	value   string // as the configuration has it
	mounted bool   // it gets a file system
}

// volumeID names the nth volume of a guest on a storage.
func volumeID(s *Storage, kind string, vmid, n int) string {
	switch {
	case s.Type == "zfspool" && kind == "lxc":
		return fmt.Sprintf("%s:subvol-%d-disk-%d", s.ID, vmid, n)
	case slices.Contains([]string{"zfspool", "lvm", "lvmthin", "rbd"}, s.Type):
		return fmt.Sprintf("%s:vm-%d-disk-%d", s.ID, vmid, n)
	}
	return fmt.Sprintf("%s:%d/vm-%d-disk-%d.raw", s.ID, vmid, vmid, n)
}

// freeVolume is the first volume id that is not taken, and takes it.
func freeVolume(s *Storage, kind string, vmid int, taken map[string]bool) string {
	for n := 0; ; n++ {
		if id := volumeID(s, kind, vmid, n); !taken[id] {
			taken[id] = true
			return id
		}
	}
}

// devicePath is where the node finds a volume.
func devicePath(s *Storage, id string) string {
	_, name, _ := strings.Cut(id, ":")
	switch s.Type {
	case "zfspool":
		return "/dev/zvol/" + s.Config["pool"] + "/" + name
	case "lvm", "lvmthin":
		return "/dev/" + s.Config["vgname"] + "/" + name
	case "rbd":
		return "/dev/rbd-pve/" + s.ID + "/" + name
	}
	return s.Path() + "/images/" + name
}

// allocation is what the log says while a volume is made.
func (v *newVolume) allocation(seed uint64) []string {
	var lines []string
	switch v.storage.Type {
	case "lvm", "lvmthin":
		_, name, _ := strings.Cut(v.id, ":")
		lines = append(lines, `  Logical volume "`+name+`" created.`)
	case "zfspool", "rbd":
	default:
		lines = append(lines, fmt.Sprintf("Formatting '%s', fmt=raw size=%d preallocation=off", devicePath(v.storage, v.id), v.size))
	}
	if v.mounted && v.storage.Type != "zfspool" {
		lines = append(lines, fileSystem(v.size, hash(seed, hashText(v.id)))...)
	}
	return lines
}

// fileSystem is what mke2fs says.
func fileSystem(size int64, seed uint64) []string {
	block, ratio, first := int64(4096), int64(16384), int64(0)
	if size < 512<<20 {
		block, ratio, first = 1024, 4096, 1 // a small one keeps its first block for the boot loader
	}
	blocks, group := size/block, 8*block
	lines := []string{
		fmt.Sprintf("Creating filesystem with %d %dk blocks and %d inodes", blocks, block/1024, size/ratio),
		"Filesystem UUID: " + uuid(seed), "Superblock backups stored on blocks: ",
	}
	line, left := "\t", 72
	for i, n := range sparseGroups((blocks + group - 1) / group) {
		text := strconv.FormatInt(n*group+first, 10)
		if i > 0 {
			line += ", "
		}
		if left < len(text)+2 {
			lines, line, left = append(lines, line), "\t", 72
		}
		line, left = line+text, left-len(text)-2
	}
	return append(lines, line)
}

// sparseGroups are the block groups with a copy of the superblock: the first and the powers of three, five and seven.
func sparseGroups(groups int64) []int64 {
	var list []int64
	if groups > 1 {
		list = append(list, 1)
	}
	for _, base := range []int64{3, 5, 7} {
		for n := base; n < groups; n *= base {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list
}

// uuid makes a number into a random UUID.
func uuid(seed uint64) string {
	a, b := hash(seed, 1), hash(seed, 2)
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}

// macAddress makes a number into an address of a network card.
func macAddress(seed uint64) string {
	h := hash(seed, 3)
	return fmt.Sprintf("BC:24:11:%02X:%02X:%02X", h&255, h>>8&255, h>>16&255)
}

// hold books what a guest's new volumes take on a storage.
func (c *Cluster) hold(g *Guest, s *Storage, bytes int64) {
	if g.held == nil {
		g.held = map[location]int64{}
	}
	at := c.model.place(s, g.Node)
	g.held[at] += bytes
	c.volumes[at] += bytes
}

// release gives back what a guest's volumes took.
func (c *Cluster) release(g *Guest) {
	for at, bytes := range g.held {
		c.volumes[at] -= bytes
	}
	g.held = nil
}

// saved is the guest's configuration as a backup keeps it. The same map is handed out until it changes.
func (g *Guest) saved() map[string]string {
	if g.snapshot == nil || !maps.Equal(g.snapshot, g.Config) {
		g.snapshot = maps.Clone(g.Config)
	}
	return g.snapshot
}
