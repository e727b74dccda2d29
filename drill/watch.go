package drill

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

var rootOnlyText = regexp.MustCompile(`(?i)only root (can|may)|only possible for root|restoring '.*' to .* mount`)

// rootOnly reports that Proxmox VE refused what it lets only root himself do, not even his token.
func rootOnly(status string) bool { return rootOnlyText.MatchString(status) }

// watch looks at a task until it has ended, or the deadline has come. A node that cannot be reached is given some time to come back.
func (s *site) watch(ctx context.Context, node, upid string, deadline time.Time) (pve.Task, error) {
	var lostSince time.Time
	for {
		task, err := s.client.TaskStatus(ctx, node, upid)
		now := s.options.Now()
		switch {
		case err == nil && !task.Running():
			return task, nil
		case ctx.Err() != nil:
			return task, interrupted(ctx, err)
		case err == nil:
			lostSince = time.Time{}
		case !outOfReach(err):
			return task, err
		case lostSince.IsZero():
			lostSince = now
		case now.Sub(lostSince) >= patience:
			return task, unclear(ui.Hint(fmt.Errorf("node %s was lost while its task ran: %w", node, err),
				"when it is back, the next drill removes what is left there"))
		}
		if now.After(deadline) {
			return task, errLate
		}
		if err := s.options.pause(ctx, taskPause); err != nil {
			return task, interrupted(ctx, err)
		}
	}
}

// errLate says that a deadline came first.
var errLate = fmt.Errorf("it took too long")
