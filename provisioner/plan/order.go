package plan

import (
	"cmp"
	"slices"
	"strings"
)

// turns is the order in which kinds are dealt with: a storage before the jobs that write to it, a container before the job that covers it and closed
// before it runs, a store's server before what is in it, the proof that a store is fit before its buckets, and a file that tells Terraform of a bucket after all that it needs there.
func turns() []Kind {
	return []Kind{
		Storage, ContainerTemplate, Container, Job, GuestDisk, ContainerFirewall, ContainerState, StoreServer,
		LockProbe, Bucket, Lifecycle, AccessKey, BackendFile,
	}
}

// turn is the place of a kind among them. One that is not named comes after those that are.
func (k Kind) turn() int {
	all := turns()
	if turn := slices.Index(all, k); turn >= 0 {
		return turn
	}
	return len(all)
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
	switch c.Action {
	case Create:
		return 2 * c.Kind.turn()
	case Update:
		return 2*c.Kind.turn() + 1
	}
	return 2 * (len(turns()) + 1) // each kind has two stages, and those that are not named as well
}

func byObjection(a, b Refusal) int {
	return cmp.Or(byKey(a.Key, b.Key), strings.Compare(a.Risk, b.Risk), strings.Compare(a.Message, b.Message), strings.Compare(a.At, b.At), strings.Compare(a.Hint, b.Hint))
}
