// Package lint holds the pinned linters, as tools of a module of their own, and proves that the project's rules on imports bite.
package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestImportRules lints a small module of the same layout. A line that breaks a rule says so by a comment, "// want: part of the message";
// every other line must pass.
func TestImportRules(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/rules.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rules, err := os.ReadFile("../../.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	files := append(archive.Files, txtar.File{Name: ".golangci.yml", Data: rules})
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	want := wanted(archive)
	got := lint(t, dir)
	if len(want) == 0 {
		t.Fatal("testdata/rules.txtar wants nothing")
	}
	for place, part := range want {
		if !strings.Contains(got[place], part) {
			t.Errorf("%s: want a finding with %q, got %q", place, part, got[place])
		}
	}
	for place, message := range got {
		if _, ok := want[place]; !ok {
			t.Errorf("%s: unwanted finding: %s", place, message)
		}
	}
}

// wanted returns the part of a message that is wanted at each "file:line".
func wanted(archive *txtar.Archive) map[string]string {
	mark := regexp.MustCompile(`// want: (.+)$`)
	want := map[string]string{}
	for _, file := range archive.Files {
		for number, line := range strings.Split(string(file.Data), "\n") {
			if found := mark.FindStringSubmatch(line); found != nil {
				want[fmt.Sprintf("%s:%d", file.Name, number+1)] = found[1]
			}
		}
	}
	return want
}

// lint runs the linters that hold the import rules and returns the messages at each "file:line".
func lint(t *testing.T, dir string) map[string]string {
	t.Helper()
	linter, err := exec.Command("go", "tool", "-n", "golangci-lint").Output()
	if err != nil {
		t.Fatalf("building golangci-lint: %v", err)
	}
	cmd := exec.Command(strings.TrimSpace(string(linter)), "run", "--enable-only=depguard,forbidigo", "--output.json.path=stdout", "--show-stats=false", "./...")
	cmd.Dir = dir
	cmd.Env = slices.Concat(os.Environ(), []string{"GOFLAGS=-mod=mod", "GOWORK=off", "GOLANGCI_LINT_CACHE=" + t.TempDir()})
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() != 1 { // 1: there are findings
		t.Fatalf("golangci-lint: %v\n%s", err, exit.Stderr)
	}
	var report struct {
		Issues []struct {
			FromLinter, Text string
			Pos              struct {
				Filename string
				Line     int
			}
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v in the output of golangci-lint: %s", err, out)
	}
	got := map[string]string{}
	for _, issue := range report.Issues {
		got[fmt.Sprintf("%s:%d", filepath.ToSlash(issue.Pos.Filename), issue.Pos.Line)] += issue.FromLinter + ": " + issue.Text + "\n"
	}
	return got
}
