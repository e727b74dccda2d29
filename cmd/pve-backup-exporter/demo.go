package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/demo"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

func registerDemo(app *kingpin.Application, env *environment) command {
	clause := app.Command("demo", "Run the exporter on a simulated cluster: nothing to install.").
		HelpLong("The cluster's history ends now and goes on at normal speed.\n\nExamples:\n\n" +
			"    pve-backup-exporter demo\n" +
			"    pve-backup-exporter demo --config.out=demo.yml\n" +
			"    pve-backup-exporter check --config.file=demo.yml      (while the demo runs)")
	scenario := clause.Flag("scenario", fmt.Sprintf("A built-in scenario (%s) or the path of a scenario file.", strings.Join(pvesim.Scenarios(), ", "))).
		Default("home").String()
	out := clause.Flag("config.out", "Write a declared file, and its secret files beside it, that names the simulated cluster, so that other commands can be tried on it.").String()
	flags := kingpinflag.AddFlags(clause, ":10221")
	logger := logFlags(clause, env, "warn")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		return demo.Run(ctx, demo.Options{
			Scenario: *scenario, ConfigOut: *out, Web: flags, Talk: env.Stderr, Logger: logger(), Version: version.Version, Now: time.Now,
		})
	}}
}
