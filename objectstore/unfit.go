package objectstore

import (
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Unfitness says what a server lacks that is to hold Terraform states.
type Unfitness string

// What a server can lack.
const (
	NoVersioning       Unfitness = "no_versioning"        // it cannot switch versioning on
	VersionsNotKept    Unfitness = "versions_not_kept"    // it says that it keeps versions, and does not
	NoConditionalWrite Unfitness = "no_conditional_write" // it refuses to write only if there is nothing
	LockTakenTwice     Unfitness = "lock_taken_twice"     // it writes although there is something: two runs would hold one lock
	LockOnlyOnce       Unfitness = "lock_only_once"       // it takes a lock that was released for one that is held
)

var unfitTexts = map[Unfitness]string{
	NoVersioning:       "it cannot keep versions of objects",
	VersionsNotKept:    "it says that it keeps versions of objects, and does not",
	NoConditionalWrite: "it does not know conditional writes (If-None-Match), which Terraform's lock file needs",
	LockTakenTwice:     "it ignores the condition of a write (If-None-Match): two runs of Terraform could hold the lock at the same time",
	LockOnlyOnce:       "with versioning on, it refuses to write a lock that was released before: Terraform could lock a state once and never again",
}

var unfitHints = map[Unfitness]string{
	NoVersioning:    "use a server that keeps versions, such as MinIO: without them nobody can bring back a state that was overwritten",
	VersionsNotKept: "use a server that keeps versions, such as MinIO: without them nobody can bring back a state that was overwritten",
}

// UnfitError says that a server cannot hold Terraform states, with versions and locks, and why.
type UnfitError struct {
	Store, Bucket string
	Lacks         Unfitness
	Err           error // the server's refusal, where there was one
}

// Error names the store and what it lacks.
func (e *UnfitError) Error() string {
	return fmt.Sprintf("store %s is unfit for Terraform states, as bucket %s shows: %s", e.Store, e.Bucket, unfitTexts[e.Lacks])
}

// Unwrap returns the server's refusal, where there was one.
func (e *UnfitError) Unwrap() error { return e.Err }

func (e *errand) unfit(bucket string, lacks Unfitness, err error) error {
	hint, ok := unfitHints[lacks]
	if !ok {
		hint = "use a server that docs/object-stores.md names as fit, or a newer version of this one"
	}
	return ui.Hint(&UnfitError{Store: e.client.cfg.Name, Bucket: bucket, Lacks: lacks, Err: err}, "%s", hint)
}
