package store

import (
	"context"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// Reader is what reading asks of a store, with provisioning's own access key.
type Reader interface {
	Bucket(ctx context.Context, bucket string) (objectstore.Bucket, error)
	Empty(ctx context.Context, bucket string) (bool, error)
	Lifecycle(ctx context.Context, bucket string) ([]objectstore.LifecycleRule, error)
	User(ctx context.Context, name string) (objectstore.User, bool, error)
	Policy(ctx context.Context, name string) ([]byte, bool, error)
}

// Need is what is to be read of a store.
type Need struct {
	Store  config.Store
	states []state
	owner  string
	// Try uses an environment's access key, as it lies in its files, to look at its bucket.
	Try func(ctx context.Context, key config.AccessKey, bucket string) (objectstore.Bucket, error)
}

// NeedOf says what a plan for a store has to know. With names of environments it is what concerns them.
func NeedOf(file *config.File, store config.Store, environments []string) Need {
	states := statesOf(file, store.Name)
	states = slices.DeleteFunc(states, func(each state) bool {
		return len(environments) > 0 && !slices.Contains(environments, each.environment)
	})
	return Need{Store: store, states: states, owner: file.Provision.Owner}
}

// Read reads what is there. For each bucket at most five requests; for each access key of kind minio at most four, else two.
func Read(ctx context.Context, client Reader, need Need) (Inventory, error) {
	inv := Inventory{
		Store: need.Store.Name, Kind: objectstore.Kind(need.Store.Kind), Endpoint: need.Store.Endpoint,
		Buckets: map[string]Bucket{}, Keys: map[string]AccessKey{},
	}
	for _, each := range need.states {
		if _, known := inv.Buckets[each.Bucket]; !known {
			bucket, err := ReadBucket(ctx, client, each.Bucket)
			if err != nil {
				return Inventory{}, err
			}
			inv.Buckets[each.Bucket] = bucket
		}
		if each.Credentials == nil {
			continue
		}
		key, err := need.readKey(ctx, client, inv.Kind, each)
		if err != nil {
			return Inventory{}, err
		}
		inv.Keys[each.environment] = key
	}
	return inv, nil
}

// ReadBucket reads one bucket. At most five requests.
func ReadBucket(ctx context.Context, client Reader, name string) (Bucket, error) {
	found, err := client.Bucket(ctx, name)
	if objectstore.ReasonOf(err) == objectstore.BucketMissing {
		return Bucket{}, nil
	}
	if err != nil {
		return Bucket{}, err
	}
	bucket := Bucket{Exists: true, Versioning: found.Versioning}
	if bucket.Empty, err = client.Empty(ctx, name); err != nil {
		return Bucket{}, err
	}
	bucket.Rules, err = client.Lifecycle(ctx, name)
	if objectstore.ReasonOf(err) == objectstore.NotImplemented {
		bucket.NoRules, err = true, nil
	}
	return bucket, err
}

// readKey looks at the files of an environment's access key, and at what the server knows of it.
func (n Need) readKey(ctx context.Context, client Reader, kind objectstore.Kind, each state) (AccessKey, error) {
	key, err := lookAtFiles(*each.Credentials)
	if err != nil {
		return AccessKey{}, err
	}
	if kind == objectstore.MinIO {
		if err := n.readUser(ctx, client, each, &key); err != nil {
			return AccessKey{}, err
		}
	}
	if key.NameFile && key.SecretFile && (kind != objectstore.MinIO || key.Exists) {
		key.Trial, key.Failure = n.try(ctx, each)
	}
	return key, nil
}

// readUser asks a server of kind minio for the user of an access key. At most two requests.
func (n Need) readUser(ctx context.Context, client Reader, each state, key *AccessKey) error {
	name, err := keyName(*each.Credentials, key.NameFile, n.owner, each.environment)
	if err != nil {
		return err
	}
	user, found, err := client.User(ctx, name)
	if err != nil {
		return err
	}
	key.Exists, key.Enabled, key.Policies, key.Groups = found, user.Enabled, user.Policies, user.Groups
	document, found, err := client.Policy(ctx, policyName(each.Bucket))
	if found {
		key.Rights = rights(document)
	}
	return err
}

// try uses a key. At most two requests.
func (n Need) try(ctx context.Context, each state) (Trial, error) {
	if n.Try == nil {
		return TrialNone, nil
	}
	bucket, err := n.Try(ctx, *each.Credentials, each.Bucket)
	return judge(bucket, err)
}

// judge says what became of using a key: it may list its bucket, and not read the bucket's versioning.
func judge(bucket objectstore.Bucket, err error) (Trial, error) {
	switch objectstore.ReasonOf(err) {
	case objectstore.WrongKey:
		return TrialRefused, nil
	case objectstore.Denied:
		return TrialDenied, nil
	case objectstore.BucketMissing:
		return TrialPassed, nil
	}
	switch {
	case err != nil:
		return TrialFailed, err
	case bucket.Versioning != objectstore.VersioningUnknown:
		return TrialTooMuch, nil
	}
	return TrialPassed, nil
}
