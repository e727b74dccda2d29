package pvesim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Archive is one backup on a storage.
type Archive struct {
	Storage string
	Node    string // where it lies; ignored for a shared storage
	VMID    int
	Type    string // qemu or lxc
	Created int64  // Unix seconds: when the backup of its guest began
	Size    int64  // bytes; on a Proxmox Backup Server the logical size
	// Stored are the bytes that it takes on the storage where those differ from Size; 0 for Size.
	Stored       int64
	Ending       string // of the file, "vma.zst"; empty on a Proxmox Backup Server
	Renamed      string // replaces the time in the file's name, "before-upgrade"
	Protected    bool
	Notes        string
	Encrypted    string // the key's fingerprint; only on a Proxmox Backup Server
	Verification string // "", ok or failed; only on a Proxmox Backup Server
	Unfinished   bool   // an upload that goes on or was given up
	// Config is the configuration of its guest that it holds; nil for the one that the guest has now.
	Config map[string]string
	// Corrupt makes its restore fail: the file is cut off.
	Corrupt bool

	wall int64 // the writing node's wall clock at Created, as if it were UTC
}

// location is one place of archives.
type location struct{ storage, node string }

// shelf holds the archives of one location.
type shelf struct {
	byGuest map[int][]*Archive
	bytes   int64
}

// place returns the location of a storage as a node sees it.
func (m *Model) place(s *Storage, node string) location {
	if s.IsShared() {
		return location{s.ID, ""}
	}
	return location{s.ID, node}
}

// shelfAt returns the archives of a location, and makes an empty shelf where there is none.
func (c *Cluster) shelfAt(at location) *shelf {
	if c.shelves[at] == nil {
		c.shelves[at] = &shelf{byGuest: map[int][]*Archive{}}
	}
	return c.shelves[at]
}

// stored is what the archive takes on its storage.
func (a *Archive) stored() int64 {
	if a.Stored > 0 {
		return a.Stored
	}
	return a.Size
}

// add puts an archive on the shelf.
func (s *shelf) add(a *Archive) {
	s.byGuest[a.VMID] = append(s.byGuest[a.VMID], a)
	s.bytes += a.stored()
}

// remove takes an archive off the shelf.
func (s *shelf) remove(a *Archive) {
	list := s.byGuest[a.VMID]
	if i := slices.Index(list, a); i >= 0 {
		s.byGuest[a.VMID] = slices.Delete(list, i, i+1)
		s.bytes -= a.stored()
	}
	if len(s.byGuest[a.VMID]) == 0 {
		delete(s.byGuest, a.VMID)
	}
}

// AddArchive puts an archive on a storage without any task, as an administrator's copy would. The storage and a node must exist.
func (m *Model) AddArchive(a Archive) *Archive {
	node := m.Node(a.Node)
	if node == nil {
		node = m.Nodes[0]
	}
	storage := m.Storage(a.Storage)
	a.wall = wallClock(a.Created, node.Zone)
	if a.Ending == "" && storage.Type != "pbs" {
		a.Ending = map[string]string{"lxc": "tar.zst"}[a.Type]
		if a.Ending == "" {
			a.Ending = "vma.zst"
		}
	}
	at := m.place(storage, node.Name)
	a.Node = at.node
	m.cluster.shelfAt(at).add(&a)
	return &a
}

// Archives lists what lies on a storage as a node sees it, by volume name. The archives may be changed, except for size and place.
func (m *Model) Archives(storage, node string) []*Archive {
	s := m.Storage(storage)
	if s == nil {
		return nil
	}
	named := m.cluster.shelfAt(m.place(s, node)).byName()
	list := make([]*Archive, len(named))
	for i, a := range named {
		list[i] = a.Archive
	}
	return list
}

// namedArchive is an archive with its volume's name, which takes a moment to write.
type namedArchive struct {
	*Archive
	name string // below "backup/"
}

// byName lists a shelf by the names of the volumes.
func (s *shelf) byName() []namedArchive {
	total := 0
	groups := make([][]namedArchive, 0, len(s.byGuest))
	for _, archives := range s.byGuest {
		group := make([]namedArchive, len(archives))
		for i, a := range archives {
			group[i] = namedArchive{a, a.name()}
		}
		slices.SortFunc(group, compareNames)
		groups = append(groups, group)
		total += len(group)
	}
	slices.SortFunc(groups, func(a, b []namedArchive) int { return compareNames(a[0], b[0]) })
	list := make([]namedArchive, 0, total)
	for _, group := range groups {
		list = append(list, group...)
	}
	return list
}

func compareNames(a, b namedArchive) int { return strings.Compare(a.name, b.name) }

// RemoveArchive takes an archive away without any task, as rm would.
func (m *Model) RemoveArchive(a *Archive) {
	if s := m.Storage(a.Storage); s != nil {
		m.cluster.shelfAt(m.place(s, a.Node)).remove(a)
	}
}

// Volume returns the archive's volume id, "nas:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst".
func (a *Archive) Volume() string { return a.Storage + ":backup/" + a.name() }

// name is the volume's name below "backup/".
func (a *Archive) name() string {
	id := strconv.Itoa(a.VMID)
	switch {
	case a.Ending == "" && a.Type == "lxc":
		return "ct/" + id + "/" + stamp(a.Created, "--T::Z")
	case a.Ending == "":
		return "vm/" + id + "/" + stamp(a.Created, "--T::Z")
	case a.Renamed != "":
		return "vzdump-" + a.Type + "-" + id + "-" + a.Renamed + "." + a.Ending
	}
	return "vzdump-" + a.Type + "-" + id + "-" + stamp(a.wall, "__-__") + "." + a.Ending
}

// ctime is the archive's time as a node in a zone reads it: a file's name is local time there, whatever clock wrote it.
func (a *Archive) ctime(zone *time.Location) int64 {
	if a.Ending == "" || a.Renamed != "" {
		return a.Created
	}
	w := time.Unix(a.wall, 0).UTC()
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, zone).Unix()
}

// wallClock is the reading of a wall clock, as if it were UTC.
func wallClock(t int64, zone *time.Location) int64 {
	if zone == nil { // a node that has just been added
		zone = time.UTC
	}
	_, offset := time.Unix(t, 0).In(zone).Zone()
	return t + int64(offset)
}

// stamp writes a time of UTC with the given separators between year, month, day, hour, minute and second, and after that. It is time.Format
// for the half a million names of a large cluster.
func stamp(t int64, separators string) string {
	at := time.Unix(t, 0).UTC()
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	out := strconv.AppendInt(make([]byte, 0, 20), int64(year), 10)
	for i, part := range [...]int{int(month), day, hour, minute, second} {
		out = append(out, separators[i], byte('0'+part/10), byte('0'+part%10))
	}
	return string(append(out, separators[5:]...))
}
