package main

import (
	"context"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/tasklog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

func registerExplain(app *kingpin.Application, env *environment) command {
	clause := app.Command("explain", "Read a vzdump task log and say per guest what happened, why, and what to do.").
		HelpLong("Examples:\n\n" +
			"    pve-backup-exporter explain /var/log/pve/tasks/8/UPID:pve1:...\n" +
			"    pve-backup-exporter explain 'UPID:pve1:00001878:0003F603:6B038787:vzdump:200:root@pam:'\n" +
			"    ssh pve1 cat LOG | pve-backup-exporter explain --output=json -")
	name := clause.Arg("log", "A file, - for standard input, or the UPID of a task of a configured cluster.").Required().String()
	output := clause.Flag("output", "How to print it: text or json.").Default("text").Enum("text", "json")
	file := configFileFlag(clause)
	logger := logFlags(clause, env, "warn")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		finder := tasklog.Finder{
			Stdin: env.Stdin,
			Clusters: func() ([]config.Cluster, error) {
				declared, err := config.Load(*file)
				if err != nil {
					return nil, err
				}
				return declared.Clusters, nil
			},
			Connect: func(cluster config.Cluster) (tasklog.Client, error) {
				return exporter.Connect(cluster, "/", logger(), nil)
			},
		}
		if *name == "" { // what kingpin makes of a single dash
			*name = tasklog.Stdin
		}
		report, err := finder.Find(ctx, *name)
		if err != nil {
			return err
		}
		if *output == "json" {
			return explain.JSON(env.Stdout, report)
		}
		return explain.Text(env.Stdout, report)
	}}
}
