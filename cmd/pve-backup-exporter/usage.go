package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// usageTemplate is kingpin's own, shortened: commands with one line each, and the long text of a command, with its examples, in its own help.
const usageTemplate = `{{define "Arguments"}}{{range .Args}}{{if not .Hidden}} {{if not .Required}}[{{end}}` +
	`{{if .PlaceHolder}}{{.PlaceHolder}}{{else}}<{{.Name}}>{{end}}{{if .Value|IsCumulative}}...{{end}}{{if not .Required}}]{{end}}{{end}}{{end}}{{end -}}
{{define "Commands"}}Commands:
{{range .}}{{if not .Hidden}}  {{.FullCommand}}{{if .Default}} (default){{end}}
{{.Help|Wrap 6}}{{end}}{{end}}{{end -}}
{{with .Context.SelectedCommand -}}
usage: {{$.App.Name}} {{.FullCommand}}{{if .FlagSummary}} {{.FlagSummary}}{{end}}{{template "Arguments" .}}

{{.Help|Wrap 0}}
{{- if .HelpLong}}
{{.HelpLong|Wrap 0}}{{end}}
{{- else -}}
usage: {{.App.Name}} [<flags>] <command> [<args> ...]

{{.App.Help|Wrap 0}}
{{- end}}
{{if .Context.Flags}}Flags:
{{.Context.Flags|FlagsToTwoColumns|FormatTwoColumns}}{{end}}
{{- if .Context.Args}}
Args:
{{.Context.Args|ArgsToTwoColumns|FormatTwoColumns}}{{end}}
{{- if .Context.SelectedCommand}}{{if .Context.SelectedCommand.Commands}}
{{template "Commands" .Context.SelectedCommand.FlattenedCommands}}
{{- range .Context.SelectedCommand.Commands}}{{if .Default}}
Flags of {{.FullCommand}}:
{{.Flags|FlagsToTwoColumns|FormatTwoColumns}}{{end}}{{end}}{{end}}
{{- else if .App.Commands}}
{{template "Commands" .App.FlattenedCommands}}
The help of a command, with examples: {{.App.Name}} <command> --help
{{end}}`

// usageError adds to kingpin's words what the reader probably meant.
func usageError(app *kingpin.Application, args []string, err error) error {
	if word, ok := strings.CutPrefix(err.Error(), "unexpected "); ok && !strings.HasPrefix(word, "argument ") {
		err = fmt.Errorf("unexpected argument '%s'", word)
	}
	err = nameValue(app, args, err)
	chosen := selectedModel(app, args)
	if flag, unknown := unknownFlag(args, flagNames(app, chosen)); unknown {
		if guess, ok := nearest.Word(flag, flagNames(app, chosen)); ok {
			return ui.Hint(err, "did you mean --%s?", guess)
		}
	} else if word, unknown := unknownCommand(app, args); unknown {
		err = fmt.Errorf("unknown command '%s'", word)
		if guess, ok := nearest.Word(word, commandNames(app)); ok {
			return ui.Hint(err, "did you mean `%s %s`?", program, guess)
		}
		return ui.Hint(err, "`%s --help` lists the commands", program)
	}
	if chosen != nil {
		return ui.Hint(err, "`%s %s --help` shows its flags, with examples", program, chosen.FullCommand)
	}
	return ui.Hint(err, "`%s --help` lists flags and commands", program)
}

// nameValue adds to an error about a value which flag or argument it was given to, which kingpin leaves out.
func nameValue(app *kingpin.Application, args []string, err error) error {
	context, _ := app.ParseContext(args)
	if context == nil {
		return err
	}
	for _, element := range context.Elements {
		var value kingpin.Value
		var name string
		switch clause := element.Clause.(type) {
		case *kingpin.FlagClause:
			value, name = clause.Model().Value, "--"+clause.Model().Name
		case *kingpin.ArgClause:
			value, name = clause.Model().Value, "argument "+clause.Model().Name
		}
		if value == nil || element.Value == nil {
			continue
		}
		if again := value.Set(*element.Value); again != nil && again.Error() == err.Error() {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return err
}

// selectedModel returns the command that the arguments chose, as far as they could be understood; nil for none.
func selectedModel(app *kingpin.Application, args []string) *kingpin.CmdModel {
	context, _ := app.ParseContext(args)
	if context == nil || context.SelectedCommand == nil {
		return nil
	}
	return context.SelectedCommand.Model()
}

func flagNames(app *kingpin.Application, chosen *kingpin.CmdModel) []string {
	flags := app.Model().Flags
	if chosen != nil {
		flags = append(chosen.Flags, flags...)
	}
	var names []string
	for _, flag := range flags {
		if !flag.Hidden {
			names = append(names, flag.Name)
		}
	}
	return names
}

func commandNames(app *kingpin.Application) []string {
	var names []string
	for _, each := range app.Model().Commands {
		names = append(names, each.Name)
	}
	return names
}

// unknownFlag returns the first long flag among the arguments that is not known. A flag's value that looks like a flag is not told apart:
// the result only decides on a hint.
func unknownFlag(args, known []string) (string, bool) {
	for _, arg := range args {
		name, isFlag := strings.CutPrefix(arg, "--")
		if arg == "--" {
			return "", false
		}
		name, _, _ = strings.Cut(name, "=")
		if isFlag && !slices.Contains(known, name) && !slices.Contains(known, strings.TrimPrefix(name, "no-")) {
			return name, true
		}
	}
	return "", false
}

// unknownCommand returns the first argument if it stands where a command should and is none. Only the first is looked at: a later one may
// be a flag's value.
func unknownCommand(app *kingpin.Application, args []string) (string, bool) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || slices.Contains(commandNames(app), args[0]) {
		return "", false
	}
	return args[0], true
}
