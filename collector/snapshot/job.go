package snapshot

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"

// Job is one scheduled vzdump job (GET /cluster/backup).
type Job struct {
	ID       string
	Storage  string
	Schedule string
	Mode     string
	Compress string
	Node     string // the node that it is pinned to, or empty
	Enabled  bool

	Guests        int // existing guests that it selects
	Exclusive     int // of those, how many no other enabled job covers
	MissingGuests int // ids that it names and that no longer exist
	NextRun       Seconds

	LastRun         Seconds // start of the newest run: the tasks of all nodes of one tick
	LastRunFailed   optional.Value[bool]
	LastRunDuration optional.Value[int64] // seconds from the first task's start to the last one's end

	// Retention is the rule in effect for the job: its own, else its storage's. Keys are keep-last, keep-daily and so on.
	Retention []Keep
}

// Keep is one part of a retention rule, as keep-daily=7.
type Keep struct {
	Keep  string
	Count int
}
