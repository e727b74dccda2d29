package plan

import (
	"fmt"
	"slices"
	"strings"
)

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
	// Accepted names the risks that the user takes (see [Risks]): what they would refuse becomes a warning.
	Accepted []string
}

// Calculate says what has to be done so that the world is as the file wants it. Per object:
//
//	+----------+---------+-------------------------------------+----------------------------------------------+
//	| declared | exists  | and                                 | then                                         |
//	+----------+---------+-------------------------------------+----------------------------------------------+
//	| yes      | no      |                                     | create                                       |
//	| yes      | either  | the file is undecided               | -                                            |
//	| yes      | yes     | is as declared                      | -                                            |
//	| yes      | yes     | will be, after a restart            | pending                                      |
//	| yes      | yes     | differs, is ours, adopted or nobody's | update                                     |
//	| yes      | yes     | differs, and is somebody else's     | refusal: adopt it, or take another id        |
//	| yes      | yes     | differs in what cannot be changed   | refusal: take another id                     |
//	| twice    |         |                                     | refusal                                      |
//	| no       | yes     | is a job of ours                    | with the policy sync: delete; otherwise -    |
//	| no       | yes     |                                     | -                                            |
//	+----------+---------+-------------------------------------+----------------------------------------------+
//
// A job is ours if it carries the marker, any other object if [Desired.Known] says so; volumes of guests are nobody's. What is outside of the
// wanted environments counts as not declared and is never removed. Then the guards look at the plan as a whole, see [Risks].
func Calculate(input Input) Plan {
	decisions := make([]decision, 0, len(input.Desired))
	for _, each := range match(input) {
		decisions = append(decisions, each.decide(input))
	}
	var plan Plan
	for _, each := range decisions {
		if each.change != nil {
			plan.Changes = append(plan.Changes, *each.change)
		}
		if each.pending != nil {
			plan.Pending = append(plan.Pending, *each.pending)
		}
		if each.refusal != nil {
			plan.Refusals = append(plan.Refusals, *each.refusal)
		}
	}
	slices.SortFunc(plan.Changes, byTurn)
	return plan.
		Warn(doubles(decisions)...).
		Refuse(input.Accepted, removesMany(decisions)...).
		Refuse(input.Accepted, uncovers(decisions)...)
}

// subject is what is declared and what exists under one key.
type subject struct {
	Key
	wanted *Desired
	found  *Current
	twice  []string // the places that declare it, where there are several
}

// match brings together what has the same key, in order of kind and key.
func match(input Input) []*subject {
	known := make(map[Key]*subject, len(input.Desired)+len(input.Current))
	list := make([]*subject, 0, len(input.Desired)+len(input.Current))
	of := func(key Key) *subject {
		entry, exists := known[key]
		if !exists {
			entry = &subject{Key: key}
			known[key] = entry
			list = append(list, entry)
		}
		return entry
	}
	for i := range input.Desired {
		wanted := &input.Desired[i]
		entry := of(wanted.Key)
		if entry.wanted != nil {
			if entry.twice == nil {
				entry.twice = []string{entry.wanted.At}
			}
			entry.twice = append(entry.twice, wanted.At)
		}
		if entry.wanted == nil || input.prefers(wanted, entry.wanted) {
			entry.wanted = wanted
		}
	}
	for i := range input.Current {
		found := &input.Current[i]
		entry := of(found.Key)
		// Nothing exists twice. If it is said to, which one is believed must not depend on the order.
		if entry.found == nil || fmt.Sprint(*found) < fmt.Sprint(*entry.found) {
			entry.found = found
		}
	}
	slices.SortFunc(list, func(a, b *subject) int { return byKey(a.Key, b.Key) })
	return list
}

// prefers tells which of two declarations of the same object speaks for both: one that is wanted now.
func (i Input) prefers(a, b *Desired) bool {
	first, second := selects(i.Environments, a.Environment), selects(i.Environments, b.Environment)
	if first != second {
		return first
	}
	return a.At < b.At
}

// decision is what becomes of a subject.
type decision struct {
	*subject
	active          bool // it is declared, in a wanted environment, and nothing speaks against it
	change, pending *Change
	refusal         *Refusal
}

func (s *subject) decide(input Input) decision {
	is := decision{subject: s}
	switch {
	case s.wanted == nil:
		is.change = s.removal(input)
	case !selects(input.Environments, s.wanted.Environment):
	case s.twice != nil:
		is.refusal = s.declaredTwice()
	case s.wanted.Undecided:
	case s.found == nil:
		is.change, is.active = s.creation(), true
	default:
		differs := compare(s.wanted, s.found)
		if is.refusal = s.objection(differs); is.refusal == nil {
			is.change, is.pending, is.active = s.update(differs.write), s.update(differs.wait), true
		}
	}
	return is
}

func (s *subject) removal(input Input) *Change {
	change := &Change{Key: s.Key, Environment: s.found.Environment, Action: Delete, Fields: removed(s.found)}
	if s.found.Owned && input.Policy.allows(change) && (len(input.Environments) == 0 || slices.Contains(input.Environments, change.Environment)) {
		return change
	}
	return nil
}

func (s *subject) creation() *Change {
	return &Change{Key: s.Key, Environment: s.wanted.Environment, At: s.wanted.At, Action: Create, Fields: created(s.wanted)}
}

// update returns nothing where there is nothing to update.
func (s *subject) update(fields []FieldChange) *Change {
	if len(fields) == 0 {
		return nil
	}
	return &Change{Key: s.Key, Environment: s.wanted.Environment, At: s.wanted.At, Action: Update, Fields: fields}
}

func (s *subject) declaredTwice() *Refusal {
	slices.Sort(s.twice)
	return &Refusal{
		Key: s.Key, At: s.twice[len(s.twice)-1],
		Message: fmt.Sprintf("%s %s is declared %d times: at %s", s.Kind.Words(), s.ID, len(s.twice), strings.Join(s.twice, ", ")),
		Hint:    "keep one of the declarations, or give the others an id of their own",
	}
}

// selects reports whether something of an environment is wanted now. What belongs to no environment always is.
func selects(environments []string, environment string) bool {
	return len(environments) == 0 || environment == "" || slices.Contains(environments, environment)
}
