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

// filter reports whether a change may be made.
type filter func(*Change) bool

func (p Policy) allows(change *Change) bool {
	filters := []filter{onlyJobsGo}
	if p != Sync {
		filters = append(filters, nothingGoes)
	}
	for _, allows := range filters {
		if !allows(change) {
			return false
		}
	}
	return true
}

// nothingGoes lets no removal pass.
func nothingGoes(change *Change) bool { return change.Action != Delete }

// onlyJobsGo lets no removal pass but that of a job.
func onlyJobsGo(change *Change) bool { return change.Action != Delete || change.Kind == Job }
