package drill

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// left is a guest that package plan does not take for ours.
type left struct{ verdict plan.Verdict }

func (l *left) Error() string { return "it " + l.verdict.Why }

// clean removes what earlier drills left in the cluster, and tells what it had to leave. The error says that nothing should be restored now: a
// guest of ours could not be removed, or a drill of another machine is at work. A guest of somebody else, and a node that does not answer,
// keep nothing from being restored elsewhere under another id.
func (s *site) clean(ctx context.Context) error {
	var failures []error
	for _, resource := range s.resources.Guests {
		if s.cluster.Drill.VMIDs.Contains(resource.VMID) {
			failures = append(failures, s.cleanGuest(ctx, resource.Node, resource.Type, resource.VMID))
		}
	}
	for _, entry := range s.journal.Of(s.cluster.Name) {
		listed := slices.ContainsFunc(s.resources.Guests, func(each pve.GuestResource) bool { return each.VMID == entry.VMID })
		if !listed { // it may be about to appear, if its restore was asked for a moment ago
			failures = append(failures, s.cleanGuest(ctx, entry.Node, entry.Kind, entry.VMID))
		}
	}
	return errors.Join(failures...)
}

func (s *site) cleanGuest(ctx context.Context, node, kind string, vmid int) error {
	err := s.remove(ctx, node, kind, vmid)
	if err == nil || ctx.Err() != nil {
		return err
	}
	s.report.left(s.cluster.Name, vmid, err)
	var of *left
	if outOfReach(err) || errors.As(err, &of) && !of.verdict.Busy {
		return nil
	}
	return err
}

// removeAfterwards removes a scratch guest of this run, also when the run was interrupted.
func (s *site) removeAfterwards(ctx context.Context, entry plan.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removal)
	defer cancel()
	return s.remove(ctx, entry.Node, entry.Kind, entry.VMID)
}

// remove stops and destroys a guest, if it is there and package plan takes it for the leftover of a drill. A restore that makes it at this
// moment is stopped first. The journal forgets the guest once it is known to be gone.
func (s *site) remove(ctx context.Context, node, kind string, vmid int) error {
	evidence, err := s.evidence(ctx, vmid)
	if err != nil {
		return err
	}
	settings, err := s.client.GuestSettings(ctx, node, kind, vmid)
	if pve.IsNotFound(err) {
		return s.forget(vmid)
	}
	if err != nil {
		return err
	}
	found := plan.Found{VMID: vmid, Kind: kind, Description: settings.Values["description"], Described: true}
	if verdict := plan.Judge(found, evidence); !verdict.Remove {
		return ui.Hint(&left{verdict}, "it is not touched; if nobody needs it, remove it by hand: `%s destroy %d` on node %s", program(kind), vmid, node)
	}
	if err := s.destroy(ctx, node, kind, vmid, settings); err != nil {
		return ui.Hint(err, "the next drill tries again; by hand, as root on node %s: `%s unlock %d`, then `%s stop %d` and `%s destroy %d`",
			node, program(kind), vmid, program(kind), vmid, program(kind), vmid)
	}
	s.report.removed(s.cluster.Name, vmid)
	return s.forget(vmid)
}

// program is the command of a node that deals with such guests.
func program(kind string) string {
	if kind == plan.Container {
		return "pct"
	}
	return "qm"
}

// evidence collects what is known about how a guest came to be. A restore of ours that still makes it is stopped, and any other task of ours
// about it waited for.
func (s *site) evidence(ctx context.Context, vmid int) (plan.Evidence, error) {
	declared := s.cluster.Drill
	evidence := plan.Evidence{
		First: declared.VMIDs.First, Last: declared.VMIDs.Last, Entries: s.journal.Of(s.cluster.Name), Now: s.options.Now().Unix(),
	}
	at := slices.IndexFunc(evidence.Entries, func(entry plan.Entry) bool { return entry.VMID == vmid })
	if at < 0 {
		return evidence, nil
	}
	entry := evidence.Entries[at]
	held, err := s.client.Permissions(ctx)
	if err != nil {
		return evidence, err
	}
	evidence.Complete = held.Has("/nodes/"+entry.Node, "Sys.Audit")
	tasks, _, err := s.client.NodeTasks(ctx, entry.Node, pve.TaskQuery{Since: entry.Started - plan.Skew, Source: pve.TasksAll})
	if err != nil {
		return evidence, err
	}
	for _, task := range tasks {
		if task.ID != strconv.Itoa(vmid) {
			continue
		}
		evidence.Tasks = append(evidence.Tasks, task)
		if !task.Running() || !plan.Ours(entry, task) {
			continue
		}
		end := s.done // a start, a stop or a removal is over soon
		if plan.Makes(entry, task) {
			end = s.stopTask
		}
		if err := end(ctx, entry.Node, task.UPID); err != nil {
			return evidence, err
		}
	}
	return evidence, nil
}

func (s *site) stopTask(ctx context.Context, node, upid string) error {
	if err := s.client.StopTask(ctx, node, upid); err != nil && !pve.IsNotFound(err) {
		return err
	}
	return s.done(ctx, node, upid)
}

// done waits until a task has ended, well or not.
func (s *site) done(ctx context.Context, node, upid string) error {
	_, err := s.watch(ctx, node, upid, s.options.Now().Add(removal))
	return err
}

// destroy stops and destroys a guest, and makes sure that it is gone.
func (s *site) destroy(ctx context.Context, node, kind string, vmid int, settings pve.GuestSettings) error {
	status, err := s.client.GuestStatus(ctx, node, kind, vmid)
	if err != nil {
		return err
	}
	if status.Lock != "" && s.options.Local.Node == node && s.options.Local.Unlock != nil {
		if err := s.options.Local.Unlock(ctx, kind, vmid); err != nil {
			return err
		}
	}
	if status.Running {
		task, err := s.client.StopGuest(ctx, node, kind, vmid)
		if err == nil {
			err = s.done(ctx, node, task)
		}
		if err != nil && !pve.IsNotRunning(err) {
			return err
		}
	}
	if settings.Values["protection"] == "1" { // the archive's, where a drill died before it took it out
		if err := s.client.UpdateGuest(ctx, node, kind, vmid, map[string]string{"protection": "0"}, ""); err != nil {
			return err
		}
	}
	task, err := s.client.DestroyGuest(ctx, node, kind, vmid, nil)
	if err != nil {
		return err
	}
	ended, err := s.watch(ctx, node, task, s.options.Now().Add(removal))
	if err != nil {
		return err
	}
	if err := ended.Err(); err != nil {
		return err
	}
	if _, err := s.client.GuestSettings(ctx, node, kind, vmid); !pve.IsNotFound(err) {
		return errors.Join(errors.New("it is still there after it was destroyed"), err)
	}
	return nil
}

// forget takes a guest that is gone out of the journal.
func (s *site) forget(vmid int) error {
	var failures []error
	for _, entry := range s.journal.Of(s.cluster.Name) {
		if entry.VMID == vmid {
			failures = append(failures, s.journal.Remove(entry.Run))
		}
	}
	return errors.Join(failures...)
}
