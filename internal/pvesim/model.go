package pvesim

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
)

// Model is the state of a cluster, as configuration files and kernels hold it. It is only ever touched inside Cluster.Build, Change or
// ChangeAt, which hand it out; fields may be changed there at will.
type Model struct {
	Name     string
	Version  string // of pve-manager on every node, "9.2.11"
	Nodes    []*Node
	Guests   map[int]*Guest
	Pools    map[string]*Pool
	Storages []*Storage
	Jobs     []*Job // in the order of jobs.cfg
	Access   *access.Control
	Quorate  bool // false: the cluster has lost its quorum
	// Down breaks the whole API: connections are closed without an answer.
	Down bool
	// PmxcfsDown breaks every call with a 500, as while the cluster file system is away.
	PmxcfsDown bool
	// Unreachable are servers, and folders that ought to be mount points, which a new storage cannot use, with the reason, such as "Connection
	// refused". See DownOn of Storage for those that exist.
	Unreachable map[string]string
	// TemplateIndex are the container templates that Proxmox offers.
	TemplateIndex []*Template
	// Downloads are the files that nodes can fetch, by address; elsewhere there is nothing.
	Downloads map[string]*Download

	cluster *Cluster
}

// Node is one host.
type Node struct {
	Name             string
	Address          string         // shown in /cluster/status
	Zone             *time.Location // of its wall clock, its schedules and its logs
	Offline          bool
	SchedulerStopped bool          // pvescheduler is dead: no job starts here
	DaemonDown       bool          // pvedaemon is dead: protected calls answer 595
	ClockSkew        time.Duration // how far its clock is ahead
	Fillers          int           // short tasks a day of other kinds
	Memory           int64         // bytes; 0 for 64 GiB
	MemoryUsed       int64         // bytes; 0 for a figure of its own that moves
	Defaults         map[string]string
}

// Pool is a resource pool; its guests are those that name it.
type Pool struct {
	Comment  string
	Storages []string
}

// Now is the present moment of the simulation.
func (m *Model) Now() time.Time { return time.Unix(m.cluster.at, 0) }

// At plans a change for a moment of the simulated time that lies ahead.
func (m *Model) At(t time.Time, f func(*Model)) {
	c := m.cluster
	c.schedule(t.Unix(), func() { c.change(f) })
}

// Node finds a node by name; nil where there is none.
func (m *Model) Node(name string) *Node {
	for _, n := range m.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// Storage finds a storage by its id; nil where there is none.
func (m *Model) Storage(id string) *Storage {
	for _, s := range m.Storages {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Job finds a backup job by its id; nil where there is none.
func (m *Model) Job(id string) *Job {
	for _, j := range m.Jobs {
		if j.ID == id {
			return j
		}
	}
	return nil
}

// RemoveJob deletes a job; an unknown id is none.
func (m *Model) RemoveJob(id string) {
	m.Jobs = slices.DeleteFunc(m.Jobs, func(j *Job) bool { return j.ID == id })
}

// RemoveStorage deletes a storage's configuration; what lies on it stays and shows again when it comes back.
func (m *Model) RemoveStorage(id string) {
	m.Storages = slices.DeleteFunc(m.Storages, func(s *Storage) bool { return s.ID == id })
}

// VMIDs returns the ids of all guests, ascending.
func (m *Model) VMIDs() []int { return slices.Sorted(maps.Keys(m.Guests)) }

// sortedGuests returns all guests by id.
func (m *Model) sortedGuests() []*Guest {
	all := slices.Collect(maps.Values(m.Guests))
	slices.SortFunc(all, func(a, b *Guest) int { return cmp.Compare(a.VMID, b.VMID) })
	return all
}

// AddGuest puts a guest into the cluster.
func (m *Model) AddGuest(g *Guest) {
	if g.Config == nil {
		g.Config = map[string]string{}
	}
	m.Guests[g.VMID] = g
}

// poolsOf tells the access control the pools of a guest or storage.
func (m *Model) poolsOf(path string) []string {
	if text, ok := strings.CutPrefix(path, "/vms/"); ok {
		id, _ := strconv.Atoi(text)
		if g := m.Guests[id]; g != nil && g.Pool != "" {
			return []string{g.Pool}
		}
	}
	var pools []string
	if id, ok := strings.CutPrefix(path, "/storage/"); ok {
		for name, pool := range m.Pools {
			if slices.Contains(pool.Storages, id) {
				pools = append(pools, name)
			}
		}
	}
	return pools
}

// poolPaths lists the paths of all pool members for the access control.
func (m *Model) poolPaths() []string {
	var paths []string
	for id, g := range m.Guests {
		if g.Pool != "" {
			paths = append(paths, "/vms/"+strconv.Itoa(id))
		}
	}
	for _, pool := range m.Pools {
		for _, storage := range pool.Storages {
			paths = append(paths, "/storage/"+storage)
		}
	}
	return paths
}
