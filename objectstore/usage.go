package objectstore

import (
	"context"
	"errors"

	"github.com/minio/minio-go/v7"
)

// Usage is what a bucket holds.
type Usage struct {
	Objects int64 // by key: one however many versions it has, and one that was deleted as long as anything of it is kept
	Bytes   int64 // of all versions: what the bucket takes up

	// FromMetrics says that the server's own metrics told it: they may be some minutes old, and hours in a store of many millions of objects.
	FromMetrics bool
}

// Usage tells what buckets hold. Where the store is of kind minio its metrics are asked: at most two requests, however many buckets there are
// and however large they are. They are to be had if the server was started with MINIO_PROMETHEUS_AUTH_TYPE=public, or if the policy of the access key allows
// admin:Prometheus; a bucket appears there some minutes after it was made. A bucket that they do not tell is listed with its versions, at most MaxPages
// pages of 1000 and one request more. A bucket with more than that is missing from the result: it is not known. Buckets that fail do not keep
// the others from being told; the error joins theirs.
func (c *Client) Usage(ctx context.Context, buckets ...string) (map[string]Usage, error) {
	told := map[string]Usage{}
	if c.cfg.Kind == MinIO && len(buckets) > 0 {
		metrics := c.usageMetrics(ctx)
		for _, bucket := range buckets {
			if usage, ok := metrics[bucket]; ok {
				told[bucket] = usage
			}
		}
	}
	var failures []error
	for _, bucket := range buckets {
		if _, ok := told[bucket]; ok {
			continue
		}
		usage, err := c.count(ctx, bucket)
		switch {
		case err == nil:
			told[bucket] = usage
		case !errors.Is(err, errSpent):
			failures = append(failures, err)
		}
	}
	return told, errors.Join(failures...)
}

// count lists a bucket.
func (c *Client) count(ctx context.Context, bucket string) (Usage, error) {
	ctx, e, err := c.beginSigned(ctx, c.cfg.MaxPages+1, "list bucket %s", bucket)
	if err != nil {
		return Usage{}, err
	}
	defer e.stop()
	var usage Usage
	entries := 0
	_, err = e.versions(ctx, bucket, "", func(version minio.ObjectInfo) bool {
		entries++
		usage.Bytes += version.Size // a delete marker has none
		if version.IsLatest {
			usage.Objects++ // so MinIO's metrics count: one for each key
		}
		return entries <= c.cfg.MaxPages*pageSize
	})
	if err == nil && entries > c.cfg.MaxPages*pageSize {
		err = errSpent
	}
	return usage, err
}
