package main

import (
	"context"
	"io"

	"github.com/alecthomas/kingpin/v2"
)

// environment is all that a command sees of the process that it runs in, so that a test can give it another one.
type environment struct {
	Stdin  io.Reader
	Stdout io.Writer // data: what a script would read
	Stderr io.Writer // talk: errors, hints, progress
	Getenv func(name string) string
}

// command is one subcommand, ready to run once its flags are parsed.
type command struct {
	name string // as kingpin names the selected command: "serve", "provision dump"
	run  func(ctx context.Context) error
}

// register declares one subcommand's flags and arguments on app and returns how to run it. It must do nothing else: all commands are
// registered at every start.
type register func(app *kingpin.Application, env *environment) command

// commands lists the subcommands in the order in which help shows them. Each lives in the file of its name.
func commands() []register {
	return []register{
		registerServe,
		registerCheck,
		registerOnce,
		registerProvision,
		registerProvisionDump,
		registerDrill,
		registerExplain,
		registerMixin,
		registerDemo,
		registerCompletion,
		registerVersion,
	}
}

// exitStatus is the error of a command that said everything itself and only has a status left to give.
type exitStatus int

func (exitStatus) Error() string { return "the command reported a problem" }
