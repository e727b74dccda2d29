package pvesim

import (
	"fmt"
	"slices"
	"strings"
)

// Storage is a storage as /etc/pve/storage.cfg defines it, with what stands behind it.
type Storage struct {
	ID        string
	Type      string   // dir, nfs, cifs, pbs, zfspool, lvmthin, ...
	Content   []string // backup, images, rootdir, ...
	Nodes     []string // empty for all
	Shared    bool     // nfs, cifs, cephfs and pbs are shared without being told
	Disabled  bool
	Retention string            // property string "keep-last=3"; empty for none
	Config    map[string]string // further properties: path, server, export, datastore, username, max-protected-backups, ...
	Secrets   map[string]string // password, encryption-key and the like: kept beside the configuration, and never shown
	Size      int64             // bytes
	Base      int64             // bytes used by other things than backups
	Templates []*Template       // of containers
	// DownOn names the nodes on which it cannot be activated; "*" for all of them.
	DownOn []string
}

// IsShared reports whether all nodes see the same content.
func (s *Storage) IsShared() bool {
	return s.Shared || slices.Contains([]string{"nfs", "cifs", "cephfs", "pbs", "rbd", "iscsi"}, s.Type)
}

// Holds reports whether the storage may hold a kind of content, such as "backup".
func (s *Storage) Holds(content string) bool { return slices.Contains(s.Content, content) }

// On reports whether the storage is meant for a node.
func (s *Storage) On(node string) bool { return len(s.Nodes) == 0 || slices.Contains(s.Nodes, node) }

// Active reports whether a node can use the storage now.
func (s *Storage) Active(node string) bool {
	return !s.Disabled && s.On(node) && !slices.Contains(s.DownOn, node) && !slices.Contains(s.DownOn, "*")
}

// snapshots reports whether the storage can make snapshots of a container's volumes.
func (s *Storage) snapshots() bool {
	return slices.Contains([]string{"zfspool", "lvmthin", "rbd", "btrfs"}, s.Type)
}

// Path returns where the storage's files lie; empty for a Proxmox Backup Server.
func (s *Storage) Path() string {
	switch {
	case s.Type == "pbs":
		return ""
	case s.Config["path"] != "":
		return s.Config["path"]
	}
	return "/mnt/pve/" + s.ID
}

// Repository returns a Proxmox Backup Server's repository as its client writes it; empty for other types.
func (s *Storage) Repository() string {
	if s.Type != "pbs" {
		return ""
	}
	return fmt.Sprintf("%s@%s:%s", s.Config["username"], s.Config["server"], s.Config["datastore"])
}

// activationError is the text of a storage that cannot be activated.
func (s *Storage) activationError() string {
	switch {
	case s.Type == "pbs":
		return fmt.Sprintf("%s: error fetching datastores - 500 Can't connect to %s:8007 (No route to host)", s.ID, s.Config["server"])
	case s.Type != "dir":
		return "storage '" + s.ID + "' is not online"
	case s.Config["is_mountpoint"] != "":
		return fmt.Sprintf("unable to activate storage '%s' - directory is expected to be a mount point but is not mounted: '%s'", s.ID, s.Path())
	}
	return fmt.Sprintf("unable to activate storage '%s' - directory '%s' does not exist or is unreachable", s.ID, s.Path())
}

// refusal says why a node cannot use a storage for anything; empty where it can. m may lack the storage.
func (m *Model) refusal(id, node string) string {
	s := m.Storage(id)
	switch {
	case s == nil:
		return "storage '" + id + "' does not exist"
	case s.Disabled:
		return "storage '" + id + "' is disabled"
	case !s.On(node):
		return "storage '" + id + "' is not available on node '" + node + "'"
	case !s.Active(node):
		return s.activationError()
	}
	return ""
}

// backupRefusal is the status of a vzdump task that cannot use its storage; empty where it can.
func (m *Model) backupRefusal(id, node string) string {
	if text := m.refusal(id, node); text != "" {
		status := "could not activate storage '" + id + "': " + text
		if m.Storage(id) == nil {
			status += " could not get storage information for '" + id + "': " + text
		}
		return strings.ReplaceAll(status, "\n", " ")
	}
	if !m.Storage(id).Holds("backup") {
		return "could not get storage information for '" + id + "': can't use storage '" + id + "' for backups - wrong content type"
	}
	return ""
}

// Used is how full a storage is as a node sees it, 0 to 1; 0 for an unknown one.
func (m *Model) Used(id, node string) float64 {
	s := m.Storage(id)
	if s == nil || s.Size == 0 {
		return 0
	}
	return float64(m.cluster.used(s, node)) / float64(s.Size)
}
