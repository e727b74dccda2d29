package main

import (
	"context"
	"errors"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner"
)

// registerProvisionDump must come after registerProvision, whose command it belongs to.
func registerProvisionDump(app *kingpin.Application, env *environment) command {
	parent := app.GetCommand("provision")
	clause := parent.Command("dump", "Print what a cluster or an object store has as a declared file.").
		HelpLong("To begin with an existing set-up: save it, look at it, and `provision --dry-run` with it finds nothing to do.\n\nExamples:\n\n" +
			"    pve-backup-exporter provision dump --config.file=config.yml > declared.yml\n" +
			"    pve-backup-exporter provision dump --cluster=home\n" +
			"    pve-backup-exporter provision dump --store=minio")
	options := provisioner.DumpOptions{Root: "/", Data: env.Stdout, Talk: env.Stderr}
	file := configFileFlag(clause)
	clause.Flag("cluster", "The cluster, by its name in the declared file; the only one where it has one.").PlaceHolder("NAME").StringVar(&options.Cluster)
	clause.Flag("store", "An object store in the place of a cluster, by its name in the declared file: the Terraform states in it.").PlaceHolder("NAME").StringVar(&options.Store)
	logger := logFlags(clause, env, "error")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		options.ConfigFile, options.Logger = *file, logger()
		switch {
		case options.Store == "":
			return provisioner.Dump(ctx, options)
		case options.Cluster != "":
			return ui.Hint(errors.New("--cluster and --store are two dumps"), "print one after the other")
		}
		return provisioner.DumpStore(ctx, options)
	}}
}
