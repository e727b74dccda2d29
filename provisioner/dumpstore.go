package provisioner

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/store"
)

// DumpStore prints the Terraform states in an object store as sections of a declared file. It only reads.
func DumpStore(ctx context.Context, options DumpOptions) error {
	file, err := config.Load(options.ConfigFile)
	if err != nil {
		return err
	}
	chosen, err := chooseStore(file, options.Store)
	if err != nil {
		return err
	}
	key := chosen.AccessKey
	if chosen.Provisioner != nil {
		key = *chosen.Provisioner
	}
	client, err := connectStore(chosen, key, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	found, err := buckets(ctx, client)
	if ctx.Err() != nil {
		return errors.New("interrupted before the store was read")
	}
	if err != nil {
		return err
	}
	text, err := store.Dump(file, chosen.Name, found)
	if err != nil {
		return fmt.Errorf("store %s: %w", chosen.Name, err)
	}
	if _, err := options.Data.Write(text); err != nil {
		return fmt.Errorf("print the declared file: %w", err)
	}
	fmt.Fprintf(options.Talk, "this is what store %s has. Put it into %s, and try it: provision --dry-run shows what would change\n", chosen.Name, options.ConfigFile)
	return nil
}

// buckets reads all buckets that the key may see, but for those of probes.
func buckets(ctx context.Context, client *objectstore.Client) ([]store.Found, error) {
	names, err := client.Buckets(ctx)
	if err != nil {
		return nil, err
	}
	var all []store.Found
	for _, name := range names {
		if strings.HasPrefix(name, objectstore.ScratchPrefix) {
			continue
		}
		found := store.Found{Name: name}
		if found.Bucket, err = store.ReadBucket(ctx, client, name); err != nil {
			return nil, err
		}
		if found.Keys, found.Complete, err = client.StateKeys(ctx, name); err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, nil
}

func chooseStore(file *config.File, name string) (config.Store, error) {
	if chosen, found := file.Store(name); found {
		return chosen, nil
	}
	var names []string
	for _, each := range file.Stores {
		names = append(names, each.Name)
	}
	err := fmt.Errorf("%s has no store %q", file.Path(), name)
	if guess, ok := nearest.Word(name, names); ok {
		return config.Store{}, ui.Hint(err, "did you mean --store=%s?", guess)
	}
	if len(names) == 0 {
		return config.Store{}, ui.Hint(err, "declare it: stores: {%s: {kind: minio, endpoint: ..., access_key_file: ..., secret_key_file: ...}}", name)
	}
	return config.Store{}, ui.Hint(err, "its stores are %s", strings.Join(names, ", "))
}
