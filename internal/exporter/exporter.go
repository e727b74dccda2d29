// Package exporter puts the parts together: it loads the declared file, refreshes each cluster and each object store in the background, keeps
// the clusters' memory, and offers the metrics. It knows no HTTP; internal/server serves what it offers.
package exporter

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/refresh"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/drift"
)

// Options is what an [Exporter] works with.
type Options struct {
	// ConfigFile is the path of the declared file.
	ConfigFile string
	// StoragePath is the folder of the state file; empty keeps nothing over a restart.
	StoragePath string
	// Root is where /etc/pve is looked for: "/" but for tests.
	Root   string
	Logger *slog.Logger
	Now    func() time.Time
}

// Exporter watches the clusters and object stores of a declared file.
type Exporter struct {
	options Options
	store   *collector.Store
	api     *collector.API
	reload  *collector.Reload
	keeper  *state.Keeper
	file    atomic.Pointer[config.File]

	reloading sync.Mutex
	ctx       context.Context // of Run; nil before
	stop      context.CancelFunc
	running   sync.WaitGroup
}

// New loads the declared file and the state. An unusable state file is set aside and logged; an unusable declared file is an error.
func New(options Options) (*Exporter, error) {
	file, err := config.Load(options.ConfigFile)
	if err != nil {
		return nil, err
	}
	keeper, err := state.NewKeeper(state.Open(options.StoragePath))
	if err != nil {
		options.Logger.Warn("going on without what was remembered", "err", err)
	}
	e := &Exporter{
		options: options, keeper: keeper,
		store: collector.NewStore(options.Logger), api: collector.NewAPI(), reload: &collector.Reload{},
	}
	if _, err := e.prepare(file); err != nil {
		return nil, err
	}
	e.file.Store(file)
	e.reload.Succeeded(options.Now())
	return e, nil
}

// Gatherer returns all metrics: those of clusters and object stores, of the exporter itself, and of what others adds, such as the Go runtime.
func (e *Exporter) Gatherer(others ...prometheus.Collector) prometheus.Gatherer {
	registry := prometheus.NewRegistry()
	registry.MustRegister(e.api, e.reload, collector.NewBuildInfo())
	registry.MustRegister(others...)
	return e.store.Gatherer(registry)
}

// Snapshots returns the newest pictures of all clusters.
func (e *Exporter) Snapshots() []*snapshot.Cluster { return e.store.Snapshots() }

// ObjectStores returns the newest pictures of all object stores.
func (e *Exporter) ObjectStores() []*snapshot.ObjectStore { return e.store.ObjectStores() }

// File returns the declared file in effect.
func (e *Exporter) File() *config.File { return e.file.Load() }

// watcher is a cluster or an object store that is ready to be refreshed.
type watcher struct {
	kind, name string
	client     interface{ Close() }
	refresher  refresher
}

// What is watched.
const (
	aCluster = "cluster"
	aStore   = "store"
)

// refresher reads one thing; [refresh.Refresher] and [refresh.ObjectStoreRefresher] are some.
type refresher interface {
	Run(ctx context.Context)
	Refresh(ctx context.Context, slow bool)
	Err() error
}

// names returns the names of watchers of one kind.
func names(watchers []watcher, kind string) []string {
	var list []string
	for _, one := range watchers {
		if one.kind == kind {
			list = append(list, one.name)
		}
	}
	return list
}

// prepare makes the watchers of a declared file without asking anything.
func (e *Exporter) prepare(file *config.File) ([]watcher, error) {
	clusters, err := watched(file)
	if err != nil {
		return nil, err
	}
	var watchers []watcher
	var failures []error
	for _, cluster := range clusters {
		one, err := e.watch(file, cluster)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		watchers = append(watchers, one)
	}
	for _, store := range file.Stores {
		watchers = append(watchers, e.watchStore(file, store))
	}
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	return watchers, nil
}

func (e *Exporter) watch(file *config.File, cluster config.Cluster) (watcher, error) {
	client, err := Connect(cluster, e.options.Root, e.options.Logger, e.api.Observe(cluster.Name))
	if err != nil {
		return watcher{}, err
	}
	memory, err := e.keeper.Cluster(cluster.Name)
	if err != nil {
		e.options.Logger.Warn("going on without what was remembered", "err", err)
	}
	refresher := refresh.New(refresh.Options{
		Client: client, Settings: SettingsOf(file, cluster),
		Drift: func(world *derive.World, lacks []snapshot.Permission) []snapshot.Drift {
			return drift.Of(file, cluster.Name, world, lacks)
		},
		Drills:   drills(cluster, e.options.StoragePath),
		Interval: cluster.RefreshInterval, SlowInterval: cluster.SlowRefreshInterval,
		Memory: memory, Publish: e.store.Publish,
		Save:   func(memory *state.Cluster) error { return e.keeper.Put(cluster.Name, memory) },
		Logger: e.options.Logger, Now: e.options.Now,
	})
	return watcher{kind: aCluster, name: cluster.Name, client: client, refresher: refresher}, nil
}
