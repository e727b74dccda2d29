package vzdump

import (
	"slices"
	"time"
)

// Simulate returns how many of a guest's archives remain when they appear one after the other, the oldest first, and each is followed by a
// prune: what schedule and rule would hold by now.
//
// That can be less than one prune of all of them would leave. With "keep-weekly=1,keep-monthly=2", an archive of Sunday, 2 February takes the
// place of one of Friday, 31 January, because they share a week, and with it goes the last one of January.
//
// The times may come in any order. As with Keep, their location decides what a day is.
func (r Retention) Simulate(times []time.Time) (kept int) {
	if r.KeepsAll() {
		return len(times)
	}
	prune := newPruning(r, times)
	var present []int
	for _, archive := range slices.Backward(newestFirst(times)) {
		present = prune.survivors(slices.Insert(present, 0, archive))
	}
	return len(present)
}
