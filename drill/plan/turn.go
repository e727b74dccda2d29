package plan

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Candidate is a guest that has to be drilled now and then. Times are Unix seconds, 0 for never.
type Candidate struct {
	ID          string // qemu/100, lxc/101
	VMID        int
	Environment string
	Every       time.Duration // within which its turn must come
	Since       int64         // when it was first known to be drilled
	LastTried   int64         // the end of the last drill that was begun, whatever came of it
	Failed      bool          // it failed, or came to no end
}

const (
	day = 24 * time.Hour
	// retry is how soon after a failure a guest may be drilled again: the next night.
	retry = 12 * time.Hour
)

// Turns picks the guests that one run should drill if there is a run a day: as many as it takes for all to have their turn in time, those
// whose period is over first. A guest that was drilled well is left alone for three quarters of its period, and a night has room for as many
// as come back that early: so a night that is lost makes none late.
func Turns(candidates []Candidate, now time.Time) []Candidate {
	perDay := 0.0
	var waiting []Candidate
	for _, each := range candidates {
		rest := each.Every / 4 * 3
		perDay += day.Seconds() / rest.Seconds()
		if each.Failed {
			rest = min(rest, retry)
		}
		if each.LastTried == 0 || !now.Before(time.Unix(each.LastTried, 0).Add(rest)) {
			waiting = append(waiting, each)
		}
	}
	slices.SortFunc(waiting, func(a, b Candidate) int {
		return cmp.Or(a.deadline().Compare(b.deadline()), cmp.Compare(a.VMID, b.VMID))
	})
	// Sums of fractions such as 45 times 2/45 may come out a little above the whole number that they are.
	quota := int(math.Ceil(perDay - 1e-6))
	return waiting[:min(quota, len(waiting))]
}

// deadline is when a guest's turn must have come.
func (c Candidate) deadline() time.Time { return time.Unix(max(c.Since, c.LastTried), 0).Add(c.Every) }
