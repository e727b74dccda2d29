package apply

import (
	"context"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Object is an object as a provider read it.
type Object struct {
	plan.Current
	Exists bool
	// Digest lets a write be refused if the object was changed after it was read; empty where the other side knows no such thing.
	Digest string
	// Text is what the provider itself wants to see again when it writes.
	Text string
}

// Provider reads and writes objects of one kind in one scope. An error of Write is a [Conflict] where the object was changed since it was
// read, and [Uncertain] where nobody can say whether the write took place.
type Provider interface {
	// Read asks for one object as it is now.
	Read(ctx context.Context, key plan.Key) (Object, error)
	// Write makes a change to what was read. It writes once.
	Write(ctx context.Context, change plan.Change, seen Object) error
}

// Conflict is a write that was refused because its object had changed. Nothing was written.
type Conflict struct{ Err error }

// Error gives the cause's words.
func (c *Conflict) Error() string { return c.Err.Error() }

// Unwrap returns the cause.
func (c *Conflict) Unwrap() error { return c.Err }

// Uncertain is a write without an answer: it may have taken place.
type Uncertain struct{ Err error }

// Error gives the cause's words.
func (u *Uncertain) Error() string { return u.Err.Error() }

// Unwrap returns the cause.
func (u *Uncertain) Unwrap() error { return u.Err }
