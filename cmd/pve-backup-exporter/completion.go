package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const completionHelp = `Each script asks the program itself for completions, so it stays right after an upgrade.

Examples:

    pve-backup-exporter completion bash > /etc/bash_completion.d/pve-backup-exporter
    pve-backup-exporter completion zsh > "${fpath[1]}/_pve-backup-exporter"
    pve-backup-exporter completion fish > ~/.config/fish/completions/pve-backup-exporter.fish`

// fishTemplate is written like kingpin's templates for bash and zsh: the words so far go to --completion-bash, which answers one candidate a line.
const fishTemplate = `function __{{.App.Name}}_complete
    set -l before (commandline -opc)
    $before[1] --completion-bash $before[2..-1] (commandline -ct)
    echo
end
complete --command {{.App.Name}} --arguments '(__{{.App.Name}}_complete)'
`

// completesCommand reports whether the arguments ask for the completion of the first word, and it begins no flag. There kingpin would offer
// what may follow the default command: nothing.
func completesCommand(args []string) bool {
	if len(args) == 0 || args[0] != "--completion-bash" {
		return false
	}
	return len(args) == 1 || len(args) == 2 && !strings.HasPrefix(args[1], "-")
}

func registerCompletion(app *kingpin.Application, env *environment) command {
	templates := map[string]string{
		"bash": kingpin.BashCompletionTemplate,
		"zsh":  kingpin.ZshCompletionTemplate,
		"fish": fishTemplate,
	}
	clause := app.Command("completion", "Print a script that completes commands and flags in a shell.").HelpLong(completionHelp)
	shell := clause.Arg("shell", "bash, zsh or fish.").Required().HintOptions("bash", "zsh", "fish").String()
	return command{name: clause.FullCommand(), run: func(context.Context) error {
		script, known := templates[*shell]
		if !known {
			return ui.Hint(fmt.Errorf("no completion for the shell '%s'", *shell), "the shells are bash, zsh and fish")
		}
		parsed, err := app.ParseContext(nil)
		if err != nil {
			return err
		}
		return app.UsageWriter(env.Stdout).UsageForContextWithTemplate(parsed, 2, script)
	}}
}
