package main

import (
	"context"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill"
)

func registerDrill(app *kingpin.Application, env *environment) command {
	clause := app.Command("drill", "Restore backups for a trial, prove that what was restored comes up, remove it again, and remember the result.").
		HelpLong("Without --guest it drills the guests whose turn it is, so that with a run a day each guest's turn comes within the period that the declared file says. " +
			"A scratch guest has an id that is kept for drills, no network and no devices of the node. It is always removed: by this run, or by the next one, which " +
			"first clears what an earlier one left.\n\n" +
			"Exit status 0, or 1 when a drill did not succeed or something is left behind.\n\nExamples:\n\n" +
			"    pve-backup-exporter drill --dry-run\n" +
			"    pve-backup-exporter drill --guest=101 --storage.path=/var/lib/pve-backup-drill\n" +
			"    pve-backup-exporter drill --guest=lxc/102 --archive=backup-nfs:backup/vzdump-lxc-102-2026_11_22-01_00_03.tar.zst\n" +
			"    pve-backup-exporter drill --clean-only")
	options := drill.Options{Root: "/", Now: time.Now, Data: env.Stdout, Talk: env.Stderr}
	file := configFileFlag(clause)
	clause.Flag("storage.path", "Folder of the drills' lock, their journal and, unless the declared file names another file, their results.").
		Default("/var/lib/pve-backup-exporter").StringVar(&options.StoragePath)
	clause.Flag("cluster", "Only this cluster.").PlaceHolder("NAME").StringVar(&options.Cluster)
	clause.Flag("environment", "Choose only among the guests of this environment; may be repeated.").PlaceHolder("NAME").StringsVar(&options.Environments)
	clause.Flag("guest", "Drill this guest, such as 101 or lxc/101, whether or not its turn has come; may be repeated.").PlaceHolder("ID").StringsVar(&options.Guests)
	clause.Flag("archive", "Restore this archive of the guest, by its volume id, instead of the newest one.").PlaceHolder("VOLUME").StringVar(&options.Archive)
	clause.Flag("dry-run", "Say which guests would be drilled, and how. Nothing is done.").BoolVar(&options.DryRun)
	clause.Flag("clean-only", "Remove what earlier drills left, and drill nothing.").BoolVar(&options.CleanOnly)
	output := clause.Flag("output", "How to print the results: text or json.").Default("text").Enum("text", "json")
	logger := logFlags(clause, env, "error")
	return command{name: clause.FullCommand(), run: func(ctx context.Context) error {
		options.ConfigFile, options.Logger, options.JSON = *file, logger(), *output == "json"
		options.Local = drill.ThisNode()
		return drill.Run(ctx, options)
	}}
}
