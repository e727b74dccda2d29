package drill

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
)

// The programs of a Proxmox VE node that can do what its API cannot: enter a container, and take the lock from a guest.
const (
	pct = "/usr/sbin/pct"
	qm  = "/usr/sbin/qm"
)

// commandTimeout is how long one of them may take.
const commandTimeout = time.Minute

// ThisNode returns the node that the program runs on, if it is one and runs as root: only then can a declared command be run in a restored
// container, and a guest be unlocked that was left half restored. It is the one place where this product starts other programs.
func ThisNode() Local {
	name, err := os.Hostname()
	if _, missing := os.Stat(pct); err != nil || missing != nil || os.Geteuid() != 0 {
		return Local{}
	}
	name, _, _ = strings.Cut(name, ".")
	return Local{
		Node: name,
		Execute: func(ctx context.Context, vmid int, line string) error {
			return start(ctx, pct, "exec", strconv.Itoa(vmid), "--", "sh", "-c", line)
		},
		Unlock: func(ctx context.Context, kind string, vmid int) error {
			if kind == plan.Container {
				return start(ctx, pct, "unlock", strconv.Itoa(vmid))
			}
			return start(ctx, qm, "unlock", strconv.Itoa(vmid))
		},
	}
}

// start runs a program and returns an error with the last line that it printed.
func start(ctx context.Context, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...) //nolint:gosec // two fixed programs, a number, and a line of the operator's own for a container that is thrown away
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	return fmt.Errorf("%w: %.200q", err, lines[len(lines)-1])
}
