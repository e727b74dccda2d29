package drill

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// failure is why a drill ended before its proof, and what that says about the backup.
type failure struct {
	verdict result.Verdict
	stage   result.Stage
	err     error
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// bad is a failure that tells against the backup.
func bad(err error) error { return &failure{verdict: result.Failed, err: err} }

// unclear is one that says nothing about the backup.
func unclear(err error) error { return &failure{verdict: result.Inconclusive, err: err} }

// asFailure finds what is said of an error, or judges it: an error of a call says nothing about the backup.
func asFailure(err error, stage result.Stage) *failure {
	var known *failure
	if !errors.As(err, &known) {
		known = &failure{verdict: result.Inconclusive, err: err}
	}
	known.stage = stage
	return known
}

// errInterrupted is what a signal leads to.
var errInterrupted = errors.New("interrupted")

// interrupted words the end of the context.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return unclear(errInterrupted)
	}
	return err
}

// outOfReach reports that nobody knows how things stand: the cluster or the node does not answer.
func outOfReach(err error) bool {
	var connection *pve.ConnectionError
	return errors.As(err, &connection) || pve.IsNodeUnreachable(err)
}

// endedFromOutside are the statuses of tasks that somebody stopped, or that ended with their node.
var endedFromOutside = regexp.MustCompile(`^unexpected status$|received interrupt$|interrupted by signal$`)

// ofTask judges a task that did not end well: it tells against the backup, unless it was the task that was ended, or lacked a right.
func ofTask(task pve.Task) error {
	err := task.Err()
	switch {
	case err == nil:
		return nil
	case endedFromOutside.MatchString(task.Status):
		return unclear(ui.Hint(err, "something ended the task: somebody, or the node's restart; run the drill again"))
	case rootOnly(task.Status):
		return unclear(ui.Hint(err, "Proxmox VE lets only root himself restore what this guest has; leave it out with `exclude`"))
	}
	return bad(ui.Hint(err, "the task's log on node %s says more: `pvenode task log %s`", task.Node, task.UPID))
}

// late says that a stage was not over in time.
func late(what string, limit fmt.Stringer, key string) error {
	return bad(ui.Hint(fmt.Errorf("%s within %s", what, limit), "if it needs more time, raise `%s` in the cluster's `drill`", key))
}
