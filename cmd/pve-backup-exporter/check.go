package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/check"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func registerCheck(app *kingpin.Application, env *environment) command {
	clause := app.Command("check", "Look at the declared file and its clusters, and say what is wrong, why, and what to paste.").
		HelpLong("It only reads. Exit status 0 when the exporter can work, warnings or not, and 1 when a problem was found.\n\nExamples:\n\n" +
			"    pve-backup-exporter check --config.file=config.yml\n" +
			"    pve-backup-exporter check --output=json | jq '.findings[] | select(.level == \"problem\")'\n" +
			"    sudo pve-backup-exporter check      (where only root may read the secrets)")
	options := check.Options{Root: "/", Now: time.Now}
	file := configFileFlag(clause)
	output := clause.Flag("output", "How to print it: text or json.").Default("text").Enum("text", "json")
	clause.Flag("timeout", "How long all checks may take together.").Default("30s").DurationVar(&options.Timeout)
	logger := logFlags(clause, env, "error")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		options.ConfigFile, options.Logger = *file, logger()
		report := check.Run(ctx, options)
		if ctx.Err() != nil {
			return errors.New("interrupted before everything was looked at")
		}
		if err := printReport(report, *output, env); err != nil {
			return err
		}
		if report.Count(check.Problem) > 0 {
			return exitStatus(1)
		}
		return nil
	}}
}

func printReport(report check.Report, output string, env *environment) error {
	if output == "json" {
		return report.JSON(env.Stdout)
	}
	stdout, isFile := env.Stdout.(*os.File)
	return report.Text(env.Stdout, check.Style{Colour: isFile && ui.Colour(stdout), Unicode: check.Unicode(env.Getenv)})
}
