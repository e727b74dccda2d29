package refresh

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// storeCalls bounds the calls to one object store that run at the same time.
const storeCalls = 4

// errNotAsked is why nothing was read of a bucket that could not be asked for its versioning.
var errNotAsked = errors.New("its bucket could not be asked")

// answered is the outcome of one call to an object store.
type answered[R any] struct {
	value R
	err   error
}

// askSome makes one call for each item, a few at a time, and returns the replies in the items' order.
func askSome[T, R any](items []T, call func(T) (R, error)) []answered[R] {
	replies := make([]answered[R], len(items))
	var group errgroup.Group
	group.SetLimit(storeCalls)
	for i, item := range items {
		group.Go(func() error {
			replies[i].value, replies[i].err = call(item)
			return nil // each reply carries its own error
		})
	}
	_ = group.Wait()
	return replies
}

// readStates asks for the versions and the lock of each state whose bucket is there.
func (r *ObjectStoreRefresher) readStates(ctx context.Context) {
	if len(r.states) == 0 {
		return
	}
	began := r.Now()
	all := make([]*stateFacts, len(r.states))
	for i := range r.states {
		all[i] = &r.states[i]
	}
	replies := askSome(all, func(state *stateFacts) (objectstore.State, error) {
		bucket := r.bucketOf(state)
		if bucket.Missing {
			return objectstore.State{}, nil // nothing is there, and nobody knows what was
		}
		if !bucket.Up.Or(false) {
			return objectstore.State{}, errNotAsked
		}
		return r.Client.State(ctx, state.DeclaredState.Bucket, state.DeclaredState.Key)
	})
	var failures []error
	for i, reply := range replies {
		switch {
		case reply.err != nil && r.err != nil:
			failures = append(failures, r.err)
		case reply.err != nil:
			failures = append(failures, reply.err)
		default:
			all[i].take(reply.value)
		}
	}
	r.record(ctx, snapshot.SourceStates, began, failures...)
}

// take notes what a state is now.
func (s *stateFacts) take(state objectstore.State) {
	s.Exists, s.LastModified, s.LockedSince = optional.Some(state.Exists), seconds(state.LastModified), seconds(state.LockedSince)
	s.Bytes, s.Versions = optional.Value[int64]{}, optional.Value[int]{}
	if state.Exists {
		s.Bytes = optional.Some(state.Bytes)
	}
	if state.Counted {
		s.Versions = optional.Some(state.Versions)
	}
	s.present = version{}
	if state.Exists {
		s.present = version{state.LastModified, state.Bytes, state.Versions}
	}
	if s.headOf != s.present {
		s.Serial, s.headOf = optional.Value[int64]{}, version{}
	}
}

// readSerials reads the head of each state that was written since, where that is wanted.
func (r *ObjectStoreRefresher) readSerials(ctx context.Context) {
	began := r.Now()
	var wanted []*stateFacts
	asked := false
	for i := range r.states {
		state := &r.states[i]
		asked = asked || state.ReadSerial
		if state.ReadSerial && state.present != state.headOf && state.Exists.Or(false) && r.bucketOf(state).Up.Or(false) {
			wanted = append(wanted, state)
		}
	}
	if !asked {
		return
	}
	failures := []error{r.err}
	for i, reply := range askSome(wanted, func(state *stateFacts) (objectstore.StateHead, error) {
		return r.Client.StateHead(ctx, state.DeclaredState.Bucket, state.DeclaredState.Key)
	}) {
		if reply.err == nil {
			wanted[i].Serial, wanted[i].headOf = optional.Some(reply.value.Serial), wanted[i].present
		}
		failures = append(failures, reply.err)
	}
	r.record(ctx, snapshot.SourceSerials, began, failures...)
}
