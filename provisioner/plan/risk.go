package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// The risks: what a plan is refused for until the user accepts it by name.
const (
	// RemoveManyJobs: more than a quarter of a cluster's jobs would go.
	RemoveManyJobs = "remove-many-jobs"
	// UncoverGuests: a guest that a job covers would be covered by none.
	UncoverGuests = "uncover-guests"
	// DeleteArchives: a new retention would delete archives at the next run. Who can ask the cluster adds this refusal, see [ArchivesLost].
	DeleteArchives = "delete-archives"
)

// Risks lists the names of all risks.
func Risks() []string { return []string{DeleteArchives, RemoveManyJobs, UncoverGuests} }

// Refuse returns the plan with further refusals. Those of an accepted risk become warnings.
func (p Plan) Refuse(accepted []string, refusals ...Refusal) Plan {
	p.Refusals = slices.Clone(p.Refusals)
	for _, each := range refusals {
		if each.Risk == "" || !slices.Contains(accepted, each.Risk) {
			p.Refusals = append(p.Refusals, each)
			continue
		}
		each.Hint = "accepted by --accept-risk=" + each.Risk
		p = p.Warn(Warning(each))
	}
	slices.SortStableFunc(p.Refusals, byObjection)
	return p
}

// Warn returns the plan with further warnings.
func (p Plan) Warn(warnings ...Warning) Plan {
	p.Warnings = append(slices.Clone(p.Warnings), warnings...)
	slices.SortStableFunc(p.Warnings, func(a, b Warning) int { return byObjection(Refusal(a), Refusal(b)) })
	return p
}

// removesMany refuses to remove more than a quarter of the jobs of a cluster, whoever made them.
func removesMany(decisions []decision) (refusals []Refusal) {
	jobs, gone := map[string]int{}, map[string][]string{}
	for _, each := range decisions {
		if each.Kind != Job || each.found == nil {
			continue
		}
		jobs[each.Scope]++
		if each.removes() {
			gone[each.Scope] = append(gone[each.Scope], each.ID)
		}
	}
	for _, scope := range slices.Sorted(maps.Keys(gone)) {
		if names := gone[scope]; 4*len(names) > jobs[scope] {
			refusals = append(refusals, Refusal{
				Key: Key{Scope: scope, Kind: Job}, Risk: RemoveManyJobs,
				Message: fmt.Sprintf("%d of %s would be removed: %s", len(names), words.Count(jobs[scope], "job", "jobs"), words.List(names, mostNamed)),
				Hint:    "if this is meant, run it with --accept-risk=" + RemoveManyJobs,
			})
		}
	}
	return refusals
}

// ArchivesLost refuses a change of a job's retention that deletes archives at its next run. The archives are given by guest. It returns
// nothing to refuse where none are lost.
func ArchivesLost(change Change, archives map[int][]string) []Refusal {
	total := 0
	var guests []string
	for _, guest := range slices.Sorted(maps.Keys(archives)) {
		if lost := len(archives[guest]); lost > 0 {
			total += lost
			guests = append(guests, fmt.Sprintf("%d of guest %d", lost, guest))
		}
	}
	if total == 0 {
		return nil
	}
	return []Refusal{{
		Key: change.Key, At: change.At, Risk: DeleteArchives,
		Message: fmt.Sprintf("the new retention of %s %s deletes %s at the next run (%s)", change.Kind.Words(), change.ID,
			words.Count(total, "archive", "archives"), words.List(guests, mostNamed)),
		Hint: "if this is meant, run it with --accept-risk=" + DeleteArchives + "; archives that are protected or copied away first are not lost",
	}}
}
