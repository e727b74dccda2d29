package main

import (
	"context"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/tasklog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

func registerExplain(app *kingpin.Application, env *environment) command {
	clause := app.Command("explain", "Say why a backup failed, how to confirm it, what to do, and what prevents it.").
		HelpLong("It reads a vzdump task log. For a guest it finds the newest attempts on any node, and explains the newest that failed, or the newest if none did.\n\n" +
			"Examples:\n\n" +
			"    pve-backup-exporter explain 104                  why did 104 fail last night?\n" +
			"    pve-backup-exporter explain lxc/101 --attempts=10 --cluster=home\n" +
			"    pve-backup-exporter explain 'UPID:pve1:00001878:0003F603:6B038787:vzdump:200:root@pam:'\n" +
			"    pve-backup-exporter explain /var/log/pve/tasks/8/UPID:pve1:...\n" +
			"    ssh pve1 cat LOG | pve-backup-exporter explain --output=json -")
	name := clause.Arg("what", "A guest of a configured cluster (104, qemu/104), a task of one (UPID:...), a file, or - for standard input. A file of that name comes first.").
		Required().String()
	attempts := clause.Flag("attempts", "How many attempts of a guest to look for.").Default("5").Int()
	cluster := clause.Flag("cluster", "The configured cluster to ask; all by default.").String()
	output := clause.Flag("output", "How to print it: text or json.").Default("text").Enum("text", "json")
	file := configFileFlag(clause)
	logger := logFlags(clause, env, "warn")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		finder := tasklog.Finder{
			Stdin: env.Stdin, Cluster: *cluster, Attempts: *attempts,
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
		answer, err := finder.Find(ctx, *name)
		if err != nil {
			return err
		}
		if *output == "json" {
			return explain.JSON(env.Stdout, answer)
		}
		answer.Zone = time.Local
		return explain.Text(env.Stdout, answer)
	}}
}
