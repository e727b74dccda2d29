// Command pve-backup-exporter tells whether every guest of a Proxmox VE cluster is backed up, and could be restored.
//
// The package composes: flags in, packages of the module called, words and exit status out. What a backup means is decided elsewhere.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // node-local times must be read where no zone files are installed

	"github.com/prometheus/common/version"
)

func main() { os.Exit(mainStatus()) }

// mainStatus runs the program on the real process and returns its exit status.
func mainStatus() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal asked for an orderly end, a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	if info, ok := debug.ReadBuildInfo(); ok && version.Version == "" { // built by `go install`, which stamps nothing
		version.Version = info.Main.Version
	}
	return run(ctx, os.Args[1:], commands(), &environment{
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Getenv: os.Getenv,
	})
}
