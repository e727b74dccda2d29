package refresh

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// Refresh reads the store once and publishes the new picture. A slow refresh looks at the certificate and the sizes of buckets, too; the first
// one always is slow, and so is that in which the store is there again: what a slow one reads has not been read meanwhile. It never fails: what
// could not be read is a source that is down.
func (r *ObjectStoreRefresher) Refresh(ctx context.Context, slow bool) {
	began := r.Now()
	well := r.well()
	up, problem := r.readHealth(ctx)
	r.readBuckets(ctx)
	r.readStates(ctx)
	r.readSerials(ctx)
	slow = slow || r.lastSlow.IsZero() || !well && r.well()
	if slow {
		r.readCertificate(ctx)
		r.readUsage(ctx)
	}
	if ctx.Err() != nil {
		return // a cycle that was cut short proves nothing
	}
	if slow {
		r.lastSlow = began
	}
	r.publish(up, problem)
}

// well reports whether the store and its buckets could be asked in the last cycle.
func (r *ObjectStoreRefresher) well() bool {
	up := func(kind snapshot.SourceKind) bool { return r.sources.up(sourceKey{kind: kind}) }
	return up(snapshot.SourceHealth) && (len(r.buckets) == 0 || up(snapshot.SourceBuckets))
}

// record notes the outcome of reading a source.
func (r *ObjectStoreRefresher) record(ctx context.Context, kind snapshot.SourceKind, began time.Time, failures ...error) {
	failures = slices.DeleteFunc(failures, func(err error) bool { return err == nil })
	if ctx.Err() != nil {
		return
	}
	var err error
	if len(failures) > 0 {
		err = failures[0]
	}
	if len(failures) > 1 {
		err = fmt.Errorf("%w (and %d more)", err, len(failures)-1)
	}
	r.sources.record(sourceKey{kind: kind}, began, r.Now(), err)
}

// refused reports that the server answered, and does not let the exporter's key see what it was asked for: that says nothing of the thing itself.
func refused(err error) bool {
	switch objectstore.ReasonOf(err) {
	case objectstore.WrongKey, objectstore.ClockSkew, objectstore.WrongRegion, objectstore.Denied:
		return true
	}
	return false
}

// unasked reports that nothing was sent: the files of the access key or of the certificate authority cannot be used.
func unasked(err error) bool { return err != nil && objectstore.ReasonOf(err) == "" }

// readHealth asks how the server is, and notes whether it can be asked for more.
func (r *ObjectStoreRefresher) readHealth(ctx context.Context) (up optional.Value[bool], problem string) {
	began := r.Now()
	health, err := r.Client.Health(ctx)
	r.record(ctx, snapshot.SourceHealth, began, err)
	r.err = err
	switch {
	case refused(err):
		return optional.Some(true), ""
	case unasked(err):
		return up, err.Error()
	case err != nil:
		return optional.Some(false), err.Error()
	}
	return optional.Some(health.Up()), health.Why
}

// readCertificate looks at the certificate, whether the store is up or not: it may be the reason.
func (r *ObjectStoreRefresher) readCertificate(ctx context.Context) {
	began := r.Now()
	certificate, err := r.Client.Certificate(ctx)
	r.record(ctx, snapshot.SourceCertificate, began, err)
	if err == nil {
		r.notAfter = seconds(certificate.NotAfter)
	}
}

// readBuckets asks for the versioning of each bucket, which tells whether it is there. Where the server cannot be asked at all, nobody tries.
func (r *ObjectStoreRefresher) readBuckets(ctx context.Context) {
	if len(r.buckets) == 0 {
		return
	}
	began := r.Now()
	var failures []error
	replies := askSome(r.buckets, func(bucket snapshot.Bucket) (objectstore.Bucket, error) {
		if r.err != nil {
			return objectstore.Bucket{}, r.err
		}
		return r.Client.Bucket(ctx, bucket.Name)
	})
	for i, reply := range replies {
		bucket := &r.buckets[i]
		bucket.Up, bucket.Missing, bucket.Problem = optional.Some(reply.err == nil), objectstore.ReasonOf(reply.err) == objectstore.BucketMissing, ""
		switch {
		case bucket.Missing:
			*bucket = snapshot.Bucket{Name: bucket.Name, Up: bucket.Up, Missing: true, Problem: reply.err.Error()}
		case reply.err != nil:
			failures = append(failures, reply.err)
			bucket.Problem = reply.err.Error()
			if refused(reply.err) || unasked(reply.err) {
				bucket.Up = optional.Value[bool]{}
			}
		default:
			bucket.Versioning = snapshot.Versioning(reply.value.Versioning)
		}
	}
	r.record(ctx, snapshot.SourceBuckets, began, failures...)
}

// bucketOf returns the bucket of a state.
func (r *ObjectStoreRefresher) bucketOf(state *stateFacts) *snapshot.Bucket {
	at := slices.IndexFunc(r.buckets, func(b snapshot.Bucket) bool { return b.Name == state.DeclaredState.Bucket })
	return &r.buckets[at]
}

// readUsage asks how much the buckets hold that are there.
func (r *ObjectStoreRefresher) readUsage(ctx context.Context) {
	began := r.Now()
	var names []string
	var failures []error
	for _, bucket := range r.buckets {
		switch {
		case bucket.Up.Or(false):
			names = append(names, bucket.Name)
		case !bucket.Missing:
			failures = append(failures, errNotAsked)
		}
	}
	var usage map[string]objectstore.Usage
	var err error
	if len(names) > 0 {
		usage, err = r.Client.Usage(ctx, names...)
	}
	for i := range r.buckets {
		bucket := &r.buckets[i]
		if found, known := usage[bucket.Name]; known {
			bucket.Objects, bucket.Bytes = optional.Some(found.Objects), optional.Some(found.Bytes)
		} else if err == nil && bucket.Up.Or(false) { // too much to count
			bucket.Objects, bucket.Bytes = optional.Value[int64]{}, optional.Value[int64]{}
		}
	}
	if len(r.buckets) > 0 {
		r.record(ctx, snapshot.SourceUsage, began, append([]error{err}, failures...)...)
	}
}
