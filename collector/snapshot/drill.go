package snapshot

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"

// Drill is what is known of the restore drills of one guest: those that ended with a verdict about its backup. A proof is started, agent or
// command.
type Drill struct {
	Guest       string // qemu/100, lxc/101
	Environment string

	LastRun Seconds // the end of the last drill, up to its proof or failure
	Failed  bool    // what came of it
	Proof   string  // that it took, or was to take; empty where it did not come that far
	// Stage and Reason say, of a failed one, where and why it ended, for the landing page. They never hold a secret and are never a label.
	Stage, Reason string

	LastSuccess  Seconds
	SuccessProof string
	// Duration is how long the last successful one took from the beginning of the restore until its proof, in seconds.
	Duration optional.Value[float64]

	Due Seconds // when the next success must exist; unknown for a guest that need not be drilled
}
