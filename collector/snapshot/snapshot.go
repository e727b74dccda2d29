// Package snapshot holds what was found out about the backups of one cluster, as immutable values.
//
// A refresh builds a [Cluster] and never changes it again: metrics, the landing page and tests read the same value without locks. The
// package is types only. It knows neither where facts come from (collector/refresh) nor how they are judged (collector/derive).
//
// Times are Unix seconds. An [optional.Value] that is unknown stays absent wherever it is shown: it never becomes a zero.
package snapshot

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"

// Seconds is a moment in Unix seconds, or nothing.
type Seconds = optional.Value[int64]

// Cluster is one immutable picture of a configured cluster.
type Cluster struct {
	Name  string // the configured name
	Taken int64  // when the picture was put together, by the exporter's clock
	// Up reports that the API answered and the inventory was read in the last refresh. One dead node or storage does not make it false.
	Up bool
	// Restored reports that nothing was read since the start: the facts are those of the state file.
	Restored bool

	Sources            []Source
	MissingPermissions []Permission
	Endpoints          []Endpoint
	Nodes              []Node
	Guests             []Guest
	Targets            []Target
	Jobs               []Job
	Storages           []Storage
	Drift              []Drift // by kind; nil while nothing is declared or nothing could be judged
	Drills             []Drill // of the guests that were drilled, or have to be
}

// Permission is a privilege that the configured features need and the token lacks.
type Permission struct{ Path, Privilege string }

// Endpoint is one API address of the cluster.
type Endpoint struct {
	Address string
	Up      optional.Value[bool] // unknown until it was tried
}

// Node is one node of the cluster, with what its clock and its vzdump tasks show.
type Node struct {
	Name   string
	Online bool
	Zone   string // IANA name of the node's time zone, empty while unknown
	// ClockSkew is the node's clock minus the exporter's, in seconds (GET /nodes/{node}/time).
	ClockSkew optional.Value[float64]
	// TaskRunningSince is the start of the oldest vzdump task that runs, its wait for the lock included.
	TaskRunningSince Seconds
	// UnattributedFailure reports that the last failed vzdump task names no guest and fits no job.
	UnattributedFailure bool
}
