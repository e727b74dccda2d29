package report

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

type documentJSON struct {
	Version  int          `json:"version"`
	Result   Result       `json:"result"`
	Summary  summaryJSON  `json:"summary"`
	Changes  []changeJSON `json:"changes"`
	Pending  []changeJSON `json:"pending_restart"`
	Refusals []noticeJSON `json:"refusals"`
	Warnings []noticeJSON `json:"warnings"`
	Jobs     []jobJSON    `json:"jobs"`
	Servers  []serverJSON `json:"servers,omitempty"`
	Errors   []errorJSON  `json:"errors"`
}

type summaryJSON struct {
	Create   int `json:"create"`
	Update   int `json:"update"`
	Delete   int `json:"delete"`
	Pending  int `json:"pending_restart"`
	Refusals int `json:"refusals"`
	Warnings int `json:"warnings"`
}

type changeJSON struct {
	Action      plan.Action `json:"action"`
	Cluster     string      `json:"cluster,omitzero"`
	Store       string      `json:"store,omitzero"`
	Kind        plan.Kind   `json:"kind"`
	ID          string      `json:"id"`
	Environment string      `json:"environment,omitzero"`
	At          string      `json:"at,omitzero"`
	Fields      []fieldJSON `json:"fields"`
	Outcome     Outcome     `json:"outcome,omitzero"`
	Replanned   bool        `json:"replanned,omitzero"`
}

type fieldJSON struct {
	Name      string                 `json:"name"`
	Before    optional.Value[string] `json:"before,omitzero"`
	After     optional.Value[string] `json:"after,omitzero"`
	Sensitive bool                   `json:"sensitive,omitzero"`
}

type noticeJSON struct {
	Cluster string      `json:"cluster,omitzero"`
	Store   string      `json:"store,omitzero"`
	Kind    plan.Kind   `json:"kind,omitzero"`
	ID      string      `json:"id,omitzero"`
	At      string      `json:"at,omitzero"`
	Risk    string      `json:"risk,omitzero"`
	Message string      `json:"message"`
	Hint    string      `json:"hint,omitzero"`
	Fields  []fieldJSON `json:"fields,omitempty"`
}

type jobJSON struct {
	Cluster     string                     `json:"cluster"`
	ID          string                     `json:"id"`
	Environment string                     `json:"environment,omitzero"`
	Storage     string                     `json:"storage"`
	Schedule    string                     `json:"schedule"`
	Enabled     bool                       `json:"enabled"`
	NextRun     optional.Value[*time.Time] `json:"next_run,omitzero"`
}

type errorJSON struct {
	Message string   `json:"message"`
	Hints   []string `json:"hints"`
}

func (d Document) form() documentJSON {
	planned := d.Plan
	form := documentJSON{
		Version: Version, Result: d.Result(),
		Summary: summaryJSON{
			Create: planned.Count(plan.Create), Update: planned.Count(plan.Update), Delete: planned.Count(plan.Delete),
			Pending: len(planned.Pending), Refusals: len(planned.Refusals), Warnings: len(planned.Warnings),
		},
		Changes: d.changes(), Pending: each(planned.Pending, changeForm), Refusals: each(planned.Refusals, noticeForm),
		Warnings: each(planned.Warnings, func(w plan.Warning) noticeJSON { return noticeForm(plan.Refusal(w)) }),
		Jobs:     each(sorted(d.Jobs), jobForm), Servers: each(d.Servers, serverForm), Errors: each(separate(d.Err), errorForm),
	}
	return form
}

// changes puts the steps in the place of the changes that they were to make.
func (d Document) changes() []changeJSON {
	steps := make(map[plan.Key]Step, len(d.Steps))
	for _, step := range d.Steps {
		steps[step.Key] = step
	}
	return each(d.Plan.Changes, func(change plan.Change) changeJSON {
		step, begun := steps[change.Key]
		switch {
		case begun:
			form := changeForm(step.Change)
			form.Outcome, form.Replanned = step.Outcome, step.Replanned
			return form
		case d.Begun:
			form := changeForm(change)
			form.Outcome = NotBegun
			return form
		}
		return changeForm(change)
	})
}

// scopes says whether an object is of a cluster or of a store.
func scopes(key plan.Key) (cluster, store string) {
	if key.Kind.OfStore() {
		return "", key.Scope
	}
	return key.Scope, ""
}

func changeForm(change plan.Change) changeJSON {
	cluster, store := scopes(change.Key)
	return changeJSON{
		Action: change.Action, Cluster: cluster, Store: store, Kind: change.Kind, ID: change.ID, Environment: change.Environment, At: change.At,
		Fields: each(change.Fields, fieldForm),
	}
}

func fieldForm(change plan.FieldChange) fieldJSON {
	form := fieldJSON{Name: change.Name, Sensitive: change.Sensitive}
	if change.HasBefore && !change.Sensitive {
		form.Before = optional.Some(change.Before)
	}
	if change.HasAfter && !change.Sensitive {
		form.After = optional.Some(change.After)
	}
	return form
}

func noticeForm(notice plan.Refusal) noticeJSON {
	cluster, store := scopes(notice.Key)
	return noticeJSON{
		Cluster: cluster, Store: store, Kind: notice.Kind, ID: notice.ID, At: notice.At, Risk: notice.Risk, Message: notice.Message, Hint: notice.Hint,
		Fields: each(notice.Fields, fieldForm),
	}
}

func jobForm(job Job) jobJSON {
	form := jobJSON{Cluster: job.Cluster, ID: job.ID, Environment: job.Environment, Storage: job.Storage, Schedule: job.Schedule, Enabled: job.Enabled}
	switch {
	case !job.Enabled || !job.Unknown && job.NextRun.IsZero():
		form.NextRun = optional.Some[*time.Time](nil)
	case !job.Unknown:
		next := job.NextRun.UTC()
		form.NextRun = optional.Some(&next)
	}
	return form
}

func errorForm(err error) errorJSON {
	hints := ui.Hints(err)
	if hints == nil {
		hints = []string{}
	}
	return errorJSON{Message: err.Error(), Hints: hints}
}

// separate returns the errors that were joined. An error that wraps joined ones has words of its own, and stays one.
func separate(err error) (all []error) {
	joined, is := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !is:
		return []error{err}
	}
	for _, inner := range joined.Unwrap() {
		all = append(all, separate(inner)...)
	}
	return all
}

// each is never nil: an empty list is [] in JSON.
func each[From, To any](list []From, form func(From) To) []To {
	forms := make([]To, len(list))
	for i := range list {
		forms[i] = form(list[i])
	}
	return forms
}
