package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// maxAttempts is how often an object that changes while it is written is planned anew.
const maxAttempts = 3

// Options say what is carried out, and how.
type Options struct {
	Plan plan.Plan
	// Input is what it was made from. It is not changed.
	Input plan.Input
	// Provider returns the provider of an object.
	Provider func(key plan.Key) (Provider, error)
	// Step is told of each change that was dealt with. It may be nil.
	Step func(Step)
}

// Outcome is what became of a change.
type Outcome string

// The outcomes. Unneeded: when its turn came, the object was as wanted already.
const (
	Done     Outcome = "done"
	Pending  Outcome = "pending_restart"
	Unneeded Outcome = "unneeded"
)

// Step is a change that was dealt with.
type Step struct {
	plan.Change
	Outcome Outcome
	// Replanned tells that the object was changed by somebody else since the plan was made, and the change adapted to it.
	Replanned bool
}

// Result is how far a run came.
type Result struct {
	Steps     []Step        // in the order in which they were made
	Failed    *plan.Change  // the one that ended the run; nil where all went well or the run was interrupted
	Remaining []plan.Change // those that were not begun
}

// ErrInterrupted tells that the context ended between two changes.
var ErrInterrupted = errors.New("interrupted")

// Run carries out a plan. The context is looked at between changes: one that has begun is finished, so that nothing is left half done. The
// error, placed in the declared file where that is possible, is that of the first change that failed; the result tells how far it came.
func Run(ctx context.Context, options Options) (Result, error) {
	runner := &runner{options: options, world: newWorld(options.Input)}
	var result Result
	for i, change := range options.Plan.Changes {
		if ctx.Err() != nil {
			result.Remaining = options.Plan.Changes[i:]
			return result, ErrInterrupted
		}
		step, err := runner.carryOut(context.WithoutCancel(ctx), change)
		if err != nil {
			result.Failed, result.Remaining = &options.Plan.Changes[i], options.Plan.Changes[i+1:]
			return result, Place(change, runner.desired(change.Key), err)
		}
		result.Steps = append(result.Steps, step)
		if options.Step != nil {
			options.Step(step)
		}
	}
	return result, nil
}

type runner struct {
	options Options
	world   *world
}

func (r *runner) desired(key plan.Key) *plan.Desired {
	if wanted, found := r.world.desired[key]; found {
		return &wanted
	}
	return nil
}

// calculate makes a plan by the same policy and with the same accepted risks.
func (r *runner) calculate(desired []plan.Desired, current []plan.Current) plan.Plan {
	input := r.options.Input
	input.Desired, input.Current = desired, current
	return plan.Calculate(input)
}

// carryOut makes one change: read, compare, write, read back.
func (r *runner) carryOut(ctx context.Context, change plan.Change) (Step, error) {
	provider, err := r.options.Provider(change.Key)
	if err != nil {
		return Step{}, err
	}
	step := Step{Change: change}
	var last error
	for range maxAttempts {
		seen, err := provider.Read(ctx, change.Key)
		if err != nil {
			return Step{}, err
		}
		if r.world.put(change.Key, seen) {
			needed, err := r.again(&step)
			if err != nil || !needed {
				return step, err
			}
		}
		err = provider.Write(ctx, step.Change, seen)
		if last = err; conflicts(err) {
			continue
		}
		if err != nil && !uncertain(err) {
			return Step{}, err
		}
		return r.verify(ctx, provider, step, err)
	}
	return Step{}, ui.Hint(fmt.Errorf("it was changed by somebody else %d times while it was to be written: %w", maxAttempts, last),
		"find out what edits it, then run this again")
}

// again plans an object anew that is no longer what the plan was made from, and reports whether something is left to do.
func (r *runner) again(step *Step) (needed bool, err error) {
	anew := r.calculate(r.world.allDesired(), r.world.current())
	for _, refusal := range anew.Refusals {
		if refusal.Key == step.Key {
			return false, ui.Hint(fmt.Errorf("it was changed by somebody else since the plan was made, and now: %s", refusal.Message), "%s", refusal.Hint)
		}
	}
	step.Replanned = true
	for _, change := range anew.Changes {
		if change.Key == step.Key {
			step.Change = change
			return true, nil
		}
	}
	step.Outcome = Unneeded
	return false, nil
}

// verify reads an object back and compares it with what was wanted. Of a write whose fate is not known, lost is the error: it is forgotten if
// the object is as wanted.
func (r *runner) verify(ctx context.Context, provider Provider, step Step, lost error) (Step, error) {
	found, err := provider.Read(ctx, step.Key)
	if err != nil && lost != nil {
		err = lost
	}
	if err != nil {
		return Step{}, ui.Hint(err, "whether it was written is not known; run this again: it looks before it writes")
	}
	r.world.put(step.Key, found)
	if lost == nil {
		r.world.sent(step.Change)
	}
	left := r.calculate(r.world.alone(step.Key))
	if step.Outcome = Done; len(left.Pending) > 0 {
		step.Outcome = Pending
	}
	wrong := unlike(left)
	switch {
	case wrong == "":
		return step, nil
	case lost != nil:
		return Step{}, ui.Hint(lost, "it was not written, or not all of it; run this again: it looks before it writes")
	}
	return Step{}, ui.Hint(fmt.Errorf("it was written, but is not as wanted afterwards: %s", wrong),
		"somebody else may have changed it at the same moment: run this again; where it stays so, the other side does not keep this value")
}

// unlike says what a plan for one object would still do; empty where that is nothing. An object that does not look like ours, since only a part of
// it was written, is refused instead of changed.
func unlike(left plan.Plan) string {
	for _, change := range left.Changes {
		return differences(change)
	}
	for _, refusal := range left.Refusals {
		if refusal.Risk == "" {
			return refusal.Message
		}
	}
	return ""
}

// differences names what is not as wanted.
func differences(change plan.Change) string {
	if change.Action != plan.Update {
		return "it has to be " + string(change.Action) + "d still"
	}
	words := make([]string, 0, len(change.Fields))
	for _, field := range change.Fields {
		switch {
		case field.Sensitive:
			words = append(words, field.Name)
		case !field.HasBefore:
			words = append(words, fmt.Sprintf("%s is not set instead of %q", field.Name, field.After))
		case !field.HasAfter:
			words = append(words, fmt.Sprintf("%s is still %q", field.Name, field.Before))
		default:
			words = append(words, fmt.Sprintf("%s is %q instead of %q", field.Name, field.Before, field.After))
		}
	}
	return strings.Join(words, ", ")
}

func conflicts(err error) bool {
	var conflict *Conflict
	return errors.As(err, &conflict)
}

func uncertain(err error) bool {
	var unknown *Uncertain
	return errors.As(err, &unknown)
}
