package main

import (
	"context"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/once"
)

func registerOnce(app *kingpin.Application, env *environment) command {
	clause := app.Command("once", "Read the clusters a single time and print the metrics.").
		HelpLong("Exit status 1 when a cluster could not be read. Nothing is kept from one call to the next.\n\nExamples:\n\n" +
			"    pve-backup-exporter once --config.file=config.yml\n" +
			"    pve-backup-exporter once | grep _last_attempt_failed")
	file := configFileFlag(clause)
	logger := logFlags(clause, env, "error")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		return once.Run(ctx, once.Options{ConfigFile: *file, Root: "/", Metrics: env.Stdout, Talk: env.Stderr, Logger: logger(), Now: time.Now})
	}}
}
