// Package state is what the exporter remembers about each cluster between refreshes and over restarts.
//
// Proxmox VE forgets: task indexes rotate, logs are deleted, archives are pruned. What was once read of them, and when things were first
// seen, is kept here, bounded by what exists. The package holds the types and the file; it judges nothing (see collector/derive).
//
// Times are Unix seconds.
package state

import (
	"maps"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Cluster is the memory of one cluster.
type Cluster struct {
	// Started is when the inventory was read for the first time: what had happened before is history, never news.
	Started int64 `json:"started"`
	// LastComplete is the time of the newest complete listing of guests: one that proves that an absent guest is gone.
	LastComplete int64 `json:"last_complete,omitempty"`
	// Settled tells that tasks and archives were all read at least once: before that, nothing is known to be due.
	Settled bool `json:"settled,omitempty"`
	// ConfigChecksum is that of the declared file by which guests were put into environments.
	ConfigChecksum string `json:"config_checksum,omitempty"`

	Guests map[string]*Guest `json:"guests"` // by qemu/100 or lxc/101
	Jobs   map[string]*Job   `json:"jobs"`
	Nodes  map[string]*Node  `json:"nodes"`

	// Snapshot is the newest picture, served after a restart until the cluster was read again.
	Snapshot *snapshot.Cluster `json:"snapshot,omitempty"`
}

// New returns the memory of a cluster that was never seen.
func New() *Cluster {
	return &Cluster{Guests: map[string]*Guest{}, Jobs: map[string]*Job{}, Nodes: map[string]*Node{}}
}

// fill makes the maps of a decoded Cluster usable where the file had none.
func (c *Cluster) fill() {
	if c.Guests == nil {
		c.Guests = map[string]*Guest{}
	}
	if c.Jobs == nil {
		c.Jobs = map[string]*Job{}
	}
	if c.Nodes == nil {
		c.Nodes = map[string]*Node{}
	}
	dropNil(c.Guests)
	dropNil(c.Jobs)
	dropNil(c.Nodes)
	for _, guest := range c.Guests {
		dropNil(guest.Targets)
	}
	for _, job := range c.Jobs {
		for i := range job.Runs {
			if job.Runs[i].Tasks == nil {
				job.Runs[i].Tasks = map[string]RunTask{}
			}
		}
	}
}

func dropNil[T any](entries map[string]*T) {
	maps.DeleteFunc(entries, func(_ string, entry *T) bool { return entry == nil })
}

// Node returns the memory of a node, making it where there is none.
func (c *Cluster) Node(name string) *Node {
	node := c.Nodes[name]
	if node == nil {
		node = &Node{}
		c.Nodes[name] = node
	}
	if node.Folded == nil {
		node.Folded = map[string]int64{}
	}
	return node
}

// Node is the memory of one node.
type Node struct {
	// Cursor is the start of the oldest task that may still bring news: what began earlier was read, or had rotated away.
	Cursor int64 `json:"cursor"`
	// Folded holds the tasks since the cursor whose results were taken over, with their start times.
	Folded map[string]int64 `json:"folded,omitempty"`
	// Window holds the tasks that GET /cluster/tasks showed last, to see whether it overflowed in between.
	Window []string `json:"window,omitempty"`
	// Zone is the IANA name of the node's time zone (GET /nodes/{node}/time).
	Zone string `json:"zone,omitempty"`
	// UnattributedFailure is the end of the newest failed vzdump task that names no guest and fits no job; 0 once a later task ended otherwise.
	UnattributedFailure int64 `json:"unattributed_failure,omitempty"`
	// LastTask is the end of the newest vzdump task that was taken over.
	LastTask int64 `json:"last_task,omitempty"`
}

// Job is the memory of one scheduled job.
type Job struct {
	Runs []Run `json:"runs,omitempty"` // the newest few, the oldest first
}

// Run is the tasks of all nodes that one tick of a job's schedule started.
type Run struct {
	Tick  int64              `json:"tick"`
	Tasks map[string]RunTask `json:"tasks"` // by UPID
}

// RunTask is one node's task of a run.
type RunTask struct {
	Start  int64 `json:"start"`
	End    int64 `json:"end"`
	Failed bool  `json:"failed,omitempty"`
}

// Guest is the memory of one guest.
type Guest struct {
	FirstSeen int64 `json:"first_seen"`
	// Born is the beginning of this incarnation: archives and results that began earlier belong to a former guest of the same id.
	// 0 where the guest was there when the exporter first looked.
	Born int64 `json:"born,omitempty"`

	VMID     int    `json:"vmid"`
	Type     string `json:"type"`
	Name     string `json:"name,omitempty"`
	Node     string `json:"node"`
	Pool     string `json:"pool,omitempty"`
	Tags     string `json:"tags,omitempty"`
	Template bool   `json:"template,omitempty"`
	// DrillSince is when the guest first had to be drilled and had a backup; 0 while it has not.
	DrillSince int64 `json:"drill_since,omitempty"`
	// HomeNode decides the environment where one is chosen by node: it stays when the guest migrates, until the declared file changes.
	HomeNode string `json:"home_node"`

	Targets map[string]*Target `json:"targets,omitempty"` // by storage; "" while only a failure with an unknown storage is known
}

// Target returns the memory of the guest on a storage, making it where there is none.
func (g *Guest) Target(storage string) *Target {
	target := g.Targets[storage]
	if target == nil {
		if g.Targets == nil {
			g.Targets = map[string]*Target{}
		}
		target = &Target{}
		g.Targets[storage] = target
	}
	return target
}

// Target is the memory of one guest on one storage.
type Target struct {
	Success  *Success `json:"success,omitempty"`
	Attempt  *Attempt `json:"attempt,omitempty"`
	Attempts int64    `json:"attempts,omitempty"` // finished since the guest was first seen
	Failures int64    `json:"failures,omitempty"`

	// Delays tells for each job how long after the start of its run the last scheduled success ended.
	Delays map[string]Delay `json:"delays,omitempty"`
	// Marks tells since when each job has selected this pair with its present schedule.
	Marks map[string]Mark `json:"marks,omitempty"`

	Due      int64 `json:"due,omitempty"`
	DueBasis int64 `json:"due_basis,omitempty"` // the end of the success from which Due was worked out
	Observed int64 `json:"observed,omitempty"`

	// Held holds the starts of the backups that should exist by the retention rules, the oldest first; Fresh those of successes that the
	// rules have not been applied to yet; Holding the newest start that Held takes account of, 0 before the first complete listing.
	Held    []int64 `json:"held,omitempty"`
	Fresh   []int64 `json:"fresh,omitempty"`
	Holding int64   `json:"holding,omitempty"`

	// Archives holds what logs said of the archives that exist, by vzdump.Volume.Key.
	Archives map[string]ArchiveFact `json:"archives,omitempty"`
}

// Mark is the moment when a job was first seen to select a pair with its present schedule; 0 where it did when the exporter first looked.
type Mark struct {
	Schedule string `json:"schedule"`
	Since    int64  `json:"since"`
}

// Delay is how long a scheduled success took from the start of its job's run, in seconds, and when it ended.
type Delay struct {
	Seconds int64 `json:"seconds"`
	End     int64 `json:"end"`
}

// Success is a good backup.
type Success struct {
	Start            int64                 `json:"start"`
	End              int64                 `json:"end"`
	Task             string                `json:"task,omitempty"` // UPID, empty where only the archive is known
	Duration         optional.Value[int64] `json:"duration,omitzero"`
	ArchiveBytes     optional.Value[int64] `json:"archive_bytes,omitzero"`
	TransferredBytes optional.Value[int64] `json:"transferred_bytes,omitzero"`
	DowntimeSeconds  optional.Value[int64] `json:"downtime_seconds,omitzero"`
}

// Attempt is the newest finished attempt.
type Attempt struct {
	End    int64         `json:"end"`
	Failed bool          `json:"failed,omitempty"`
	Reason vzdump.Reason `json:"reason,omitempty"`
	Task   string        `json:"task"`
}

// ArchiveFact is what a log said of an archive.
type ArchiveFact struct {
	End   int64                 `json:"end"`
	Good  bool                  `json:"good"`
	Bytes optional.Value[int64] `json:"bytes,omitzero"`
}
