package drift

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/store"
)

// OfStore compares the buckets of an object store with what the declared file wants of them: that they are there, with their versioning on. A bucket of
// which nothing was ever read, or whose versioning the exporter's key may not see, is not judged; with none to judge the result is nil. Lifecycle rules,
// access keys and backend files are beyond what the exporter reads.
func OfStore(file *config.File, declared config.Store, picture *snapshot.ObjectStore) []snapshot.Drift {
	inventory := store.Inventory{
		Store: declared.Name, Kind: objectstore.Kind(declared.Kind), Endpoint: declared.Endpoint, Buckets: map[string]store.Bucket{},
	}
	for _, bucket := range picture.Buckets {
		if bucket.Missing || bucket.Versioning != snapshot.VersioningUnknown {
			inventory.Buckets[bucket.Name] = store.Bucket{Exists: !bucket.Missing, Versioning: objectstore.Versioning(bucket.Versioning)}
		}
	}
	if len(inventory.Buckets) == 0 {
		return nil
	}
	wish := store.Desired(file, inventory)
	for i := range wish.Desired {
		wish.Desired[i].Known = true // whose a bucket is, only the machine knows on which provisioning runs; to differ is the same either way
	}
	made := plan.Calculate(plan.Input{Desired: wish.Desired, Current: store.Current(file, inventory, true)})
	return []snapshot.Drift{{Kind: snapshot.DriftBucket, Objects: differing(made, plan.Bucket)}}
}
