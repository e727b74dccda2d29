package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// stub registers a command that runs the given function.
func stub(name string, do func(context.Context) error) register {
	return func(app *kingpin.Application, _ *environment) command {
		return command{name: app.Command(name, "Does what the test wants.").FullCommand(), run: do}
	}
}

func runWith(registers []register, args ...string) (status int, stdout, stderr string) {
	var out, talk bytes.Buffer
	status = run(context.Background(), args, registers, &environment{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk, Getenv: func(string) string { return "" },
	})
	return status, out.String(), talk.String()
}

func TestRunPrintsAnErrorWithItsHints(t *testing.T) {
	fail := stub("fail", func(context.Context) error {
		return ui.Hint(errors.New("config.yml: no such file"), "name one with --config.file")
	})
	status, stdout, stderr := runWith([]register{fail}, "fail")
	want := "pve-backup-exporter: error: config.yml: no such file\nhint: name one with --config.file\n"
	if status != 1 || stdout != "" || stderr != want {
		t.Errorf("status %d, stdout %q, stderr %q; want 1, nothing, %q", status, stdout, stderr, want)
	}
}

func TestRunKeepsTheStatusOfACommandThatSaidEverything(t *testing.T) {
	quiet := stub("quiet", func(context.Context) error { return exitStatus(2) })
	if status, stdout, stderr := runWith([]register{quiet}, "quiet"); status != 2 || stdout+stderr != "" {
		t.Errorf("status %d, stdout %q, stderr %q; want 2 and no word", status, stdout, stderr)
	}
}

func TestRunTurnsAPanicIntoOneErrorWithoutAStack(t *testing.T) {
	broken := stub("broken", func(context.Context) error { panic("index out of range") })
	status, _, stderr := runWith([]register{broken}, "broken")
	if status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if len(lines) != 2 {
		t.Fatalf("want one error and one hint, got:\n%s", stderr)
	}
	for _, part := range []string{"internal error: index out of range", "TestRunTurnsAPanic", "app_test.go:"} {
		if !strings.Contains(lines[0], part) {
			t.Errorf("%q does not say %q", lines[0], part)
		}
	}
	if !strings.HasPrefix(lines[1], "hint: ") || !strings.Contains(lines[1], "report") {
		t.Errorf("the hint does not ask for a report: %q", lines[1])
	}
	if strings.Contains(stderr, "goroutine") {
		t.Errorf("a stack trace was printed:\n%s", stderr)
	}
}

func TestRunNamesThePlaceOfARuntimePanic(t *testing.T) {
	var missing map[string]int
	broken := stub("broken", func(context.Context) error { missing["key"] = 1; return nil })
	if _, _, stderr := runWith([]register{broken}, "broken"); !strings.Contains(stderr, "app_test.go:") {
		t.Errorf("%q does not name the place", stderr)
	}
}

func TestRunHandsTheContextOver(t *testing.T) {
	type key struct{}
	seen := false
	look := stub("look", func(ctx context.Context) error { seen = ctx.Value(key{}) == "kept"; return nil })
	ctx := context.WithValue(context.Background(), key{}, "kept")
	run(ctx, []string{"look"}, []register{look}, &environment{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}})
	if !seen {
		t.Error("the command did not get the context of run")
	}
}

// A default command must neither swallow a mistyped command nor hide which flag was meant.
func TestUsageErrorsBesideADefaultCommand(t *testing.T) {
	ran := false
	serve := func(app *kingpin.Application, _ *environment) command {
		clause := app.Command("serve", "Serves.").Default()
		clause.Flag("web.listen-address", "Address.").String()
		clause.Flag("web.config.file", "File.").String()
		clause.Flag("log.format", "Format.").Default("logfmt").Enum("logfmt", "json")
		clause.Flag("interval", "Interval.").Duration()
		return command{name: clause.FullCommand(), run: func(context.Context) error { ran = true; return nil }}
	}
	registers := []register{serve, registerVersion}
	for _, test := range []struct {
		args []string
		want string // part of what is said; empty: the default command runs
	}{
		{nil, ""},
		{[]string{"--web.listen-address=:9"}, ""},
		{[]string{"--no-such"}, "hint: `pve-backup-exporter serve --help` shows its flags"},
		{[]string{"--listen-address=:9"}, "hint: did you mean --web.listen-address?"},
		{[]string{"--web.listenaddress", ":9"}, "hint: did you mean --web.listen-address?"},
		{[]string{"serv"}, "error: unknown command 'serv'\nhint: did you mean `pve-backup-exporter serve`?"},
		{[]string{"vesrion"}, "hint: did you mean `pve-backup-exporter version`?"},
		{[]string{"--log.format=xml"}, "error: --log.format: enum value must be one of logfmt,json, got 'xml'"},
		{[]string{"serve", "--interval", "soon"}, "error: --interval: time: invalid duration"},
		{[]string{"--web.config.file"}, "error: expected argument for flag '--web.config.file'"},
		{[]string{"serve", "extra"}, "error: unexpected argument 'extra'"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			ran = false
			status, _, stderr := runWith(registers, test.args...)
			if ran != (test.want == "") || (status == 0) != ran || !strings.Contains(stderr, test.want) {
				t.Errorf("ran %v, status %d, stderr %q; want %q", ran, status, stderr, test.want)
			}
		})
	}
}

func TestHelpOfEveryCommandHasAnExample(t *testing.T) {
	app := kingpin.New(program, about)
	for _, register := range commands() {
		name := register(app, &environment{}).name
		status, help, stderr := runWith(commands(), append(strings.Fields(name), "--help")...)
		if status != 0 || stderr != "" {
			t.Errorf("%s --help: status %d, stderr %q", name, status, stderr)
		}
		if !strings.Contains(help, "Example") || !strings.Contains(help, "\n  "+program+" "+name) {
			t.Errorf("%s --help shows no example of a call:\n%s", name, help)
		}
	}
}
