package plan

// Action is what is done to an object.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// FieldChange is the change of one property. A property that was not there has no Before, one that will be removed no After. Of a sensitive
// one neither is known here.
type FieldChange struct {
	Name                string
	Before, After       string
	HasBefore, HasAfter bool
	Sensitive           bool
}

// Change is what has to be done to one object.
type Change struct {
	Key
	Environment string
	At          string // the place in the file that asks for it; empty for a deletion
	Action      Action
	Fields      []FieldChange // by name
}

// Refusal is a reason not to carry out a plan.
type Refusal struct {
	Key
	At string
	// Risk names the risk that the user may accept (--accept-risk=NAME); empty where nothing helps but another file or another world.
	Risk    string
	Message string
	Hint    string
	// Fields are the differences that cannot be brought in line, where that is the reason.
	Fields []FieldChange
}

// Warning is something to know before a plan is carried out. It has the form of a refusal: an accepted risk becomes one.
type Warning Refusal

// Plan is what has to be done.
type Plan struct {
	// Changes are in the order in which they are made: storages, jobs, volumes of guests, and removals of jobs last.
	Changes []Change
	// Pending were made and wait for the restart of a guest: there is nothing to write, but the world is not as declared either.
	Pending []Change
	// Refusals keep all of the plan from being carried out.
	Refusals []Refusal
	Warnings []Warning
}

// Count tells how many objects an action concerns.
func (p Plan) Count(action Action) int {
	count := 0
	for _, each := range p.Changes {
		if each.Action == action {
			count++
		}
	}
	return count
}
