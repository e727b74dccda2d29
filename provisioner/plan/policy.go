package plan

// Policy says what a plan may do to what the file no longer names.
type Policy string

// The policies.
const (
	// UpsertOnly creates and updates, and never removes. It is the default, and what an unknown policy means.
	UpsertOnly Policy = "upsert-only"
	// Sync removes as well the jobs that carry this tool's marker and that the file no longer names. Nothing but jobs is ever removed.
	Sync Policy = "sync"
)

// Policies lists all policies, the default first.
func Policies() []Policy { return []Policy{UpsertOnly, Sync} }
