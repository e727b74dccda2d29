package vzdump

import (
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// jobErrors is the text of a task of which guests failed and nothing else.
const jobErrors = "job errors"

// report sums up the lines so far.
func (s *state) report() Report {
	r := Report{
		Warnings: s.warnings, Command: s.command, DroppedGuests: s.dropped, NoLog: s.noLog, Lines: s.lines,
		WaitingForLock: s.waiting && s.headless(), Complete: s.task.kind != StatusRunning,
	}
	r.Guests = make([]Guest, len(s.guests))
	for i, b := range s.guests {
		r.Guests[i] = b.guest(s.task.kind != StatusOK)
	}
	r.unreached = s.unreached()
	ending := s.ending
	if ending == endingNone {
		ending = s.claimed
	}
	switch {
	case r.Complete:
		r.Warnings = s.task.warnings
		if s.task.kind == StatusError {
			r.Warnings = s.warnings
		}
		r.end(s.task.kind, s.task.text)
	case ending == endingFailed || ending == endingNoStart:
		r.end(StatusError, s.jobError)
	case ending == endingErrors:
		r.end(StatusError, "")
	case ending == endingOK && s.warnings > 0:
		r.end(StatusWarnings, "")
	case ending == endingOK:
		r.end(StatusOK, "")
	default:
		r.Result = ResultUnknown
	}
	return r
}

// guest returns the facts of a block. Warnings count since PVE 8; a task that ended OK in spite of them is of an older one.
func (b *block) guest(warningsCount bool) Guest {
	g := b.Guest
	g.ExcludedDisks = slices.Clip(g.ExcludedDisks)
	g.BindMounts = slices.Clip(g.BindMounts)
	if !b.ended {
		g.Result = GuestRunning
		if b.progress {
			g.Progress = optional.Some(float64(b.done) / 100)
		}
	}
	if g.Result == GuestSuccess && g.Warnings > 0 && warningsCount {
		g.Result = GuestWarning
	}
	if took := g.Ended.Sub(g.Started); g.Result == GuestFailed && !g.Started.IsZero() && !g.Ended.IsZero() && took >= 0 {
		g.Duration = optional.Some(int64(took / time.Second))
	}
	if b.removed > 0 && !b.pruning && !g.Pruned.Known() {
		g.Pruned = optional.Some(b.removed)
	}
	return g
}

// end takes over how the task ended, and what follows from it for guests whose end was not seen.
func (r *Report) end(kind StatusKind, text string) {
	guestReason := ReasonUnknown
	switch kind {
	case StatusOK:
		r.Result = ResultOK
	case StatusWarnings:
		r.Result = ResultWarnings
	case StatusUnexpected:
		r.Result, r.Error, r.Reason = ResultInterrupted, text, ReasonCrashed
		guestReason = ReasonCrashed
	default:
		r.Result, r.Error, r.Reason = ResultFailed, text, ""
		if !strings.HasPrefix(jobErrors, text) { // which may be cut off with the end of the log
			r.Reason, _ = classify([]byte(text), "")
			guestReason = r.Reason
		}
		if r.Reason == ReasonInterrupted {
			r.Result = ResultInterrupted
		}
	}
	for i := range r.Guests {
		if g := &r.Guests[i]; g.Result == GuestRunning {
			g.Result, g.Reason, g.Progress = GuestInterrupted, guestReason, optional.Value[float64]{}
		}
	}
	if r.Reason != "" { // the job as a whole ended early
		for _, vmid := range r.unreached {
			r.Guests = append(r.Guests, Guest{VMID: vmid, Result: GuestNotRun})
		}
	}
	r.unreached = nil
	r.WaitingForLock = false
}

// WithStatus adds what is known of the task from elsewhere. A log that says itself how the task ended is believed: the status comes from
// its last line.
//
// A guest whose end the log does not show is interrupted once the task has ended, whatever the status: a success must be seen to count.
func (r Report) WithStatus(status Status) Report {
	r.Guests = slices.Clone(r.Guests)
	switch {
	case r.Complete:
	case status.Kind == StatusRunning:
		if r.Result == ResultUnknown {
			r.Result = ResultRunning
		}
	case status.Kind == StatusUnexpected && (r.Result == ResultFailed || r.Result == ResultInterrupted) && r.Error != "":
		// The log says why there is no TASK line: the worker exits without one when it does not get the node's lock.
	default:
		if status.Kind == StatusWarnings {
			r.Warnings = status.Warnings
		}
		r.end(status.Kind, status.Text)
	}
	return r
}

// unreached returns the guests that the command line names and the log does not, apart from those that live on other nodes.
func (s *state) unreached() []int {
	if s.command == "" || s.dropped > 0 {
		return nil
	}
	command, err := ParseCommandLine(s.command)
	if err != nil || len(command.VMIDs) == 0 {
		return nil // all guests or a pool; or shortened by the limit of a line, or by whoever copied the log
	}
	seen := make(map[int]bool, len(s.guests)+len(s.external))
	for _, b := range s.guests {
		seen[b.VMID] = true
	}
	for _, vmid := range s.external {
		seen[vmid] = true
	}
	var missing []int
	for _, vmid := range command.VMIDs {
		if !seen[vmid] {
			seen[vmid] = true
			missing = append(missing, vmid)
		}
	}
	return missing
}
