package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
)

func registerVersion(app *kingpin.Application, env *environment) command {
	clause := app.Command("version", "Print version, revision and build date.").
		HelpLong("Example:\n\n    pve-backup-exporter version")
	return command{name: clause.FullCommand(), run: func(context.Context) error {
		_, err := fmt.Fprintln(env.Stdout, version.Print(program))
		return err
	}}
}
