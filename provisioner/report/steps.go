package report

import (
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Outcome is what became of a change.
type Outcome string

// The outcomes.
const (
	Done           Outcome = "done"
	PendingRestart Outcome = "pending_restart" // written, and in effect after the guest's next start
	Unneeded       Outcome = "unneeded"        // when its turn came, the object was as declared already
	Failed         Outcome = "failed"
	NotBegun       Outcome = "not_begun"
)

// Step is a change whose turn came.
type Step struct {
	plan.Change
	Outcome Outcome
	// Replanned tells that the object was changed by somebody else after the plan was made, and that the change was adapted to it.
	Replanned bool
}

var outcomes = map[Outcome]string{
	Done:           "done",
	PendingRestart: "done, pending restart",
	Unneeded:       "is as declared already",
	Failed:         "failed",
	NotBegun:       "not begun",
}

// Step writes the line of a step that has been made: "[ 2/14] + job backup-prod (prod on home): done". Number counts from one.
func (p Printer) Step(number, total int, step Step) error {
	var out strings.Builder
	width := len(fmt.Sprint(total))
	outcome := outcomes[step.Outcome]
	if outcome == "" {
		outcome = string(step.Outcome)
	}
	if step.Outcome == Failed {
		outcome = p.paint(red, outcome)
	}
	fmt.Fprintf(&out, "[%*d/%d] %s %s: %s", width, number, total, p.sign(step.Action), Name(step.Change), outcome)
	if step.Replanned {
		out.WriteString(" (planned anew: somebody changed it meanwhile)")
	}
	out.WriteByte('\n')
	return p.write(&out)
}

// Stopped writes how far a run came that did not reach its end, what remains, and how to go on. Failed is nil where the run was interrupted
// between two changes.
func (p Printer) Stopped(done []Step, failed *plan.Change, remaining []plan.Change) error {
	var out strings.Builder
	total := len(done) + len(remaining)
	if failed != nil {
		total++
	}
	fmt.Fprintf(&out, "\n%s\n", p.paint(bold, fmt.Sprintf("Stopped: %d of %s made.", len(done), words.Count(total, "change was", "changes were"))))
	if failed != nil {
		fmt.Fprintf(&out, "Failed:\n  %s %s\n", p.sign(failed.Action), Name(*failed))
	}
	if len(remaining) > 0 {
		out.WriteString("Not begun:\n")
	}
	for i, each := range remaining {
		if i == mostRemaining && len(remaining) > mostRemaining+1 {
			fmt.Fprintf(&out, "    and %d more\n", len(remaining)-i)
			break
		}
		fmt.Fprintf(&out, "  %s %s\n", p.sign(each.Action), Name(each))
	}
	out.WriteString("Run it again to go on: what was done is not done twice.\n")
	return p.write(&out)
}

// mostRemaining is how many changes that were not begun are named.
const mostRemaining = 20
