package provisioner

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/backend"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/local"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/report"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/store"
)

// Run makes clusters, object stores and Terraform's backend files match the declared file, or says what would have to be done. Changes tells that there was something to write: it is
// what --detailed-exitcode asks for. What only waits for the restart of a guest is none. All errors carry hints; several are joined.
func Run(ctx context.Context, options Options) (changes bool, err error) {
	run := &run{options: options}
	err = run.all(ctx)
	if options.JSON {
		run.document.Err = err
		err = errors.Join(err, report.JSON(options.Data, run.document))
	}
	return len(run.document.Plan.Changes) > 0, err
}

// run is one run on its way.
type run struct {
	options Options
	file    *config.File
	sites   sites
	depots  depots
	vessels vessels
	secrets *secrets
	input   plan.Input
	steps   []store.Steps // that somebody has to do by hand
	// document is all that there is to say, as far as it is known.
	document report.Document
}

func (r *run) all(ctx context.Context) (err error) {
	if r.file, err = config.Load(r.options.ConfigFile); err != nil {
		return err
	}
	if err := checkEnvironments(r.file, r.options.Environments); err != nil {
		return err
	}
	clusters, err := concerned(r.file, r.options)
	if err != nil {
		return err
	}
	stores := storesConcerned(r.file, r.options.Environments)
	release, err := r.openMemory()
	if err != nil {
		return err
	}
	defer release()
	if err := r.connect(clusters, stores); err != nil {
		return err
	}
	defer r.close()
	if err := r.plan(ctx); err != nil {
		if ctx.Err() != nil {
			r.document.Interrupted = true
			return ui.Hint(errors.New("interrupted before the plan was made: nothing was changed"), "run it again")
		}
		return err
	}
	return r.finish(ctx)
}

// connect makes the clients of clusters and stores, so that all that is wrong with their secrets is told at once.
func (r *run) connect(clusters []config.Cluster, stores []config.Store) error {
	var ofClusters, ofStores error
	r.sites, ofClusters = connectAll(clusters, r.options)
	r.depots, ofStores = connectStores(r.file, stores, r.secrets.memory, r.options)
	var ofContainers error
	r.vessels, ofContainers = connectVessels(r.file, r.sites, r.secrets.memory, r.options)
	err := errors.Join(ofClusters, ofStores, ofContainers)
	if err != nil {
		r.close()
	}
	return err
}

func (r *run) close() {
	r.vessels.close()
	r.sites.close()
	r.depots.close()
}

// openMemory takes the lock, unless nothing will be written, and reads what earlier runs left.
func (r *run) openMemory() (release func(), err error) {
	release = func() {}
	if !r.options.DryRun {
		lock, err := local.Acquire(r.options.StoragePath)
		if err != nil {
			return nil, err
		}
		release = func() { _ = lock.Release() } // the end of the process does it, too
	}
	memory, err := local.Load(r.options.StoragePath)
	switch {
	case err == nil:
	case r.options.DryRun || errors.Is(err, local.ErrUnusable):
		fmt.Fprintf(r.options.Talk, "warning: %v\nhint: which storages provision made and which secrets it sent is not known: it changes no storage that exists"+
			" without adopt: true, and takes declared secrets for those in use; --rotate-secrets sends them again\n", err)
	default:
		release()
		return nil, ui.Hint(err, "let the user that runs this read it: chown USER %s", memory.Path())
	}
	r.secrets = &secrets{file: r.file, memory: memory}
	if r.options.DryRun {
		return release, nil
	}
	if err := memory.Save(); err != nil { // before anything is sent that could not be remembered
		release()
		return nil, err
	}
	return release, nil
}

// read reads all clusters, containers and stores.
func (r *run) read(ctx context.Context) error {
	environments := r.options.Environments
	ofContainers := r.vessels.read(ctx)
	r.depots.postpone(r.vessels)
	var ofStores error
	var group errgroup.Group
	group.Go(func() error {
		ofStores = r.depots.read(ctx)
		return nil
	})
	ofClusters := r.sites.read(ctx, func(name string) cluster.Need { return cluster.NeedOf(r.file, name, environments) })
	_ = group.Wait() // its error is in its place
	if err := errors.Join(ofClusters, ofContainers, ofStores); err != nil {
		return err
	}
	r.vessels.expected(r.sites)
	return nil
}

// plan reads all that is concerned, and says what has to be done. It writes nothing.
func (r *run) plan(ctx context.Context) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	environments := r.options.Environments
	r.input = plan.Input{Policy: r.options.Policy, Environments: environments, Accepted: r.options.Accepted}
	var problems []error
	var warnings []plan.Warning
	now := r.options.Now()
	for _, name := range r.sites.names {
		inventory := r.sites.byName[name].inventory
		wish := cluster.Desired(r.file, inventory, now, environments)
		for _, problem := range wish.Problems {
			problems = append(problems, ui.Hint(problem, "%s", problem.Hint))
		}
		for _, each := range wish.Warnings {
			warnings = append(warnings, plan.Warning{Key: plan.Key{Scope: name}, At: each.At.String(), Message: each.Message, Hint: each.Hint})
		}
		r.input.Desired = append(r.input.Desired, wish.Desired...)
		r.input.Current = append(r.input.Current, cluster.Current(r.file, inventory)...)
	}
	files, err := backend.Look(r.file, environments)
	compared := r.secrets.compare(r.input.Desired, r.input.Current, r.options.RotateSecrets)
	ofContainers, lonely := r.vessels.wishes(r) // these compare secrets themselves, by what is installed
	if err := errors.Join(append(problems, err, lonely, compared)...); err != nil {
		return err
	}
	ofStores, refusals := r.wishes()
	r.input.Desired, r.input.Current = append(r.input.Desired, files.Desired...), append(r.input.Current, files.Current...)
	planned := plan.Calculate(r.input).Warn(warnings...).Warn(r.secrets.warnings()...).Warn(ofContainers...).Warn(ofStores...).Warn(files.Warnings...).
		Refuse(nil, append(refusals, files.Refusals...)...)
	never, err := checkSchedules(ctx, r.sites, r.input, planned, now)
	if err != nil {
		return err
	}
	lost := checkArchives(ctx, r.sites, r.input, planned)
	r.document.Plan = planned.Warn(never...).Refuse(r.options.Accepted, lost...)
	return ctx.Err()
}
