package objectstore

import (
	"context"
	"errors"
	"strings"

	"github.com/minio/minio-go/v7"
)

// stateSuffix is how the keys of Terraform's states end, unless somebody chose otherwise.
const stateSuffix = ".tfstate"

// StateKeys lists the keys in a bucket that look like Terraform states: they end with .tfstate, or have a lock beside them. Complete is false where the
// bucket holds more than the client lists. At most MaxPages requests.
func (c *Client) StateKeys(ctx context.Context, bucket string) (keys []string, complete bool, err error) {
	ctx, e, err := c.beginSigned(ctx, c.cfg.MaxPages, "list bucket %s", bucket)
	if err != nil {
		return nil, false, err
	}
	defer e.stop()
	seen := map[string]bool{}
	err = e.list(ctx, bucket, minio.ListObjectsOptions{Recursive: true, MaxKeys: pageSize}, func(object minio.ObjectInfo) bool {
		key := strings.TrimSuffix(object.Key, LockSuffix)
		if (key != object.Key || strings.HasSuffix(key, stateSuffix)) && !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
		return true
	})
	if errors.Is(err, errSpent) {
		return keys, false, nil
	}
	return keys, err == nil, err
}
