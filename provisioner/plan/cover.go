package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// guest is a guest of a cluster.
type guest struct {
	scope string
	id    int
}

func (d decision) removes() bool { return d.change != nil && d.change.Action == Delete }

// before and after are the guests that a job covers now, and once the plan is carried out.
func (d decision) before() []int {
	if d.found == nil {
		return nil
	}
	return d.found.Guests
}

func (d decision) after() []int {
	switch {
	case d.removes():
		return nil
	case d.active:
		return d.wanted.Guests
	}
	return d.before()
}

// uncovers refuses what leaves a guest without any job that covers it: one refusal for each job that drops such guests. A job may drop them
// without being changed, when its storage is.
func uncovers(decisions []decision) (refusals []Refusal) {
	changed := map[string]bool{}
	covered := map[guest]bool{}
	for _, each := range decisions {
		if each.change != nil {
			changed[each.Scope] = true
		}
		if each.Kind == Job {
			for _, id := range each.after() {
				covered[guest{each.Scope, id}] = true
			}
		}
	}
	for _, each := range decisions {
		if each.Kind != Job || !changed[each.Scope] {
			continue
		}
		var lost []int
		for _, id := range each.before() {
			if !covered[guest{each.Scope, id}] {
				lost = append(lost, id)
			}
		}
		if len(lost) > 0 {
			refusals = append(refusals, each.uncovering(lost))
		}
	}
	return refusals
}

func (d decision) uncovering(lost []int) Refusal {
	slices.Sort(lost)
	lost = slices.Compact(lost)
	refusal := Refusal{
		Key: d.Key, Risk: UncoverGuests,
		Message: fmt.Sprintf("%s that job %s covers would be covered by none: %s", words.Count(len(lost), "guest", "guests"), d.ID, guestList(lost)),
		Hint:    "if this is meant, run it with --accept-risk=" + UncoverGuests + "; else let another declared job select them",
	}
	if d.wanted != nil {
		refusal.At = d.wanted.At
	}
	return refusal
}

// doubles warns of a new job that backs up guests onto a storage onto which a job that is not declared backs them up already.
func doubles(decisions []decision) (warnings []Warning) {
	type place struct {
		guest
		storage string
	}
	others := map[place][]string{} // ids of such jobs
	for _, each := range decisions {
		if each.Kind == Job && each.wanted == nil && !each.found.Owned {
			for _, id := range each.found.Guests {
				at := place{guest{each.Scope, id}, each.found.Fields["storage"]}
				others[at] = append(others[at], each.ID)
			}
		}
	}
	for _, each := range decisions {
		if each.Kind != Job || each.change == nil || each.change.Action != Create {
			continue
		}
		storage := each.wanted.Fields["storage"].Text
		shared := map[string][]int{} // guests by the id of the other job
		for _, id := range each.wanted.Guests {
			for _, other := range others[place{guest{each.Scope, id}, storage}] {
				shared[other] = append(shared[other], id)
			}
		}
		for _, other := range slices.Sorted(maps.Keys(shared)) {
			warnings = append(warnings, each.double(other, storage, shared[other]))
		}
	}
	return warnings
}

func (d decision) double(other, storage string, guests []int) Warning {
	slices.Sort(guests)
	guests = slices.Compact(guests)
	return Warning{
		Key: d.Key, At: d.wanted.At,
		Message: fmt.Sprintf("job %s, which was not made by this tool, backs up %s of the new job %s onto %s already: %s",
			other, words.Count(len(guests), "guest", "guests"), d.ID, storage, guestList(guests)),
		Hint: fmt.Sprintf("to take that job over, declare id: %s and adopt: true; to replace it, remove it once the new one has run", other),
	}
}

func guestList(ids []int) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.Itoa(id)
	}
	return words.List(texts, mostNamed)
}
