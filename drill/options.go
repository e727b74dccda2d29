package drill

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Options is what a run works with.
type Options struct {
	// ConfigFile is the path of the declared file.
	ConfigFile string
	// StoragePath is the folder of lock, journal and, unless the declared file says otherwise, results.
	StoragePath string
	// Root is where /etc/pve is looked for: "/" but for tests.
	Root string

	// Cluster limits the run to one cluster; empty means all that declare where drills are made.
	Cluster string
	// Guests names guests to drill, as 101, qemu/101 or lxc/101, whether or not their turn has come. Environments limits the choice where none
	// are named.
	Guests, Environments []string
	// Archive is the volume id to restore instead of the newest archive of the one guest that is named.
	Archive string
	// DryRun says what would be done, and does nothing. CleanOnly removes what earlier drills left, and drills nothing.
	DryRun, CleanOnly bool

	// JSON prints one JSON document to Data instead of text. Talk gets what happens meanwhile.
	JSON       bool
	Data, Talk io.Writer

	// Local is where the program runs, as far as checks by command are concerned.
	Local Local

	Logger *slog.Logger
	Now    func() time.Time

	transport http.RoundTripper                          // in place of network connections; nil but in tests
	wait      func(context.Context, time.Duration) error // nil but in tests: real time passes
}

// Local is a Proxmox VE node whose containers the program may enter.
type Local struct {
	// Node is its name; empty where the program does not run on one, or not as root.
	Node string
	// Execute runs a line of shell in a container of it. The error says what it printed last.
	Execute func(ctx context.Context, vmid int, line string) error
	// Unlock takes the lock from a guest of it that was left half restored. No token may do that.
	Unlock func(ctx context.Context, kind string, vmid int) error
}

// How often and how long things are looked at.
const (
	taskPause = 2 * time.Second
	bootPause = 5 * time.Second
	// settle is how long a guest must have been seen running where that is the proof.
	settle = 30 * time.Second
	// patience is how long a task's node may be out of reach before the drill gives up.
	patience = 5 * time.Minute
	// removal is how long stopping and destroying a guest may take in all, also after an interruption.
	removal = 15 * time.Minute
)

func (o Options) pause(ctx context.Context, length time.Duration) error {
	if o.wait != nil {
		return o.wait(ctx, length)
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
