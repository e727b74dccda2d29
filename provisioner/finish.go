package provisioner

import (
	"context"
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/backend"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/report"
)

// finish shows the plan and carries it out, unless it is refused or this is a dry run.
func (r *run) finish(ctx context.Context) error {
	planned := r.document.Plan
	if err := r.show(func(p report.Printer) error { return p.Plan(planned) }); err != nil {
		return err
	}
	for _, each := range r.steps {
		fmt.Fprintf(r.options.Talk, "\n%s", each.Text)
	}
	if count := len(planned.Refusals); count > 0 {
		err := fmt.Errorf("the plan is refused for %s: nothing was changed", words.Count(count, "reason", "reasons"))
		return ui.Hint(err, "each reason above says what helps; --accept-risk=NAME accepts those that name a risk")
	}
	if r.options.DryRun {
		return nil
	}
	r.document.Begun = true
	result, err := apply.Run(ctx, apply.Options{
		Plan: planned, Input: r.input, Step: r.tell,
		Provider: r.provider,
	})
	if err != nil {
		return r.stopped(result, err)
	}
	if err := r.secrets.settle(r.input.Desired); err != nil {
		return err
	}
	r.document.Jobs, err = r.jobs(context.WithoutCancel(ctx))
	var ofContainers error
	r.document.Servers, ofContainers = r.vessels.outputs(context.WithoutCancel(ctx))
	err = errors.Join(err, ofContainers)
	return errors.Join(r.show(func(p report.Printer) error {
		if _, err := fmt.Fprintln(p.Out); err != nil {
			return fmt.Errorf("print the jobs: %w", err)
		}
		if err := p.Jobs(r.document.Jobs, r.options.Now()); err != nil {
			return err
		}
		return p.Servers(r.document.Servers)
	}), err)
}

// provider returns who reads and writes an object.
func (r *run) provider(key plan.Key) (apply.Provider, error) {
	if key.Kind == plan.BackendFile {
		return backend.Files{File: r.file}, nil
	}
	if provider := r.vessels.provider(key); provider != nil {
		return provider, nil
	}
	if !key.Kind.OfStore() {
		return r.sites.provider(r.file, r.secrets, key)
	}
	at, found := r.depots.byName[key.Scope]
	if !found {
		return nil, fmt.Errorf("no store %s", key.Scope)
	}
	if provider := at.session.Provider(key.Kind); provider != nil {
		return provider, nil
	}
	return nil, fmt.Errorf("nobody knows how to write a %s", key.Kind)
}

// show prints text, unless the run prints a document at its end.
func (r *run) show(print func(report.Printer) error) error {
	if r.options.JSON {
		return nil
	}
	return print(report.Printer{Out: r.options.Data, Colour: r.options.Colour})
}

// talk prints what happens meanwhile. Nobody is left to tell of its errors.
func (r *run) talk() report.Printer {
	return report.Printer{Out: r.options.Talk, Colour: r.options.TalkColour}
}

// tell says that a change was dealt with.
func (r *run) tell(step apply.Step) {
	made := report.Step{Change: step.Change, Outcome: report.Outcome(step.Outcome), Replanned: step.Replanned}
	r.document.Steps = append(r.document.Steps, made)
	_ = r.talk().Step(len(r.document.Steps), len(r.document.Plan.Changes), made)
}

// stopped says how far a run came that did not reach its end.
func (r *run) stopped(result apply.Result, err error) error {
	_ = r.talk().Stopped(r.document.Steps, result.Failed, result.Remaining)
	if result.Failed != nil {
		r.document.Steps = append(r.document.Steps, report.Step{Change: *result.Failed, Outcome: report.Failed})
		return err
	}
	if errors.Is(err, apply.ErrInterrupted) {
		r.document.Interrupted = true
		err = fmt.Errorf("interrupted after %s", words.Count(len(result.Steps), "change", "changes"))
		return ui.Hint(err, "run the same command again to go on: what was done is not done twice")
	}
	return err
}
