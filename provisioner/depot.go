package provisioner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/prometheus/common/version"
	"golang.org/x/sync/errgroup"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/local"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/store"
)

// depots are the object stores of a run, by name.
type depots struct {
	names  []string // in the order of the file
	byName map[string]*depot
	// without are stores whose states are declared, and that have no access key for provisioning.
	without []config.Store
	// later are stores whose server is yet to be set up, by this run or by hand: nobody would answer.
	later []string
}

// postpone takes out the stores whose containers have no server yet.
func (d *depots) postpone(containers vessels) {
	for _, each := range containers {
		if name := each.session.Store.Name; !each.working() && slices.Contains(d.names, name) {
			d.names = slices.DeleteFunc(slices.Clone(d.names), func(other string) bool { return other == name })
			d.later = append(d.later, name)
		}
	}
}

// depot is one object store of a run.
type depot struct {
	client  *objectstore.Client
	session *store.Session
}

// storesConcerned returns the stores that a run reads: those that hold states of the wanted environments.
func storesConcerned(file *config.File, environments []string) []config.Store {
	holds := map[string]bool{}
	for _, environment := range file.Environments {
		if environment.TerraformState != nil && (len(environments) == 0 || slices.Contains(environments, environment.Name)) {
			holds[environment.TerraformState.Store] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(file.Stores), func(each config.Store) bool { return !holds[each.Name] })
}

// connectStores makes the clients. All errors are joined.
func connectStores(file *config.File, stores []config.Store, memory *local.Memory, options Options) (depots, error) {
	all := depots{byName: map[string]*depot{}}
	var failures []error
	for _, each := range stores {
		if each.Provisioner == nil {
			all.without = append(all.without, each)
			continue
		}
		key := *each.Provisioner
		if _, _, err := key.Read(); err != nil { // it is read for each probe, but what is wrong with it is best told first
			failures = append(failures, fmt.Errorf("store %s: %w", each.Name, err))
			continue
		}
		client, err := connectStore(each, key, options.transport)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		need := store.NeedOf(file, each, options.Environments)
		need.Try = func(ctx context.Context, key config.AccessKey, bucket string) (objectstore.Bucket, error) {
			other, err := connectStore(each, key, options.transport)
			if err != nil {
				return objectstore.Bucket{}, err
			}
			defer other.Close()
			return other.Bucket(ctx, bucket)
		}
		all.names = append(all.names, each.Name)
		all.byName[each.Name] = &depot{client: client, session: &store.Session{Client: client, File: file, Need: need, Memory: memory}}
	}
	return all, errors.Join(failures...)
}

// connectStore returns a client with one of a store's access keys. Nothing is asked yet. A nil transport means the network.
func connectStore(each config.Store, key config.AccessKey, transport http.RoundTripper) (*objectstore.Client, error) {
	return objectstore.New(objectstore.Config{
		Name: each.Name, Kind: objectstore.Kind(each.Kind), Endpoint: each.Endpoint, CAFile: each.CAFile.Resolve(), Region: each.Region,
		Credentials: func() (string, string, error) {
			name, secret, err := key.Read()
			return name.Reveal(), secret.Reveal(), err
		},
		UserAgent: "pve-backup-exporter/" + version.Version,
		Transport: transport,
	})
}

func (d depots) close() {
	for _, each := range d.byName {
		each.client.Close()
	}
}

// read reads all stores at the same time. All errors are joined, in the order of the file.
func (d depots) read(ctx context.Context) error {
	failures := make([]error, len(d.names))
	var group errgroup.Group
	for i, name := range d.names {
		group.Go(func() (err error) {
			session := d.byName[name].session
			session.Inventory, failures[i] = store.Read(ctx, session.Client, session.Need)
			return nil
		})
	}
	_ = group.Wait() // the errors are in the list
	return errors.Join(failures...)
}

// wishes adds what the file wants of the stores, and what is there. Whose a bucket is holds for its rules as well.
func (r *run) wishes() (warnings []plan.Warning, refusals []plan.Refusal) {
	for _, name := range r.depots.names {
		session := r.depots.byName[name].session
		wish := store.Desired(r.file, session.Inventory)
		current := store.Current(r.file, session.Inventory, r.secrets.memory.Known(session.ProbeKey()))
		for i := range wish.Desired {
			key := wish.Desired[i].Key
			wish.Desired[i].Known = r.secrets.memory.Known(key)
			if key.Kind == plan.Lifecycle {
				key.Kind = plan.Bucket
				wish.Desired[i].Known = wish.Desired[i].Known || r.secrets.memory.Known(key)
			}
		}
		r.input.Desired = append(r.input.Desired, wish.Desired...)
		r.input.Current = append(r.input.Current, current...)
		r.steps = append(r.steps, wish.Steps...)
		warnings, refusals = append(warnings, wish.Warnings...), append(refusals, wish.Refusals...)
	}
	for _, name := range r.depots.later {
		warnings = append(warnings, plan.Warning{
			Key: plan.Key{Scope: name, Kind: plan.Bucket}, At: r.file.Position("stores", name).String(),
			Message: fmt.Sprintf("store %s has no server yet: its buckets and access keys are left for the next run", name),
			Hint:    "run this again once the container and its server are set up",
		})
	}
	for _, each := range r.depots.without {
		warnings = append(warnings, plan.Warning{
			Key: plan.Key{Scope: each.Name, Kind: plan.Bucket}, At: r.file.Position("stores", each.Name).String(),
			Message: fmt.Sprintf("store %s has no access key for provisioning: its buckets are left as they are", each.Name),
			Hint:    fmt.Sprintf("add to the store: provisioner: {access_key_file: %s.admin, secret_key_file: %s.admin.secret}", each.Name, each.Name),
		})
	}
	return warnings, refusals
}
