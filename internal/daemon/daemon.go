// Package daemon runs the exporter as a service: it loads, checks what must be there, refreshes, serves, reloads and ends cleanly.
//
// It composes internal/exporter and internal/server and knows neither flags nor the process: signals come as channels.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sync/errgroup"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/server"
)

// Options is what the service works with.
type Options struct {
	// ConfigFile is the path of the declared file.
	ConfigFile string
	// StoragePath is the folder of the state; empty keeps nothing over a restart.
	StoragePath string
	// TelemetryPath is the path of the metrics.
	TelemetryPath string
	Web           *web.FlagConfig
	// Root is where /etc/pve is looked for: "/" but for tests.
	Root    string
	Version string
	// Privileged tells that the process runs as root, which it need not.
	Privileged bool
	// Reload asks for the declared file to be loaded again, each time something comes.
	Reload <-chan os.Signal
	Logger *slog.Logger
	Now    func() time.Time
}

// Run serves until the context ends; the state is written by then. What keeps it from starting is an error with a hint: a declared file that
// cannot be used, a token's secret that cannot be read, a folder that cannot be written, an address that cannot be had.
func Run(ctx context.Context, options Options) error {
	logger := options.Logger
	watching, err := exporter.New(exporter.Options{
		ConfigFile: options.ConfigFile, StoragePath: options.StoragePath, Root: options.Root, Logger: logger, Now: options.Now,
	})
	if err != nil {
		return err
	}
	if err := errors.Join(checkSecrets(watching.File()), checkStorage(options.StoragePath)); err != nil {
		return err
	}
	pages, err := server.New(server.Options{
		Exporter: watching, TelemetryPath: options.TelemetryPath, Version: options.Version, Logger: logger, Now: options.Now,
	})
	if err != nil {
		return err
	}
	if options.Privileged {
		logger.Warn("running as root is not needed: run as a user of its own, as deploy/systemd does")
	}
	logger.Info("starting", "version", options.Version, "config", options.ConfigFile, "state", options.StoragePath)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return watching.Run(ctx) })
	group.Go(func() error { return server.Listen(ctx, pages, options.Web, logger) })
	group.Go(func() error {
		reloads(ctx, pages, options.Reload)
		return nil
	})
	err = group.Wait()
	logger.Info("ended")
	return err
}

// reloads obeys until the context ends. A reload that fails is logged and shown, and ends nothing.
func reloads(ctx context.Context, pages *server.Server, asked <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			_ = pages.Reload()
		}
	}
}

// checkSecrets reads the exporter's secrets once, and only those: a service that could never ask anything should say so when it is started,
// not in its metrics. They are read again for each request, so that a new one needs no restart.
func checkSecrets(file *config.File) error {
	var failures []error
	for _, cluster := range file.Clusters {
		if cluster.Exporter == nil {
			continue
		}
		if _, err := cluster.Exporter.Secret(); err != nil {
			failures = append(failures, fmt.Errorf("cluster %s: %w", cluster.Name, err))
		}
	}
	return errors.Join(failures...)
}
