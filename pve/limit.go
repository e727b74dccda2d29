package pve

import (
	"context"
	"sync"
)

// limiter bounds how many calls a node works on at a time. Each of pveproxy's few workers that waits for a hanging storage is one less
// for the people who use the web interface.
type limiter struct {
	width int
	mu    sync.Mutex
	slots map[string]chan struct{}
}

func newLimiter(width int) *limiter {
	return &limiter{width: width, slots: make(map[string]chan struct{})}
}

// acquire waits for a place and returns the function that gives it back, to be called once.
func (l *limiter) acquire(ctx context.Context, key string) (release func(), err error) {
	l.mu.Lock()
	slot, ok := l.slots[key]
	if !ok {
		slot = make(chan struct{}, l.width)
		l.slots[key] = slot
	}
	l.mu.Unlock()
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
