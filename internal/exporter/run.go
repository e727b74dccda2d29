package exporter

import (
	"context"
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// Run refreshes all clusters and object stores until the context ends, and returns when every refresh has ended and the state is written.
func (e *Exporter) Run(ctx context.Context) error {
	e.reloading.Lock()
	e.ctx = ctx
	watchers, err := e.prepare(e.File())
	if err == nil {
		e.start(watchers)
	}
	e.reloading.Unlock()
	if err != nil {
		return err
	}
	<-ctx.Done()
	e.reloading.Lock() // a reload that was under way has ended, and the next sees the context's end
	defer e.reloading.Unlock()
	e.running.Wait()
	return nil
}

// start refreshes in the background, until the context of Run ends or the next reload.
func (e *Exporter) start(watchers []watcher) {
	ctx, stop := context.WithCancel(e.ctx)
	e.stop = stop
	for _, one := range watchers {
		e.running.Go(func() {
			defer one.client.Close()
			one.refresher.Run(ctx)
		})
	}
}

// errNotRunning is what a reload before the start or after the end says.
var errNotRunning = errors.New("the exporter is not running")

// Reload loads the declared file again. A file that cannot be used changes nothing: the error says why, the metrics that it happened, and
// the older file stays in effect. Secrets need no reload: they are read for each request.
func (e *Exporter) Reload() error {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	if e.ctx == nil || e.ctx.Err() != nil {
		return errNotRunning
	}
	file, err := config.Load(e.options.ConfigFile)
	if err != nil {
		e.reload.Failed()
		return err
	}
	if file.Checksum() == e.File().Checksum() {
		e.reload.Succeeded(e.options.Now())
		return nil
	}
	if _, err := e.prepare(file); err != nil {
		e.reload.Failed()
		return err
	}
	return e.replace(file)
}

// replace ends the refreshes and begins those of another declared file, with the memory that the former ones left.
func (e *Exporter) replace(file *config.File) error {
	e.stop()
	e.running.Wait()
	watchers, err := e.prepare(file)
	if err != nil {
		e.reload.Failed()
		former, again := e.prepare(e.File())
		e.start(former)
		return errors.Join(err, again)
	}
	for _, cluster := range e.File().Clusters {
		if _, still := file.Cluster(cluster.Name); !still {
			e.api.Forget(cluster.Name)
		}
	}
	e.file.Store(file)
	e.store.Keep(names(watchers, aCluster)...)
	e.store.KeepObjectStores(names(watchers, aStore)...)
	e.keeper.Forget(names(watchers, aCluster))
	e.start(watchers)
	e.reload.Succeeded(e.options.Now())
	e.options.Logger.Info("declared file loaded again", "file", file.Path())
	return nil
}

// Once refreshes every cluster and every object store a single time and returns what could not be read at all.
func (e *Exporter) Once(ctx context.Context) error {
	watchers, err := e.prepare(e.File())
	if err != nil {
		return err
	}
	failures := make([]error, len(watchers))
	for i, one := range watchers {
		e.running.Go(func() {
			defer one.client.Close()
			one.refresher.Refresh(ctx, true)
			if err := one.refresher.Err(); err != nil {
				failures[i] = fmt.Errorf("%s: %w", one, err)
			}
		})
	}
	e.running.Wait()
	return errors.Join(failures...)
}
