package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const program = "pve-backup-exporter"

const about = `Is every guest of this Proxmox VE cluster backed up, and could I restore it? Prometheus metrics that answer.

Exit status: 0 all is well, 1 an error or a problem that was found, a wrong flag included.`

// run parses the arguments, runs the command that they select and returns the exit status. Every error is printed here and nowhere else.
func run(ctx context.Context, args []string, registers []register, env *environment) (status int) {
	defer func() {
		if value := recover(); value != nil {
			ui.PrintError(env.Stderr, program, internalError(value))
			status = 1
		}
	}()
	selected, err := parse(args, registers, env)
	if err == nil {
		err = selected.run(ctx)
	}
	var silent exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &silent):
		return int(silent)
	default:
		ui.PrintError(env.Stderr, program, err)
		return 1
	}
}

// ended is how kingpin's wish to end the process leaves the parser: it printed help, the version or completions.
type ended struct{ status int }

func parse(args []string, registers []register, env *environment) (selected command, err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case ended:
			selected, err = command{}, exitStatus(value.status)
		default:
			panic(value)
		}
	}()
	app := kingpin.New(program, about)
	app.UsageTemplate(usageTemplate).UsageWriter(env.Stdout).ErrorWriter(env.Stderr)
	app.Terminate(func(status int) { panic(ended{status}) })
	app.Version(version.Print(program))
	app.HelpFlag.Short('h').Help("Show help; that of a command has examples.")
	byName := make(map[string]command, len(registers))
	for _, register := range registers {
		each := register(app, env)
		byName[each.name] = each
	}
	if completesCommand(args) {
		fmt.Fprint(env.Stdout, strings.Join(commandNames(app), "\n"))
		return command{}, exitStatus(0)
	}
	name, err := app.Parse(args)
	if err != nil {
		return command{}, usageError(app, args, err)
	}
	return byName[name], nil
}

// internalError words a panic as an error of one line. It names the place instead of printing a stack: that is enough to report it, and a
// stack would show arguments.
func internalError(value any) error {
	err := fmt.Errorf("internal error: %v (%s)", value, panicPlace())
	return ui.Hint(err, "this is a fault of the program: please report this line, with the output of `%s version`", program)
}

// panicPlace returns function, file and line of the innermost frame below the panic that is not the runtime's own.
func panicPlace() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		if panicking && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf("%s, %s:%d", path.Base(frame.Function), path.Base(frame.File), frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return "place unknown"
		}
	}
}
