package provisioner

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// site is one cluster of a run.
type site struct {
	client    *pve.Client
	inventory cluster.Inventory
}

// sites are the clusters of a run, by name.
type sites struct {
	names  []string // in the order of the file
	byName map[string]*site
}

// connectAll makes the clients. All errors are joined.
func connectAll(clusters []config.Cluster, options Options) (sites, error) {
	all := sites{byName: make(map[string]*site, len(clusters))}
	var failures []error
	for _, each := range clusters {
		client, err := connect(each, options.Root, options.Logger, options.transport, options.hooks.wait)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		all.names = append(all.names, each.Name)
		all.byName[each.Name] = &site{client: client}
	}
	return all, errors.Join(failures...)
}

func (s sites) close() {
	for _, each := range s.byName {
		each.client.Close()
	}
}

// forEach works on all clusters at the same time. All errors are joined, in the order of the file.
func (s sites) forEach(work func(name string, at *site) error) error {
	failures := make([]error, len(s.names))
	var group errgroup.Group
	for i, name := range s.names {
		group.Go(func() error {
			if err := work(name, s.byName[name]); err != nil {
				failures[i] = fmt.Errorf("cluster %s: %w", name, err)
			}
			return nil
		})
	}
	_ = group.Wait() // the errors are in the list
	return errors.Join(failures...)
}

// read reads all clusters.
func (s sites) read(ctx context.Context, need func(name string) cluster.Need) error {
	return s.forEach(func(name string, at *site) (err error) {
		at.inventory, err = cluster.Read(ctx, at.client, need(name))
		return err
	})
}

// provider returns who reads and writes an object.
func (s sites) provider(file *config.File, opened *secrets, key plan.Key) (apply.Provider, error) {
	at, found := s.byName[key.Scope]
	if !found {
		return nil, fmt.Errorf("no cluster %s", key.Scope)
	}
	switch key.Kind {
	case plan.Storage:
		return apply.Storages{
			Client: at.client, Secret: opened.open, Creating: opened.creating, Refused: opened.refused, Written: opened.written,
		}, nil
	case plan.Job:
		return apply.Jobs{
			Client:  at.client,
			Current: func(job pve.Job) plan.Current { return cluster.CurrentJob(file.Provision.Owner, at.inventory, &job) },
		}, nil
	case plan.GuestDisk:
		return apply.Disks{Client: at.client, Guest: at.inventory.Guest}, nil
	}
	return nil, fmt.Errorf("nobody knows how to write a %s", key.Kind)
}
