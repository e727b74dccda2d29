package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/mixingen"
)

func registerMixin(app *kingpin.Application, env *environment) command {
	clause := app.Command("mixin", "Dashboards for Grafana and alerting rules for Prometheus.").
		Command("generate", "Write dashboards and alerting rules, with your own thresholds.").
		HelpLong("The files go to dashboards/ and alerts/ below the output directory. docs/alerts.md lists what can be set.\n\nExamples:\n\n" +
			"    pve-backup-exporter mixin generate --output-dir=.\n" +
			"    pve-backup-exporter mixin generate --output-dir=. --config=mixin.yml\n" +
			"    pve-backup-exporter mixin generate --output-dir=. --kubernetes")
	dir := clause.Flag("output-dir", "The directory to write to.").PlaceHolder("DIR").Required().String()
	config := clause.Flag("config", "A YAML file with settings; what it leaves out stays at its default.").PlaceHolder("FILE").String()
	kubernetes := clause.Flag("kubernetes", "Write the rules as a PrometheusRule of the Prometheus operator, to kubernetes/.").Bool()
	return command{name: clause.FullCommand(), run: func(context.Context) error {
		settings, err := mixingen.Load(*config)
		if err != nil {
			return err
		}
		files, err := mixingen.Files(settings, *kubernetes)
		if err != nil {
			return err
		}
		if err := mixingen.Write(*dir, files); err != nil {
			return err
		}
		for _, file := range files {
			fmt.Fprintln(env.Stdout, filepath.Join(*dir, filepath.FromSlash(file.Path)))
		}
		return nil
	}}
}
