package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/daemon"
)

func registerServe(app *kingpin.Application, env *environment) command {
	clause := app.Command("serve", "Watch the clusters of the declared file and serve metrics and a page in words.").Default().
		HelpLong("SIGHUP, or POST /-/reload, loads the declared file again; one that cannot be used changes nothing. SIGTERM ends.\n\nExamples:\n\n" +
			"    pve-backup-exporter serve --config.file=config.yml --storage.path=state\n" +
			"    pve-backup-exporter serve --web.listen-address=127.0.0.1:10221 --log.level=debug\n" +
			"    curl -X POST http://localhost:10221/-/reload")
	options := daemon.Options{Root: "/", Now: time.Now}
	file := configFileFlag(clause)
	clause.Flag("storage.path", "Folder in which what is remembered is kept over restarts; empty keeps nothing.").
		Default("/var/lib/pve-backup-exporter").StringVar(&options.StoragePath)
	clause.Flag("web.telemetry-path", "Path of the metrics.").Default("/metrics").StringVar(&options.TelemetryPath)
	options.Web = kingpinflag.AddFlags(clause, ":10221")
	logger := logFlags(clause, env, "info")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		reload := make(chan os.Signal, 1)
		signal.Notify(reload, syscall.SIGHUP)
		defer signal.Stop(reload)
		options.ConfigFile, options.Logger, options.Reload = *file, logger(), reload
		options.Version, options.Privileged = version.Version, os.Geteuid() == 0
		return daemon.Run(ctx, options)
	}}
}
