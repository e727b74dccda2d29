package drill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// prove waits for the proof. A guest that stops running on the way gave none.
func (s *site) prove(ctx context.Context, p prepared) error {
	began := s.options.Now()
	deadline := began.Add(s.cluster.Drill.BootTimeout)
	if p.deadline.Before(deadline) {
		deadline = p.deadline
	}
	var last error
	for {
		if err := s.running(ctx, p); err != nil {
			return err
		}
		proven, why, err := s.look(ctx, p, began)
		if err != nil || proven {
			return err
		}
		if why != nil {
			last = why
		}
		if s.options.Now().After(deadline) {
			return unproven(p, s.cluster.Drill.BootTimeout, last)
		}
		if err := s.options.pause(ctx, bootPause); err != nil {
			return interrupted(ctx, err)
		}
	}
}

// running reports a guest that does not run, or not any more.
func (s *site) running(ctx context.Context, p prepared) error {
	status, err := s.client.GuestStatus(ctx, p.node, p.guest.Type, p.scratch.VMID)
	switch {
	case err != nil:
		return err
	case !status.Running:
		return bad(ui.Hint(fmt.Errorf("the restored guest does not run: its state is %s", status.State), "restore it by hand and look at its console: docs/BACKUP-RESTORE.md"))
	case status.State == "io-error" || status.State == "internal-error" || status.State == "guest-panicked":
		return bad(ui.Hint(fmt.Errorf("the restored guest hangs: its state is %s", status.State), "restore it by hand and look at its console: docs/BACKUP-RESTORE.md"))
	}
	return nil
}

// look takes a look at the proof. Where it is not there yet, why may say more.
func (s *site) look(ctx context.Context, p prepared, began time.Time) (proven bool, why, err error) {
	switch p.proof {
	case plan.Command:
		why = s.options.Local.Execute(ctx, p.scratch.VMID, p.check.Command)
		return why == nil, why, nil
	case plan.Agent:
		err := s.client.AgentPing(ctx, p.node, p.scratch.VMID)
		switch {
		case err == nil:
			return true, nil, nil
		case pve.IsAgentSilent(err) || pve.IsNotRunning(err):
			return false, nil, nil
		}
		return false, nil, err
	}
	return s.options.Now().Sub(began) >= settle, nil, nil
}

// unproven words that the time is over.
func unproven(p prepared, limit time.Duration, last error) error {
	switch p.proof {
	case plan.Command:
		return bad(ui.Hint(fmt.Errorf("the declared command did not succeed within %s: %w", limit, last),
			"the container has no network: a check must do without; if it needs more time, raise `boot_timeout` in the cluster's `drill`"))
	case plan.Agent:
		return bad(ui.Hint(fmt.Errorf("the guest agent did not answer within %s", limit),
			"if it needs more time, raise `boot_timeout` in the cluster's `drill`; if the guest has no agent after all, switch it off or declare `proof: started`"))
	}
	return bad(errors.New("it did not run for long enough"))
}
