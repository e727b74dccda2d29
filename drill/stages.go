package drill

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// drill drills one guest: whatever happens, the scratch guest is removed as far as that can be done, and the result says how it went.
func (s *site) drill(ctx context.Context, guest guest) result.Drill {
	began := s.options.Now()
	made := result.Drill{Start: began.Unix()}
	s.report.step(guest, result.Prepare, "looking for its newest archive, and for room")
	p, err := s.prepare(ctx, guest)
	made.Archive, made.ArchiveCreated, made.Proof, made.Node = p.archive.VolumeID, p.archive.Created, p.proof, p.node
	s.time(&made, result.Prepare, began)
	if err != nil {
		s.conclude(&made, asFailure(interrupted(ctx, err), result.Prepare))
		return made
	}
	made.Run, made.VMID = p.scratch.Mark.Run, p.scratch.VMID
	entry := plan.Entry{
		Run: made.Run, Cluster: s.cluster.Name, Node: p.node, Kind: guest.Type, VMID: made.VMID, Archive: made.Archive, Source: guest.ID,
		Token: s.cluster.Drill.ID, Started: s.options.Now().Unix(),
	}
	if err := s.journal.Write(entry); err != nil {
		s.conclude(&made, asFailure(ui.Hint(err, "nothing was restored: let the user that runs this write to %s", s.options.StoragePath), result.Restore))
		return made
	}
	s.conclude(&made, s.run(ctx, p, &entry, &made))
	began = s.options.Now()
	s.report.step(guest, result.Remove, fmt.Sprintf("removing scratch guest %d", made.VMID))
	if err := s.removeAfterwards(ctx, entry); err != nil {
		made.Left = err.Error()
		s.report.left(s.cluster.Name, entry.VMID, err)
	}
	s.time(&made, result.Remove, began)
	return made
}

// run goes through the stages from the restore to the proof, and returns what ended it early.
func (s *site) run(ctx context.Context, p prepared, entry *plan.Entry, made *result.Drill) *failure {
	for _, each := range []struct {
		stage result.Stage
		what  string
		do    func() error
	}{
		{result.Restore, fmt.Sprintf("restoring %s on node %s as %d", p.archive.VolumeID, p.node, p.scratch.VMID), func() error { return s.restore(ctx, p, entry) }},
		{result.Isolate, "taking network and devices out of it", func() error { return s.isolate(ctx, p) }},
		{result.Start, "starting it", func() error { return s.start(ctx, p) }},
		{result.Prove, "waiting for the proof: " + string(p.proof), func() error { return s.prove(ctx, p) }},
	} {
		if ctx.Err() != nil {
			return asFailure(unclear(errInterrupted), each.stage)
		}
		began := s.options.Now()
		s.report.step(p.guest, each.stage, each.what)
		err := each.do()
		s.time(made, each.stage, began)
		if err != nil {
			return asFailure(interrupted(ctx, err), each.stage)
		}
	}
	return nil
}

func (s *site) time(made *result.Drill, stage result.Stage, began time.Time) {
	made.Stages = append(made.Stages, result.Timing{Stage: stage, Seconds: s.options.Now().Sub(began).Seconds()})
}

// conclude writes down how it ended.
func (s *site) conclude(made *result.Drill, failed *failure) {
	made.End, made.Verdict = s.options.Now().Unix(), result.Success
	if failed != nil {
		made.Verdict, made.Stage, made.Reason = failed.verdict, failed.stage, failed.Error()
		s.report.failed(failed)
	}
}

// restore restores the archive. The journal names the guest already; with the task it is known for certain.
func (s *site) restore(ctx context.Context, p prepared, entry *plan.Entry) error {
	options := plan.RestoreOptions(p.guest.Type, p.settings, p.scratch)
	call := s.client.RestoreVM
	if p.guest.Type == plan.Container {
		call = s.client.RestoreContainer
	}
	task, err := call(ctx, p.node, p.scratch.VMID, options)
	switch {
	case err == nil:
	case pve.IsNotFound(err):
		return bad(fmt.Errorf("the archive is not there: %w", err))
	case pve.IsForbidden(err):
		return unclear(ui.Hint(err, "docs/permissions.md has the rights that drills need; `pve-backup-exporter check` says which are missing"))
	default:
		return err
	}
	entry.Task = task
	if err := s.journal.Write(*entry); err != nil {
		return err
	}
	ended, err := s.watch(ctx, p.node, task, p.deadline)
	if errors.Is(err, errLate) {
		return late("it was not restored", s.cluster.Drill.Timeout, "timeout")
	}
	if err != nil {
		return err
	}
	return ofTask(ended)
}

// attempts is how often a change is tried anew after somebody else changed the guest.
const attempts = 3

// isolate marks the restored guest and takes out of it what reaches outside. It returns only without an error when a last look agrees.
func (s *site) isolate(ctx context.Context, p prepared) error {
	for range attempts {
		now, err := s.client.GuestSettings(ctx, p.node, p.guest.Type, p.scratch.VMID)
		if err != nil {
			return err
		}
		changes := plan.Isolate(p.guest.Type, now.Values, p.scratch)
		if changes.Empty() {
			return refuse(plan.Refuse(p.guest.Type, now.Values, p.scratch))
		}
		set := maps.Clone(changes.Set)
		if len(changes.Remove) > 0 {
			set["delete"] = strings.Join(changes.Remove, ",")
		}
		err = s.client.UpdateGuest(ctx, p.node, p.guest.Type, p.scratch.VMID, set, now.Digest)
		if err != nil && !pve.IsConflict(err) && !pve.MayHaveChanged(err) {
			return ui.Hint(err, "it is not started: what would have to be changed is %s", strings.Join(append(changes.Remove, "the description"), ", "))
		}
	}
	return unclear(errors.New("it did not keep what was changed of it, and was not started"))
}

func refuse(err error) error {
	if err == nil {
		return nil
	}
	return unclear(ui.Hint(err, "it was not started; leave the guest out with `exclude`, and restore it by hand as docs/BACKUP-RESTORE.md says"))
}

func (s *site) start(ctx context.Context, p prepared) error {
	task, err := s.client.StartGuest(ctx, p.node, p.guest.Type, p.scratch.VMID)
	if err != nil {
		return err
	}
	ended, err := s.watch(ctx, p.node, task, p.deadline)
	if errors.Is(err, errLate) {
		return late("it did not start", s.cluster.Drill.Timeout, "timeout")
	}
	if err != nil {
		return err
	}
	return ofTask(ended)
}
