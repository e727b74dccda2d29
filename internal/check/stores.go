package check

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/refresh"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/backend"
)

// storeFacts is what was found out about one object store.
type storeFacts struct {
	store   config.Store
	states  []refresh.DeclaredState
	now     time.Time
	secrets []secretFact
	keyErr  error // why the exporter's key cannot be read
	connect error // why there is no client

	health      answer[objectstore.Health]
	certificate answer[objectstore.Certificate]
	buckets     map[string]*answer[objectstore.Bucket]
	held        []*answer[objectstore.State]     // by state
	heads       []*answer[objectstore.StateHead] // by state, asked only where the serial is wanted
	usage       answer[map[string]objectstore.Usage]

	files    backend.World // the files with Terraform's backends
	filesErr error
}

// gatherStore asks an object store all that the exporter asks.
func gatherStore(ctx context.Context, options Options, file *config.File, store config.Store) *storeFacts {
	f := &storeFacts{store: store, states: exporter.StatesIn(file, store.Name), now: options.Now(), buckets: map[string]*answer[objectstore.Bucket]{}}
	f.lookAtKeys()
	f.files, f.filesErr = backend.Look(file, nil)
	client, err := exporter.ConnectStore(store)
	if f.connect = err; err != nil {
		return f
	}
	defer client.Close()
	first := &asker{now: options.Now}
	ask(first, &f.certificate, func() (objectstore.Certificate, error) { return client.Certificate(ctx) })
	ask(first, &f.health, func() (objectstore.Health, error) { return client.Health(ctx) })
	first.group.Wait()
	if f.health.err != nil || f.keyErr != nil {
		return f
	}
	f.askBuckets(ctx, client, options.Now)
	f.askStates(ctx, client, options.Now)
	return f
}

// lookAtKeys looks at the files of the access keys. The exporter's are opened, to see that they hold something; their content is dropped.
func (f *storeFacts) lookAtKeys() {
	_, _, f.keyErr = f.store.Read()
	for _, file := range []config.SecretFile{f.store.AccessKeyFile, f.store.SecretKeyFile} {
		fact := lookAtSecret("exporter", file)
		_, err := file.Read()
		fact.opened, fact.err = true, err
		f.secrets = append(f.secrets, fact)
	}
	if key := f.store.Provisioner; key != nil {
		f.secrets = append(f.secrets, lookAtSecret("provisioner", key.AccessKeyFile), lookAtSecret("provisioner", key.SecretKeyFile))
	}
}

func (f *storeFacts) askBuckets(ctx context.Context, client *objectstore.Client, now func() time.Time) {
	asker := &asker{now: now}
	for _, name := range f.bucketNames() {
		f.buckets[name] = &answer[objectstore.Bucket]{}
		ask(asker, f.buckets[name], func() (objectstore.Bucket, error) { return client.Bucket(ctx, name) })
	}
	asker.group.Wait()
}

// bucketNames lists the buckets of the declared states, each once.
func (f *storeFacts) bucketNames() []string {
	var names []string
	for _, state := range f.states {
		if !slices.Contains(names, state.Bucket) {
			names = append(names, state.Bucket)
		}
	}
	return names
}

// askStates asks for the states whose bucket is there, and how much these buckets hold.
func (f *storeFacts) askStates(ctx context.Context, client *objectstore.Client, now func() time.Time) {
	asker := &asker{now: now}
	for _, state := range f.states {
		held, head := &answer[objectstore.State]{}, &answer[objectstore.StateHead]{}
		f.held, f.heads = append(f.held, held), append(f.heads, head)
		if !f.buckets[state.Bucket].read() {
			continue
		}
		ask(asker, held, func() (objectstore.State, error) { return client.State(ctx, state.Bucket, state.Key) })
		if state.ReadSerial {
			ask(asker, head, func() (objectstore.StateHead, error) { return client.StateHead(ctx, state.Bucket, state.Key) })
		}
	}
	var there []string
	for _, name := range f.bucketNames() {
		if f.buckets[name].read() {
			there = append(there, name)
		}
	}
	if len(there) > 0 {
		ask(asker, &f.usage, func() (map[string]objectstore.Usage, error) { return client.Usage(ctx, there...) })
	}
	asker.group.Wait()
}

// checkStores looks at all object stores of the declared file, side by side.
func checkStores(ctx context.Context, options Options, file *config.File) []Finding {
	found := make([][]Finding, len(file.Stores))
	var group sync.WaitGroup
	for i, store := range file.Stores {
		group.Go(func() { found[i] = gatherStore(ctx, options, file, store).findings() })
	}
	group.Wait()
	return slices.Concat(found...)
}
