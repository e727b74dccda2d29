package main

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// withChanges is the exit status of --detailed-exitcode where something had to be written.
const withChanges = 2

func registerProvision(app *kingpin.Application, env *environment) command {
	parent := app.Command("provision", "Make clusters and object stores match the declared file, or show what would have to be done.").
		HelpLong("Without a further word it is `provision apply`, with whose flags it may be called.\n\nExamples:\n\n" +
			"    pve-backup-exporter provision --dry-run --config.file=config.yml\n" +
			"    pve-backup-exporter provision --environment=prod\n" +
			"    pve-backup-exporter provision dump > declared.yml")
	clause := parent.Command("apply", "Make clusters and object stores match the declared file: jobs, storages, which disks are in the backup; buckets, access keys and backend files of Terraform's states.").Default().
		HelpLong("It reads, prints a plan and carries it out; a second run finds nothing to do. It stops at the first error: run it again, it goes on from there." +
			" Nothing is removed without --policy=sync, and then only jobs that it made.\n\n" +
			"Exit status 0, or 1 after an error; with --detailed-exitcode 2 where something had to be written.\n\nExamples:\n\n" +
			"    pve-backup-exporter provision --dry-run --config.file=config.yml\n" +
			"    pve-backup-exporter provision apply --environment=prod\n" +
			"    pve-backup-exporter provision --dry-run --detailed-exitcode --output=json | jq '.changes'")
	options := provisioner.Options{Root: "/", Now: time.Now, Data: env.Stdout, Talk: env.Stderr}
	file := configFileFlag(clause)
	clause.Flag("storage.path", "Folder of provision's lock and memory: which storages and buckets it made, and keyed hashes of the secrets that it sent.").
		Default("/var/lib/pve-backup-exporter").StringVar(&options.StoragePath)
	clause.Flag("dry-run", "Print the plan and change nothing.").BoolVar(&options.DryRun)
	detailed := clause.Flag("detailed-exitcode", "Exit with 2 where something had to be written, or would have to be.").Bool()
	output := clause.Flag("output", "How to print it: text or json.").Default("text").Enum("text", "json")
	clause.Flag("environment", "Only this environment; may be repeated.").PlaceHolder("NAME").StringsVar(&options.Environments)
	policy := clause.Flag("policy", "upsert-only creates and changes; sync also removes the jobs that provision made and the file no longer names.").
		Default(string(plan.UpsertOnly)).Enum(words(plan.Policies())...)
	clause.Flag("accept-risk", "Carry out a plan although it was refused for this risk; may be repeated.").PlaceHolder("NAME").EnumsVar(&options.Accepted, plan.Risks()...)
	clause.Flag("rotate-secrets", "Send every declared secret of a storage again.").BoolVar(&options.RotateSecrets)
	logger := logFlags(clause, env, "error")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		options.ConfigFile, options.Logger = *file, logger()
		options.JSON, options.Policy = *output == "json", plan.Policy(*policy)
		options.Colour, options.TalkColour = coloured(env.Stdout), coloured(env.Stderr)
		changed, err := provisioner.Run(ctx, options)
		if err == nil && changed && *detailed {
			return exitStatus(withChanges)
		}
		return err
	}}
}

// coloured reports whether what is written to w may be decorated.
func coloured(w io.Writer) bool {
	file, isFile := w.(*os.File)
	return isFile && ui.Colour(file)
}

// words are the texts of a list of names.
func words[T ~string](names []T) []string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return texts
}
