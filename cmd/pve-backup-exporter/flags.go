package main

import (
	"log/slog"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
)

// flagger is what flags can be added to: the program or one of its commands.
type flagger interface {
	Flag(name, help string) *kingpin.FlagClause
}

// configFileFlag adds the flag that names the declared file.
func configFileFlag(clause flagger) *string {
	return clause.Flag("config.file", "The declared file.").Default("/etc/pve-backup-exporter/config.yml").String()
}

// logFlags adds the flags of the log, and returns how to make the logger once they are parsed. It writes to standard error.
func logFlags(clause flagger, env *environment, level string) func() *slog.Logger {
	settings := &promslog.Config{Level: promslog.NewLevel(), Format: promslog.NewFormat(), Writer: env.Stderr}
	clause.Flag(promslogflag.LevelFlagName, promslogflag.LevelFlagHelp).Default(level).HintOptions(promslog.LevelFlagOptions...).SetValue(settings.Level)
	clause.Flag(promslogflag.FormatFlagName, promslogflag.FormatFlagHelp).Default("logfmt").HintOptions(promslog.FormatFlagOptions...).SetValue(settings.Format)
	return func() *slog.Logger { return promslog.New(settings) }
}
