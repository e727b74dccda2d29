package pvesim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// roomy is the size in bytes of a storage that nothing else tells the size of.
const roomy = 1 << 40

// set changes properties by the names that storage.cfg has for them.
func (s *Storage) set(values map[string]string) {
	for name, value := range values {
		switch name {
		case "content":
			s.Content = splitList(value)
		case "nodes":
			s.Nodes = splitList(value)
		case "shared":
			s.Shared = value == "1"
		case "disable":
			s.Disabled = value == "1"
		case "prune-backups":
			s.Retention = value
		default:
			s.Config[name] = value
		}
	}
}

// unset removes a property.
func (s *Storage) unset(name string, kind storageKind) {
	switch name {
	case "content":
		s.Content = splitList(kind.standard)
	case "nodes":
		s.Nodes = nil
	case "shared":
		s.Shared = false
	case "disable":
		s.Disabled = false
	case "prune-backups":
		s.Retention = ""
	default:
		delete(s.Config, name)
		delete(s.Secrets, name)
	}
}

func (s *Storage) clone() *Storage {
	copied := *s
	copied.Config, copied.Secrets = maps.Clone(s.Config), maps.Clone(s.Secrets)
	if copied.Config == nil {
		copied.Config = map[string]string{}
	}
	return &copied
}

// target names what a storage stands for: the same on two storages of one folder, export, share or datastore.
func (s *Storage) target() string {
	return fmt.Sprint(s.Type, " ", s.Config["server"], " ", cmp.Or(s.Config["path"], s.Config["export"], s.Config["share"], s.Config["datastore"]))
}

// spaceBehind is the size of what a new storage stands for, and how much of it other things use.
func (m *Model) spaceBehind(s *Storage) (size, base int64) {
	for _, other := range m.Storages {
		if other.target() == s.target() {
			return other.Size, other.Base
		}
	}
	return roomy, 0
}

// unreachable says why a node cannot activate a new storage; empty where it can.
func (m *Model) unreachable(s *Storage, node string) string {
	server := s.Config["server"]
	reason, down := m.Unreachable[cmp.Or(server, s.Config["path"])]
	for _, other := range m.Storages {
		if server != "" && other.Config["server"] == server && (slices.Contains(other.DownOn, node) || slices.Contains(other.DownOn, "*")) {
			reason, down = "No route to host", true
		}
	}
	switch {
	case !down:
		return ""
	case s.Type == "pbs":
		return fmt.Sprintf("%s: error fetching datastores - 500 Can't connect to %s:%s (%s)", s.ID, server, cmp.Or(s.Config["port"], "8007"), reason)
	}
	return s.activationError()
}
