package provisioner

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Options is what a run works with.
type Options struct {
	// ConfigFile is the path of the declared file.
	ConfigFile string
	// StoragePath is the folder of the lock and of the memory. A dry run only reads it.
	StoragePath string
	// Root is where /etc/pve is looked for: "/" but for tests.
	Root string

	// Environments limits the run to these; empty means all.
	Environments []string
	Policy       plan.Policy
	// Accepted names the risks that the user takes: see plan.Risks.
	Accepted []string
	// DryRun ends the run after the plan was printed.
	DryRun bool
	// RotateSecrets sends every declared secret again.
	RotateSecrets bool

	// JSON prints one JSON document to Data instead of text.
	JSON bool
	// Data gets the plan and the resulting jobs; Talk what happens meanwhile, warnings and what to do about them.
	Data, Talk io.Writer
	// Colour decorates the text of Data, TalkColour that of Talk.
	Colour, TalkColour bool

	Logger *slog.Logger
	Now    func() time.Time

	transport http.RoundTripper // in place of network connections; nil but in tests
	hooks     hooks
}

// hooks are what tests put in the place of a container's own system. All are empty otherwise.
type hooks struct {
	wait   func(ctx context.Context, d time.Duration) error // in place of time that passes
	ssh    func(address string) string                      // finds the SSH server that answers for an address
	prefix string                                           // of every path in the container
}
