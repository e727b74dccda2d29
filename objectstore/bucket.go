package objectstore

import (
	"context"

	"github.com/minio/minio-go/v7"
)

// Versioning says whether a bucket keeps earlier versions of its objects.
type Versioning string

// What a bucket's versioning can be.
const (
	VersioningEnabled   Versioning = "enabled"
	VersioningPartial   Versioning = "partial"   // enabled, but for folders or prefixes (an addition of MinIO)
	VersioningSuspended Versioning = "suspended" // it was enabled: old versions are there, new ones are not made
	VersioningOff       Versioning = "off"       // it was never enabled, or the server cannot do it
	VersioningUnknown   Versioning = ""          // the access key may not ask
)

// Bucket is what is known of a bucket that can be reached.
type Bucket struct {
	Versioning Versioning
}

// Bucket asks for a bucket's versioning, and with that whether the bucket is there: [BucketMissing] where it is not. An access key that may not ask for
// the versioning, but may list the bucket, gets [VersioningUnknown]. At most two requests.
func (c *Client) Bucket(ctx context.Context, bucket string) (Bucket, error) {
	ctx, e, err := c.beginSigned(ctx, 2, "read the versioning of bucket %s", bucket)
	if err != nil {
		return Bucket{}, err
	}
	defer e.stop()
	versioning, err := e.versioning(ctx, bucket)
	switch ReasonOf(err) {
	case Denied:
		versioning = VersioningUnknown
	case NotImplemented:
		versioning = VersioningOff
	default:
		return Bucket{Versioning: versioning}, err
	}
	e.what = "list bucket " + bucket
	for object := range c.api.ListObjectsIter(ctx, bucket, minio.ListObjectsOptions{MaxKeys: 1}) {
		if err := e.explain(object.Err); err != nil {
			return Bucket{}, err
		}
		break
	}
	return Bucket{Versioning: versioning}, e.explain(ctx.Err())
}

// versioning asks for a bucket's versioning. One request.
func (e *errand) versioning(ctx context.Context, bucket string) (Versioning, error) {
	configuration, err := e.client.api.GetBucketVersioning(ctx, bucket)
	switch {
	case err != nil:
		return VersioningUnknown, e.explain(err)
	case configuration.Suspended():
		return VersioningSuspended, nil
	case !configuration.Enabled():
		return VersioningOff, nil
	case len(configuration.ExcludedPrefixes) > 0 || configuration.ExcludeFolders:
		return VersioningPartial, nil
	}
	return VersioningEnabled, nil
}
