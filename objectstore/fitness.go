package objectstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/minio/minio-go/v7"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// EnableVersioning switches a bucket's versioning on and reads it back: two requests. An [UnfitError] says that the server cannot do it, any other error that
// it could not be found out.
func (c *Client) EnableVersioning(ctx context.Context, bucket string) error {
	ctx, e, err := c.beginSigned(ctx, 2, "switch on the versioning of bucket %s", bucket)
	if err != nil {
		return err
	}
	defer e.stop()
	if err := e.explain(c.api.EnableVersioning(ctx, bucket)); err != nil {
		if ReasonOf(err) == NotImplemented {
			return e.unfit(bucket, NoVersioning, err)
		}
		return err
	}
	e.what = "read the versioning of bucket " + bucket
	switch versioning, err := e.versioning(ctx, bucket); {
	case err != nil:
		return err
	case versioning != VersioningEnabled:
		return e.unfit(bucket, NoVersioning, nil)
	}
	return nil
}

const (
	lockRequests  = 6                 // two locks are taken, tried a second time and released
	probeVersions = lockRequests      // each of these may have made a version or a delete marker
	sweepRequests = 2 + probeVersions // the listing, in two ways at the worst, and each version's removal
)

// ProbeState finds out whether a bucket with versioning on can hold Terraform states: it takes a lock as Terraform does, tries to take it again, releases it,
// and does all that once more, because some servers manage it only once; then it counts the versions that must have come of that. It works on a
// key of its own below .pve-backup-exporter/, and removes all versions of it. At most 14 requests. An [UnfitError] says what the server lacks, any other
// error that it could not be found out; it says so, too, if something was left behind.
func (c *Client) ProbeState(ctx context.Context, bucket string) error {
	ctx, e, err := c.beginSigned(ctx, lockRequests, "probe bucket %s", bucket)
	if err != nil {
		return err
	}
	defer e.stop()
	key := ".pve-backup-exporter/" + rand.Text() + LockSuffix
	wrote, verdict := e.lockTwice(ctx, bucket, key)
	if !wrote {
		return verdict
	}
	kept, left := c.sweep(ctx, bucket, key)
	if verdict == nil && left == nil && kept < 2 {
		verdict = e.unfit(bucket, VersionsNotKept, nil)
	}
	if left != nil {
		left = ui.Hint(left, "what is left of the probe is %s in bucket %s, with all its versions: remove it", key, bucket)
	}
	return errors.Join(verdict, left)
}

// lockTwice takes and releases a lock, twice in a row. At most six requests. It wrote unless the first of them was refused or did not arrive.
func (e *errand) lockTwice(ctx context.Context, bucket, key string) (wrote bool, verdict error) {
	for round := range 2 {
		e.what = "write a lock in bucket " + bucket
		err := e.take(ctx, bucket, key)
		if round == 0 {
			wrote = err == nil || e.mayHaveArrived(err)
		}
		switch reason := ReasonOf(err); {
		case reason == Precondition && round == 1:
			return wrote, e.unfit(bucket, LockOnlyOnce, err)
		case reason == NotImplemented || reason == Precondition:
			return wrote, e.unfit(bucket, NoConditionalWrite, err)
		case err != nil:
			return wrote, err
		}
		switch err := e.take(ctx, bucket, key); {
		case err == nil:
			return wrote, e.unfit(bucket, LockTakenTwice, nil)
		case ReasonOf(err) != Precondition:
			return wrote, err
		}
		e.what = "remove a lock in bucket " + bucket
		if err := e.client.api.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{}); err != nil {
			return wrote, e.explain(err)
		}
	}
	return wrote, nil
}

// mayHaveArrived reports whether the request of a failure may have reached the server, and had its effect there.
func (e *errand) mayHaveArrived(err error) bool {
	switch ReasonOf(err) {
	case Timeout, Reset, Failed, Busy, "":
		return e.sent
	}
	return false
}

// take writes a lock on the condition that there is none. One request.
func (e *errand) take(ctx context.Context, bucket, key string) error {
	content := []byte(`{"Info":"a probe of pve-backup-exporter"}`)
	sum := sha256.Sum256(content)
	// Signed as a whole, as Terraform does it: minio-go's usual way over plain http is a stream of signed parts.
	options := minio.PutObjectOptions{ContentType: "application/json", DisableContentSha256: true}
	options.SetMatchETagExcept("*")
	_, err := minio.Core{Client: e.client.api}.PutObject(ctx, bucket, key, bytes.NewReader(content), int64(len(content)), "", hex.EncodeToString(sum[:]), options)
	return e.explain(err)
}

// sweep removes all versions of a probe's key, also after its context has ended, and counts those that were no delete markers. At most eight requests.
func (c *Client) sweep(ctx context.Context, bucket, key string) (kept int, err error) {
	ctx, e, err := c.beginSigned(context.WithoutCancel(ctx), sweepRequests, "remove the probe in bucket %s", bucket)
	if err != nil {
		return 0, err
	}
	defer e.stop()
	var found []minio.ObjectInfo
	if _, err := e.versions(ctx, bucket, key, func(version minio.ObjectInfo) bool {
		found = append(found, version)
		return len(found) < probeVersions
	}); err != nil {
		return 0, err
	}
	var failures []error
	for _, version := range found {
		if !version.IsDeleteMarker {
			kept++
		}
		e.what = fmt.Sprintf("remove version %s of the probe in bucket %s", version.VersionID, bucket)
		failures = append(failures, e.explain(c.api.RemoveObject(ctx, bucket, version.Key, minio.RemoveObjectOptions{VersionID: version.VersionID})))
	}
	return kept, errors.Join(failures...)
}
