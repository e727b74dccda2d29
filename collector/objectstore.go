package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// Names of the series of object stores and of their buckets.
const (
	ObjectStoreUp     = Prefix + "s3_up"
	ObjectStoreTLSEnd = Prefix + "s3_tls_not_after_timestamp_seconds"
	BucketUp          = Prefix + "s3_bucket_up"
	BucketVersioning  = Prefix + "s3_bucket_versioning_enabled"
	BucketObjects     = Prefix + "s3_bucket_objects"
	BucketBytes       = Prefix + "s3_bucket_bytes"
)

const objectStoresIntro = "Object stores belong to no cluster: their series carry `" + LabelStore + "` in its place. Only buckets that hold a declared Terraform state are looked at. " +
	"What was read once stays while a store cannot be asked: `" + SourceLastSuccess + "` tells how old it is. Each refresh asks for the same small number of things however " +
	"large a bucket is, and what that does not suffice for has no series."

var objectStores = group[snapshot.ObjectStore]{
	apart:    true,
	labels:   []string{LabelStore},
	identity: func(s *snapshot.ObjectStore) []string { return []string{s.Name} },
	families: []family[snapshot.ObjectStore]{
		{
			name:    ObjectStoreUp,
			meaning: "1 when the store answers and says that it is well, else 0. A key that it refuses does not make it 0.",
			origin:  "MinIO's endpoints live, ready and cluster, of other servers the list of buckets",
			value:   func(s *snapshot.ObjectStore) (float64, bool) { return answer(s.Up) },
		},
		{
			name:    ObjectStoreTLSEnd,
			meaning: "Until when the store's certificate is valid, in Unix seconds; absent where it speaks plain http.",
			origin:  "the TLS handshake, whether the certificate is trusted or not",
			value:   func(s *snapshot.ObjectStore) (float64, bool) { return number(s.TLSNotAfter) },
		},
	},
}

// storeBucket is a bucket with the store that it is in.
type storeBucket struct {
	store string
	snapshot.Bucket
}

var buckets = group[storeBucket]{
	apart:    true,
	labels:   []string{LabelStore, LabelBucket},
	identity: func(b *storeBucket) []string { return []string{b.store, b.Name} },
	families: []family[storeBucket]{
		{
			name:    BucketUp,
			meaning: "1 when the bucket is there and can be asked, else 0; absent while the exporter's key is refused, since then nobody can tell.",
			origin:  "GET ?versioning",
			value:   func(b *storeBucket) (float64, bool) { return answer(b.Up) },
		},
		{
			name:    BucketVersioning,
			meaning: "1 when the bucket keeps earlier versions of all its objects, else 0: never switched on, suspended, or not for every prefix.",
			origin:  "GET ?versioning",
			value: func(b *storeBucket) (float64, bool) {
				value, _ := yesNo(b.Versioning == snapshot.VersioningEnabled)
				return value, b.Versioning != snapshot.VersioningUnknown
			},
		},
		{
			name:    BucketObjects,
			meaning: "Number of objects in the bucket: one for each key that has any version left; absent where there are too many to count.",
			origin:  bucketUsage,
			value:   func(b *storeBucket) (float64, bool) { return number(b.Objects) },
		},
		{
			name:    BucketBytes,
			meaning: "Size of all versions of all objects in the bucket, in bytes; absent where there are too many to count.",
			origin:  bucketUsage,
			value:   func(b *storeBucket) (float64, bool) { return number(b.Bytes) },
		},
	},
}

const bucketUsage = "MinIO's own metrics, else GET ?versions"

func bucketsOf(stores []snapshot.ObjectStore) []storeBucket {
	var all []storeBucket
	for _, store := range stores {
		for _, bucket := range store.Buckets {
			all = append(all, storeBucket{store.Name, bucket})
		}
	}
	return all
}
