package drill

import (
	"context"
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/journal"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Run drills the guests that are named, or whose turn it is. An error that carries no hint of its own joins what the report has told: some drill
// did not succeed, or something could not be removed.
func Run(ctx context.Context, options Options) error {
	file, err := config.Load(options.ConfigFile)
	if err != nil {
		return err
	}
	clusters, err := checked(file, options)
	if err != nil {
		return err
	}
	report := &report{options: options}
	kept, release, err := open(options)
	if err != nil {
		return err
	}
	defer release()
	var failures []error
	for _, cluster := range clusters {
		at := &site{options: options, file: file, cluster: cluster, journal: kept, report: report}
		if err := at.all(ctx); err != nil {
			failures = append(failures, fmt.Errorf("cluster %s: %w", cluster.Name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	failures = append(failures, report.verdict())
	return errors.Join(append(failures, report.end(errors.Join(failures...)))...)
}

// checked returns the clusters that the run is about, after a look at what the user asked for.
func checked(file *config.File, options Options) ([]config.Cluster, error) {
	clusters, err := concerned(file, options)
	if err != nil {
		return nil, err
	}
	for _, name := range options.Environments {
		if !hasEnvironment(file, name) {
			return nil, ui.Hint(fmt.Errorf("%s has no environment %q with a `drill`", file.Path(), name), "add `drill: {every: 30d}` to the environment")
		}
	}
	switch {
	case len(options.Guests) > 0 && len(clusters) > 1:
		return nil, ui.Hint(errors.New("guests are named, but several clusters are drilled"), "name the guests' cluster with --cluster")
	case options.Archive != "" && len(options.Guests) != 1:
		return nil, ui.Hint(errors.New("an archive is named, but not the one guest that it is of"), "name it with --guest")
	}
	return clusters, nil
}

func hasEnvironment(file *config.File, name string) bool {
	for _, environment := range file.Environments {
		if environment.Name == name && environment.Drill != nil {
			return true
		}
	}
	return false
}

// open takes the lock and reads the journal, unless nothing will be done.
func open(options Options) (kept *journal.Journal, release func(), err error) {
	if options.DryRun {
		kept, err := journal.Load(options.StoragePath)
		return kept, func() {}, err
	}
	lock, err := journal.Acquire(options.StoragePath)
	if err != nil {
		return nil, nil, err
	}
	release = func() { _ = lock.Release() } // the end of the process does it, too
	if kept, err = journal.Load(options.StoragePath); err != nil {
		release()
		return nil, nil, err
	}
	return kept, release, nil
}

// all cleans one cluster and drills its guests.
func (s *site) all(ctx context.Context) (err error) {
	if err := s.openResults(); err != nil {
		return err
	}
	if s.client, err = connect(s.cluster, s.options); err != nil {
		return err
	}
	defer s.client.Close()
	if s.resources, err = s.client.Resources(ctx); err != nil {
		return interruptedBefore(ctx, err)
	}
	if s.options.DryRun {
		s.wouldClean()
	} else if err := s.clean(ctx); err != nil {
		return interruptedBefore(ctx, ui.Hint(errors.New("what an earlier drill left could not be removed: nothing is restored beside it"),
			"what it is, and why, is told above"))
	}
	if s.options.CleanOnly {
		return nil
	}
	if err := s.readArchives(ctx); err != nil {
		return interruptedBefore(ctx, err)
	}
	guests, err := s.choose()
	if err != nil {
		return err
	}
	if len(guests) == 0 {
		s.report.nothing(s.cluster.Name)
	}
	return s.each(ctx, guests)
}

// each drills one guest after the other. What was left behind by one keeps the next ones from being restored beside it.
func (s *site) each(ctx context.Context, guests []guest) error {
	for i, one := range guests {
		if s.options.DryRun {
			p, err := s.prepare(ctx, one)
			s.report.would(s.cluster.Name, p, err)
			continue
		}
		made := s.drill(ctx, one)
		s.report.drilled(s.cluster.Name, one, made)
		if err := s.keep(one.ID, made); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ui.Hint(fmt.Errorf("interrupted, and %d of %d guests were not drilled", len(guests)-i, len(guests)), "run it again")
		}
		if made.Left != "" && i+1 < len(guests) {
			return ui.Hint(fmt.Errorf("%d guests were not drilled, since a scratch guest was left behind", len(guests)-i-1), "why, and what to do, is told above")
		}
		if i+1 == len(guests) {
			break
		}
		var err error
		if s.resources, err = s.client.Resources(ctx); err != nil {
			return err
		}
	}
	return nil
}

// interruptedBefore words the end of the context before anything was restored.
func interruptedBefore(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ui.Hint(errors.New("interrupted before anything was restored"), "run it again")
	}
	return err
}

// succeeded reports whether a drill ended well, and left nothing.
func succeeded(made result.Drill) bool { return made.Verdict == result.Success && made.Left == "" }
