package refresh

import (
	"time"

	"golang.org/x/sync/errgroup"
)

// atOnce bounds the goroutines that wait for replies. How many calls really run at once is the client's to bound, per node.
const atOnce = 32

// reply is the outcome of one call.
type reply[R any] struct {
	value        R
	err          error
	began, ended time.Time
}

// askAll makes one call for each item, side by side, and returns the replies in the items' order.
func askAll[T, R any](now func() time.Time, items []T, call func(T) (R, error)) []reply[R] {
	replies := make([]reply[R], len(items))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, item := range items {
		group.Go(func() error {
			replies[i].began = now()
			replies[i].value, replies[i].err = call(item)
			replies[i].ended = now()
			return nil // each reply carries its own error
		})
	}
	_ = group.Wait()
	return replies
}
