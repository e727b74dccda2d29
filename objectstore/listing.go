package objectstore

import (
	"context"

	"github.com/minio/minio-go/v7"
)

// pageSize is the most entries that S3 puts on a page, and what it takes for a request to list 1000 of them.
const pageSize = 1000

// versions lists what lies below a prefix, with all versions and delete markers, in the order of keys and the newest first
// (of some servers the delete markers of each page come before the rest), until each returns false. A
// server that cannot list versions is asked for the objects, and versioned is false. The error is errSpent where there was more than the
// errand may ask for.
func (e *errand) versions(ctx context.Context, bucket, prefix string, each func(minio.ObjectInfo) bool) (versioned bool, err error) {
	options := minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: pageSize, WithVersions: true}
	e.what = "list the versions in bucket " + bucket
	err = e.list(ctx, bucket, options, each)
	if ReasonOf(err) != NotImplemented {
		return true, err
	}
	options.WithVersions = false
	e.what = "list bucket " + bucket
	return false, e.list(ctx, bucket, options, func(object minio.ObjectInfo) bool {
		object.IsLatest = true
		return each(object)
	})
}

func (e *errand) list(ctx context.Context, bucket string, options minio.ListObjectsOptions, each func(minio.ObjectInfo) bool) error {
	for object := range e.client.api.ListObjectsIter(ctx, bucket, options) {
		if object.Err != nil {
			return e.explain(object.Err)
		}
		if !each(object) {
			return nil
		}
	}
	return e.explain(ctx.Err()) // minio-go ends a listing without a word when the time is over
}
