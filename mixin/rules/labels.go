package rules

// Labels that only one metric carries: the collector names them where it makes them, and a test compares.
const (
	labelName = "name" // of a guest
	labelNote = "note" // of an exemption
	labelLock = "lock" // the kind of a guest's lock
)

const (
	noteTemplate  = "template"   // the note of a guest that is exempt because it is a template
	privilegePool = "Pool.Audit" // without it the members of pools are not seen
)
