package objectstore

import (
	"context"
	"errors"
	"time"

	"github.com/minio/minio-go/v7"
)

// State is what can be seen of a Terraform state without reading it.
type State struct {
	Exists       bool      // the object is there: false where it never was, and where it has been deleted
	LastModified time.Time // when the current version was written
	Bytes        int64     // of the current version

	// Versions is how many versions the bucket holds, the current one included and delete markers not: so 0 where there never was a state, and more
	// for one that was deleted and can be brought back. Where it is not Counted there are more than the client lists, or the server cannot tell.
	Versions int
	Counted  bool

	// LockedSince is when the lock was taken that is held now; zero while there is none.
	LockedSince time.Time
}

// LockSuffix is what Terraform's S3 backend adds to a state's key to make that of the lock (use_lockfile).
const LockSuffix = ".tflock"

// State looks at a state and its lock by listing exactly those keys, which needs no right to read them. What lies beside them under a longer key, such
// as backups, does not count. One request for the lock, and for the versions at most MaxPages of 1000 and one more.
func (c *Client) State(ctx context.Context, bucket, key string) (State, error) {
	ctx, e, err := c.beginSigned(ctx, c.cfg.MaxPages+2, "list the versions in bucket %s", bucket)
	if err != nil {
		return State{}, err
	}
	defer e.stop()
	var state State
	if state.LockedSince, err = e.lockedSince(ctx, bucket, key); err != nil {
		return State{}, err
	}
	e.left = c.cfg.MaxPages + 1 // whether or not the lock needed its request
	more := false
	versioned, err := e.versions(ctx, bucket, key, func(version minio.ObjectInfo) bool {
		if version.Key != key {
			return version.IsDeleteMarker // the key itself is the first of all that begin with it; but versitygw lists the markers of a page before the rest
		}
		if version.IsDeleteMarker {
			return true
		}
		if version.IsLatest {
			state.Exists, state.LastModified, state.Bytes = true, version.LastModified, version.Size
		}
		more = state.Versions == c.cfg.MaxPages*pageSize
		if !more {
			state.Versions++
		}
		return !more
	})
	state.Counted = versioned && err == nil && !more
	if errors.Is(err, errSpent) {
		err = nil // the newest version comes first: all but the count is known
	}
	if err != nil {
		return State{}, err
	}
	return state, nil
}

// lockedSince lists the lock's key: the current objects alone, so that the delete marker of a lock that was released is none. One request.
func (e *errand) lockedSince(ctx context.Context, bucket, key string) (time.Time, error) {
	e.what = "look for a lock in bucket " + bucket
	var since time.Time
	err := e.list(ctx, bucket, minio.ListObjectsOptions{Prefix: key + LockSuffix, Recursive: true, MaxKeys: 1}, func(object minio.ObjectInfo) bool {
		if object.Key == key+LockSuffix {
			since = object.LastModified
		}
		return false
	})
	return since, err
}
