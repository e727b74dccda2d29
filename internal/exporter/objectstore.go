package exporter

import (
	"context"
	"fmt"
	"sync"

	"github.com/prometheus/common/version"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/refresh"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/drift"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// ConnectStore returns a client with the exporter's access key of an object store. Nothing is asked yet; the key's files are read for each probe.
// It fails where the certificate authority's file cannot be used.
func ConnectStore(store config.Store) (*objectstore.Client, error) {
	cfg := objectstore.Config{
		Name: store.Name, Kind: objectstore.Kind(store.Kind), Endpoint: store.Endpoint, Region: store.Region,
		Credentials: func() (string, string, error) {
			name, secret, err := store.Read()
			return name.Reveal(), secret.Reveal(), err
		},
		UserAgent: "pve-backup-exporter/" + version.Version,
	}
	if !store.CAFile.IsZero() {
		cfg.CAFile = store.CAFile.Resolve()
	}
	return objectstore.New(cfg)
}

// StatesIn returns the Terraform states that the declared file places in an object store.
func StatesIn(file *config.File, store string) []refresh.DeclaredState {
	var states []refresh.DeclaredState
	for _, environment := range file.Environments {
		if state := environment.TerraformState; state != nil && state.Store == store {
			states = append(states, refresh.DeclaredState{
				Environment: environment.Name, Bucket: state.Bucket, Key: state.Key, ReadSerial: state.ReadSerial,
			})
		}
	}
	return states
}

// storeClient connects when it is first needed, and tries again while that fails: a store that cannot be used holds nothing else up, not even
// the start.
type storeClient struct {
	store config.Store

	mu     sync.Mutex
	client *objectstore.Client
}

// of calls with a client.
func of[R any](s *storeClient, call func(*objectstore.Client) (R, error)) (R, error) {
	s.mu.Lock()
	client := s.client
	if client == nil {
		made, err := ConnectStore(s.store)
		if err != nil {
			s.mu.Unlock()
			var none R
			return none, err
		}
		client, s.client = made, made
	}
	s.mu.Unlock()
	return call(client)
}

// Close gives up idle connections.
func (s *storeClient) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		s.client.Close()
	}
}

// Health implements [refresh.ObjectStoreClient], as do those that follow.
func (s *storeClient) Health(ctx context.Context) (objectstore.Health, error) {
	return of(s, func(c *objectstore.Client) (objectstore.Health, error) { return c.Health(ctx) })
}

// Certificate looks at the server's certificate.
func (s *storeClient) Certificate(ctx context.Context) (objectstore.Certificate, error) {
	return of(s, func(c *objectstore.Client) (objectstore.Certificate, error) { return c.Certificate(ctx) })
}

// Bucket asks for a bucket's versioning.
func (s *storeClient) Bucket(ctx context.Context, bucket string) (objectstore.Bucket, error) {
	return of(s, func(c *objectstore.Client) (objectstore.Bucket, error) { return c.Bucket(ctx, bucket) })
}

// State looks at a state and its lock.
func (s *storeClient) State(ctx context.Context, bucket, key string) (objectstore.State, error) {
	return of(s, func(c *objectstore.Client) (objectstore.State, error) { return c.State(ctx, bucket, key) })
}

// StateHead reads the head of a state.
func (s *storeClient) StateHead(ctx context.Context, bucket, key string) (objectstore.StateHead, error) {
	return of(s, func(c *objectstore.Client) (objectstore.StateHead, error) { return c.StateHead(ctx, bucket, key) })
}

// Usage tells what buckets hold.
func (s *storeClient) Usage(ctx context.Context, buckets ...string) (map[string]objectstore.Usage, error) {
	return of(s, func(c *objectstore.Client) (map[string]objectstore.Usage, error) { return c.Usage(ctx, buckets...) })
}

// watchStore makes the watcher of an object store.
func (e *Exporter) watchStore(file *config.File, store config.Store) watcher {
	client := &storeClient{store: store}
	refresher := refresh.NewObjectStore(refresh.ObjectStoreOptions{
		Client: client, Name: store.Name, States: StatesIn(file, store.Name),
		Interval: store.RefreshInterval, SlowInterval: store.SlowRefreshInterval,
		Publish: e.store.PublishObjectStore, Logger: e.options.Logger, Now: e.options.Now,
		Drift: func(picture *snapshot.ObjectStore) []snapshot.Drift { return drift.OfStore(file, store, picture) },
	})
	return watcher{kind: aStore, name: store.Name, client: client, refresher: refresher}
}

// String names what is watched.
func (w watcher) String() string { return fmt.Sprintf("%s %s", w.kind, w.name) }
