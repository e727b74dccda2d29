package plan

// Input is what a plan is made of. The order of its lists does not matter.
type Input struct {
	// Desired is all that the file declares for the clusters that were read, whatever Environments says.
	Desired []Desired
	// Current is all that these clusters have: every job and storage, and those volumes of guests that are declared.
	Current []Current
	// Policy says what may be done; the zero value never removes anything.
	Policy Policy
	// Environments limits the plan to objects of these environments, and to those that belong to none; empty means all.
	Environments []string
	// Accepted names the risks that the user takes (see Risks): what they would refuse becomes a warning.
	Accepted []string
}

// Calculate says what has to be done so that the world is as the file wants it.
func Calculate(_ Input) Plan {
	return Plan{}
}
