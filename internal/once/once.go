// Package once reads every cluster a single time and prints the metrics: to try a declared file, or for a textfile collector.
//
// It keeps nothing: what only shows over time, such as counters of attempts, begins anew with every call.
package once

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/problems"
)

// Options is what one look works with.
type Options struct {
	// ConfigFile is the path of the declared file.
	ConfigFile string
	// Root is where /etc/pve is looked for: "/" but for tests.
	Root string
	// Metrics gets the metrics in the text format; Talk what could not be read, with hints.
	Metrics, Talk io.Writer
	Logger        *slog.Logger
	Now           func() time.Time
}

// Run reads and prints. The metrics are printed even when a cluster could not be read: they say so. The error then tells why, with hints,
// for each such cluster.
func Run(ctx context.Context, options Options) error {
	watching, err := exporter.New(exporter.Options{ConfigFile: options.ConfigFile, Root: options.Root, Logger: options.Logger, Now: options.Now})
	if err != nil {
		return err
	}
	unread := watching.Once(ctx)
	if ctx.Err() != nil {
		return errors.New("interrupted before the clusters were read")
	}
	if err := print(options.Metrics, watching); err != nil {
		return errors.Join(unread, err)
	}
	warn(options, watching)
	return unread
}

func print(w io.Writer, watching *exporter.Exporter) error {
	families, err := watching.Gatherer().Gather()
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	buffered := bufio.NewWriter(w)
	encoder := expfmt.NewEncoder(buffered, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// warn tells what is missing in the metrics although the cluster was read. What is wrong with the backups is told by the metrics.
func warn(options Options, watching *exporter.Exporter) {
	partial := []problems.Kind{problems.PermissionMissing, problems.SourceDown, problems.NodeOffline, problems.EndpointDown}
	for _, each := range problems.List(watching.Snapshots(), options.Now(), watching.ObjectStores()...) {
		if !slices.Contains(partial, each.Kind) {
			continue
		}
		of := "cluster " + each.Cluster
		if each.Store != "" {
			of = "store " + each.Store
		}
		fmt.Fprintf(options.Talk, "warning: %s: %s\n", of, each.Text)
		if each.Hint != "" {
			fmt.Fprintf(options.Talk, "hint: %s\n", each.Hint)
		}
	}
}
