package objectstore

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// ErrBucketExists says that a bucket was there before it could be made.
var ErrBucketExists = errors.New("the bucket exists already")

// ScratchPrefix begins the names of the buckets that [Client.ProbeServer] makes and removes.
const ScratchPrefix = "pve-backup-exporter-probe-"

// Buckets lists the names of all buckets that the access key may see, sorted. One request.
func (c *Client) Buckets(ctx context.Context) ([]string, error) {
	ctx, e, err := c.beginSigned(ctx, 1, "list the buckets")
	if err != nil {
		return nil, err
	}
	defer e.stop()
	buckets, err := c.api.ListBuckets(ctx)
	if err != nil {
		return nil, e.explain(err)
	}
	names := make([]string, 0, len(buckets))
	for _, bucket := range buckets {
		names = append(names, bucket.Name)
	}
	slices.Sort(names)
	return names, nil
}

// CreateBucket makes a bucket in the client's region. The error wraps [ErrBucketExists] where there is one of the name already. One request.
func (c *Client) CreateBucket(ctx context.Context, bucket string) error {
	ctx, e, err := c.beginSigned(ctx, 1, "create bucket %s", bucket)
	if err != nil {
		return err
	}
	defer e.stop()
	err = e.explain(c.api.MakeBucket(ctx, bucket, minio.MakeBucketOptions{Region: c.cfg.Region}))
	switch codeOf(err) {
	case "BucketAlreadyOwnedByYou":
		return errors.Join(ErrBucketExists, err)
	case "BucketAlreadyExists":
		return ui.Hint(errors.Join(ErrBucketExists, err), "if it is not yours, choose another name: all users of a server share the names of its buckets")
	}
	return err
}

// Empty reports whether a bucket holds nothing at all: no object, no earlier version, no delete marker. At most two requests.
func (c *Client) Empty(ctx context.Context, bucket string) (bool, error) {
	ctx, e, err := c.beginSigned(ctx, 2, "list the versions in bucket %s", bucket)
	if err != nil {
		return false, err
	}
	defer e.stop()
	page := func(query url.Values) (string, error) {
		query.Set("max-keys", "1")
		content, err := e.signed(ctx, http.MethodGet, "/"+bucket, query, nil)
		return string(content), err
	}
	content, err := page(url.Values{"versions": {""}})
	if ReasonOf(err) == NotImplemented {
		e.what = "list bucket " + bucket
		content, err = page(url.Values{"list-type": {"2"}})
	}
	switch {
	case err != nil:
		return false, err
	case !strings.Contains(content, "<ListVersionsResult") && !strings.Contains(content, "<ListBucketResult"):
		return false, e.unreadable("listing")
	}
	for _, mark := range []string{"<Version>", "<DeleteMarker>", "<Contents>", "<IsTruncated>true<"} {
		if strings.Contains(content, mark) {
			return false, nil
		}
	}
	return true, nil
}

// removeBucket removes a bucket, also after its context has ended. The server refuses it for one that holds anything. One request.
func (c *Client) removeBucket(ctx context.Context, bucket string) error {
	ctx, e, err := c.beginSigned(context.WithoutCancel(ctx), 1, "remove bucket %s", bucket)
	if err != nil {
		return err
	}
	defer e.stop()
	return e.explain(c.api.RemoveBucket(ctx, bucket))
}

// ProbeServer finds out whether a server can hold Terraform states, in a bucket that it makes for that and removes again, so that no other bucket is
// touched: see [Client.ProbeState]. At most 18 requests. An [UnfitError] says what the server lacks, any other error that it could not be found out;
// it says so, too, if something was left behind. Where the access key may not make buckets the reason is [Denied].
func (c *Client) ProbeServer(ctx context.Context) error {
	bucket := ScratchPrefix + strings.ToLower(rand.Text()[:12])
	if err := c.CreateBucket(ctx, bucket); err != nil {
		if MayHaveChanged(err) {
			_ = c.removeBucket(ctx, bucket) // it may not be there
		}
		return err
	}
	verdict := c.EnableVersioning(ctx, bucket)
	if verdict == nil {
		verdict = c.ProbeState(ctx, bucket)
	}
	left := c.removeBucket(ctx, bucket)
	if left != nil {
		left = ui.Hint(left, "what is left of the probe is bucket %s: remove it", bucket)
	}
	return errors.Join(verdict, left)
}
