package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// typeField is the property that tells what a storage is. It is fixed once the storage exists.
const typeField = "type"

// StorageClient is what [Storages] asks of a cluster.
type StorageClient interface {
	Storages(ctx context.Context) ([]pve.StorageConfig, error)
	CreateStorage(ctx context.Context, id, kind string, options map[string]string) error
	UpdateStorage(ctx context.Context, id string, set map[string]string, remove []string, digest string) error
}

// Storages is the provider of storage definitions. All storages of a cluster share one digest, so that any change of any storage between read
// and write is a [Conflict]. It never removes a storage.
type Storages struct {
	Client StorageClient
	// Secret returns the declared secret of a parameter.
	Secret func(key plan.Key, parameter string) (string, error)
	// Creating is called before a storage is created, and Written after it was written with the secrets that were sent: what the cluster
	// cannot tell afterwards is remembered so. Refused is called where a storage was not created after all.
	Creating, Refused func(key plan.Key) error
	Written           func(key plan.Key, secrets map[string]string) error
}

// Read asks for the storages, of which it returns one.
func (s Storages) Read(ctx context.Context, key plan.Key) (Object, error) {
	storages, err := s.Client.Storages(ctx)
	if err != nil {
		return Object{}, err
	}
	i := slices.IndexFunc(storages, func(each pve.StorageConfig) bool { return each.ID == key.ID })
	if i < 0 {
		return Object{}, nil
	}
	return Object{Current: cluster.CurrentStorage(key.Scope, &storages[i]), Exists: true, Digest: storages[i].Digest}, nil
}

// Write creates or changes a storage.
func (s Storages) Write(ctx context.Context, change plan.Change, seen Object) error {
	set, remove := parameters(change)
	secrets := map[string]string{}
	for _, field := range change.Fields {
		if !field.Sensitive || !field.HasAfter && change.Action != plan.Create {
			continue
		}
		secret, err := s.Secret(change.Key, field.Name)
		if err != nil {
			return err
		}
		secrets[field.Name], set[field.Name] = secret, secret
	}
	if err := s.send(ctx, change, seen, set, remove); err != nil {
		return err
	}
	return s.Written(change.Key, secrets)
}

func (s Storages) send(ctx context.Context, change plan.Change, seen Object, set map[string]string, remove []string) error {
	switch change.Action {
	case plan.Create:
		kind := set[typeField]
		delete(set, typeField)
		if err := s.Creating(change.Key); err != nil {
			return err
		}
		err := sorted(s.Client.CreateStorage(ctx, change.ID, kind, set))
		if err != nil && !uncertain(err) {
			if forgotten := s.Refused(change.Key); forgotten != nil {
				return forgotten
			}
		}
		return err
	case plan.Update:
		err := s.Client.UpdateStorage(ctx, change.ID, set, remove, seen.Digest)
		if pve.IsNotFound(err) {
			return &Conflict{Err: err} // it was removed meanwhile
		}
		return sorted(err)
	}
	return fmt.Errorf("storages are not removed: %s", change.ID)
}
