package plan

import (
	"cmp"
	"strings"
)

// turn is when objects of a kind are dealt with: a storage before the jobs that write to it. A kind that is not named here comes after those
// that are.
func (k Kind) turn() int {
	switch k {
	case Storage:
		return 0
	case Job:
		return 1
	case GuestDisk:
		return 2
	}
	return 3
}

// byKey orders objects by turn, scope and id.
func byKey(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Kind.turn(), b.Kind.turn()), strings.Compare(string(a.Kind), string(b.Kind)),
		strings.Compare(a.Scope, b.Scope), strings.Compare(a.ID, b.ID))
}

// byTurn orders changes as they are made. Removals come last of all, and within a kind what is new comes before what is changed: so a guest
// that moves from one job to another is covered by both for a moment, not by neither.
func byTurn(a, b Change) int {
	return cmp.Or(cmp.Compare(a.stage(), b.stage()), byKey(a.Key, b.Key))
}

// stage is the first thing that changes are ordered by.
func (c Change) stage() int {
	const stages = 2 * 4 // a kind has two, and there are four turns
	switch c.Action {
	case Create:
		return 2 * c.Kind.turn()
	case Update:
		return 2*c.Kind.turn() + 1
	}
	return stages
}

func byObjection(a, b Refusal) int {
	return cmp.Or(byKey(a.Key, b.Key), strings.Compare(a.Risk, b.Risk), strings.Compare(a.Message, b.Message), strings.Compare(a.At, b.At), strings.Compare(a.Hint, b.Hint))
}
