package pve

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// retrier decides whether a call is made again, and waits before it is.
type retrier struct {
	limit  int
	jitter func() float64 // 0 to 1
	wait   func(context.Context, time.Duration) error
}

func newRetrier(limit int, wait func(context.Context, time.Duration) error) retrier {
	return retrier{limit: limit, jitter: rand.Float64, wait: wait}
}

// again reports whether a call may be repeated after the given number of repetitions. Only reading is: what changes something is never
// sent twice.
func (r retrier) again(done int, method string, err error) bool {
	return done < r.limit && method == http.MethodGet && transient(err)
}

// pause waits before repetition number done+1: half of a growing time, plus a random part of the other half, so that clients that failed
// together do not come back together.
func (r retrier) pause(ctx context.Context, done int) error {
	full := min(firstBackoff<<min(done, 8), maxBackoff)
	return r.wait(ctx, full/2+time.Duration(r.jitter()*float64(full/2)))
}

// transient reports a failure that may be gone a moment later. A refused or unreachable address is not: the next refresh tries it again.
func transient(err error) bool {
	var e *Error
	if errors.As(err, &e) {
		switch e.Status {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return proxyFailed(e)
	}
	var c *ConnectionError
	return errors.As(err, &c) && c.Kind == ConnectionReset
}

// sleep waits, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
