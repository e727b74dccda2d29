package objectstore

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errand is one probe under way: what it is about, how many requests it may still send, and what the network said last. One goroutine has it.
type errand struct {
	client *Client
	what   string
	parent context.Context // to tell its end from that of the errand's own time
	stop   context.CancelFunc

	left   int           // requests that may still be sent
	sent   bool          // one was
	cause  error         // why the last request had no reply
	behind time.Duration // how far this machine's clock was behind the server's, at the last reply that says
}

// errSpent says that an errand has sent all requests that it may. Callers make "unknown" of it.
var errSpent = errors.New("the bound of requests is reached")

type errandKey struct{}

// begin starts a probe that may send a number of requests.
func (c *Client) begin(ctx context.Context, requests int, what string, about ...any) (context.Context, *errand) {
	e := &errand{client: c, what: fmt.Sprintf(what, about...), parent: ctx, left: requests}
	ctx, e.stop = context.WithTimeout(ctx, c.cfg.Timeout)
	return context.WithValue(ctx, errandKey{}, e), e
}

// beginSigned is begin for a probe that needs the access key, which is read first.
func (c *Client) beginSigned(ctx context.Context, requests int, what string, about ...any) (context.Context, *errand, error) {
	ctx, e := c.begin(ctx, requests, what, about...)
	if err := c.keys.load(); err != nil {
		e.stop()
		return ctx, e, fmt.Errorf("store %s: %w", c.cfg.Name, err)
	}
	return ctx, e, nil
}

func errandOf(ctx context.Context) *errand {
	e, _ := ctx.Value(errandKey{}).(*errand)
	return e
}
