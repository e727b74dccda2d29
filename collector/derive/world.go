package derive

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// World is what was last read of a cluster. Parts that were never read are nil; parts whose last read failed hold the read before.
type World struct {
	Now int64 // the exporter's clock, Unix seconds

	Guests      []pve.GuestResource   // GET /cluster/resources
	NodeStates  []pve.NodeResource    // GET /cluster/resources
	Usage       []pve.StorageResource // GET /cluster/resources
	Permissions pve.Permissions       // GET /access/permissions
	Jobs        []pve.Job             // GET /cluster/backup
	JobsKnown   bool
	Storages    []pve.StorageConfig // GET /storage
	// StoragesKnown tells that GET /storage was read once: only then may a storage be called missing.
	StoragesKnown bool
	Volumes       map[string][]pve.IncludedGuest // by job, GET /cluster/backup/{id}/included_volumes
	// VolumesKnown tells that the volumes of all jobs were read once.
	VolumesKnown bool
	Listings     map[Place]Listing
	Nodes        map[string]NodeFacts
	Running      []RunningTask
	// Unread are tasks that have ended and whose logs could not be read yet, with what was read while they ran.
	Unread []RunningTask

	Drills map[string]Drilled // by guest, from the file of results; nil where none is read

	// Answering is the node whose zone GET /cluster/jobs/schedule-analyze used; Analyzed its answers by schedule.
	Answering string
	Analyzed  map[string]AnalyzedRuns
}

// Place is where archives are listed: a storage, and the node for one that is not shared.
type Place struct{ Storage, Node string }

// NodeFacts is what is known of a node besides its state.
type NodeFacts struct {
	Zone *time.Location // nil while unknown
	Skew optional.Value[float64]
	// DefaultStorage and DefaultRetention come from GET /nodes/{node}/vzdump/defaults; empty while unknown or unset.
	DefaultStorage, DefaultRetention string
	// TasksKnown is the time as of which every finished vzdump task of the node was read, its log included; 0 while unknown.
	TasksKnown int64
}

// RunningTask is a vzdump task that has not ended, with its log so far.
type RunningTask struct {
	Task   pve.Task
	Report vzdump.Report
}

// AnalyzedRuns is what the cluster itself answered for a schedule: every run after From, in order, up to the last one.
type AnalyzedRuns struct {
	From int64
	Runs []int64
	// Complete tells that no run follows the last one.
	Complete bool
}

// Settings is the part of the declared file that judging needs.
type Settings struct {
	Cluster  string
	Checksum string // of the declared file
	// Environment names the environment of a guest, "unassigned" where none selects it.
	Environment    func(vmid int, node, pool string, tags []string) string
	Exemptions     map[int]Exemption // by VMID
	External       []External
	ArchiveDetails bool
	UsesPools      bool // an environment selects by pool
	// DrillPeriod returns within which time a guest of an environment has to be drilled, and whether it has to be; nil for no guest.
	DrillPeriod func(environment string, vmid int) (time.Duration, bool)
	// Scratch reports whether an id is kept for the scratch guests of drills; nil for none.
	Scratch func(vmid int) bool
}

// Exemption is a guest that is on purpose not backed up.
type Exemption struct {
	Note  string
	Until int64 // end of its last day, Unix seconds; 0 without an end
}

// External is a backup made outside of Proxmox VE's jobs, with the interval in which one is expected.
type External struct {
	VMID     int
	Storage  string
	Interval time.Duration
}
