package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Client is what a session asks of a store, with provisioning's own access key.
type Client interface {
	Reader
	ProbeServer(ctx context.Context) error
	ProbeState(ctx context.Context, bucket string) error
	CreateBucket(ctx context.Context, bucket string) error
	EnableVersioning(ctx context.Context, bucket string) error
	SetLifecycle(ctx context.Context, bucket string, rules []objectstore.LifecycleRule) error
	SetUser(ctx context.Context, name, secret string) error
	SetPolicy(ctx context.Context, name string, document []byte) error
	AttachPolicy(ctx context.Context, user, policy string) error
}

// Memory is what provisioning remembers of objects that cannot say it themselves.
type Memory interface {
	Known(key plan.Key) bool
	SetKnown(key plan.Key, known bool)
	Save() error
}

// Session carries out a plan on one store. It is not safe for concurrent use.
type Session struct {
	Client    Client
	File      *config.File
	Need      Need // with Try
	Inventory Inventory
	Memory    Memory

	made map[string]bool // buckets of this session
}

// Provider returns who reads and writes objects of a kind, nil for a kind that is not a store's.
func (s *Session) Provider(kind plan.Kind) apply.Provider {
	switch kind {
	case plan.LockProbe:
		return probes{s}
	case plan.Bucket:
		return buckets{s}
	case plan.Lifecycle:
		return lifecycles{s}
	case plan.AccessKey:
		return accessKeys{s}
	}
	return nil
}

// ProbeKey is the key under which it is remembered that the server was found fit.
func (s *Session) ProbeKey() plan.Key { return probeKey(s.Inventory) }

// remember notes that an object is ours, before it is made: if the answer is lost, the next run knows whose it is.
func (s *Session) remember(key plan.Key, known bool) error {
	s.Memory.SetKnown(key, known)
	return s.Memory.Save()
}

// sorted tells apart what a failed write means.
func sorted(err error) error {
	if err != nil && objectstore.MayHaveChanged(err) {
		return &apply.Uncertain{Err: err}
	}
	return err
}

// probes is the provider of the proof that a server is fit. Nothing on the server shows it, so it is remembered here.
type probes struct{ *Session }

// Read looks into the memory.
func (p probes) Read(_ context.Context, key plan.Key) (apply.Object, error) {
	if !p.Memory.Known(key) {
		return apply.Object{}, nil
	}
	return apply.Object{Current: currentProbe(p.Inventory), Exists: true}, nil
}

// Write probes the server in a bucket of its own. Where the access key may make no buckets, a bucket that provisioning may write to serves, if its
// versioning is on.
func (p probes) Write(ctx context.Context, change plan.Change, _ apply.Object) error {
	err := p.Client.ProbeServer(ctx)
	if objectstore.ReasonOf(err) == objectstore.Denied {
		if name, found := p.mine(); found {
			err = p.Client.ProbeState(ctx, name)
		}
	}
	if err != nil {
		return err
	}
	return p.remember(change.Key, true)
}

// mine finds a bucket to probe in.
func (p probes) mine() (string, bool) {
	for _, each := range p.Need.states {
		bucket := p.Inventory.Buckets[each.Bucket]
		known := p.Memory.Known(plan.Key{Scope: p.Inventory.Store, Kind: plan.Bucket, ID: each.Bucket})
		if bucket.Versioning == objectstore.VersioningEnabled && (known || each.Adopt || ours(bucket, p.Need.owner)) {
			return each.Bucket, true
		}
	}
	return "", false
}

// buckets is the provider of buckets and their versioning. It never removes one.
type buckets struct{ *Session }

// Read reads a bucket.
func (b buckets) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	bucket, err := ReadBucket(ctx, b.Client, key.ID)
	if err != nil || !bucket.Exists {
		return apply.Object{}, err
	}
	return apply.Object{Current: currentBucket(key.Scope, key.ID, bucket, b.Need.owner), Exists: true}, nil
}

// Write makes a bucket, and switches its versioning on.
func (b buckets) Write(ctx context.Context, change plan.Change, _ apply.Object) error {
	switch change.Action {
	case plan.Create:
		if err := b.remember(change.Key, true); err != nil {
			return err
		}
		if err := b.Client.CreateBucket(ctx, change.ID); err != nil {
			return b.notMade(change.Key, err)
		}
		if b.made == nil {
			b.made = map[string]bool{}
		}
		b.made[change.ID] = true
	case plan.Update:
	case plan.Delete:
		return fmt.Errorf("buckets are not removed: %s", change.ID)
	}
	return sorted(b.Client.EnableVersioning(ctx, change.ID))
}

// notMade forgets a bucket that was not made after all.
func (b buckets) notMade(key plan.Key, err error) error {
	exists := errors.Is(err, objectstore.ErrBucketExists)
	if exists || !objectstore.MayHaveChanged(err) {
		if forgotten := b.remember(key, false); forgotten != nil {
			return forgotten
		}
	}
	if exists {
		return &apply.Conflict{Err: err}
	}
	return sorted(err)
}

// lifecycles is the provider of lifecycle rules. Rules of others stay as they are.
type lifecycles struct{ *Session }

// Read reads a bucket's rules. A bucket that was made in this session has none that anybody else could have written, so there is nothing there yet.
func (l lifecycles) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	bucket, err := ReadBucket(ctx, l.Client, key.ID)
	if err != nil || !bucket.Exists || bucket.NoRules || l.made[key.ID] && len(bucket.Rules) == 0 {
		return apply.Object{}, err
	}
	return apply.Object{Current: currentRules(key.Scope, key.ID, bucket, l.wanted(key.ID), l.Need.owner), Exists: true}, nil
}

// Write puts the declared rules into the place of those that were written before.
func (l lifecycles) Write(ctx context.Context, change plan.Change, _ apply.Object) error {
	rules, err := l.Client.Lifecycle(ctx, change.ID)
	if err != nil {
		return err
	}
	if err := l.remember(change.Key, true); err != nil {
		return err
	}
	return sorted(l.Client.SetLifecycle(ctx, change.ID, merge(rules, l.wanted(change.ID), l.Need.owner)))
}

// wanted are the rules for all states in a bucket.
func (l lifecycles) wanted(bucket string) []objectstore.LifecycleRule {
	var rules []objectstore.LifecycleRule
	for _, each := range statesOf(l.File, l.Inventory.Store) {
		if each.Bucket == bucket {
			rules = append(rules, wantedRules(each, l.Need.owner)...)
		}
	}
	return rules
}
