package docs

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/docscript"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

var update = flag.Bool("update", false, "write into the restore pages what the commands print")

// follower does what the restore page says, in a folder of its own that is its home, too.
type follower struct {
	t      *testing.T
	page   []docscript.Block
	home   string
	folder string            // where it is after the last cd, below home
	reads  map[string]string // what it reads in place of what the page says: addresses, keys, ids
	failed bool              // the next block may end with an error
}

func follow(t *testing.T) *follower {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed: the page's commands are not run")
	}
	return &follower{t: t, page: docscript.Blocks(pages(t)[restorePage]), home: t.TempDir(), reads: map[string]string{}}
}

// block returns the only block of which a function is true.
func (f *follower) block(what string, is func(docscript.Block) bool) docscript.Block {
	f.t.Helper()
	var found []docscript.Block
	for _, block := range f.page {
		if is(block) {
			found = append(found, block)
		}
	}
	if len(found) != 1 {
		f.t.Fatalf("%d blocks with %s in the page", len(found), what)
	}
	return found[0]
}

// run types the block of that name, and compares what it prints with what the page says about it.
func (f *follower) run(name string) string {
	f.t.Helper()
	script := f.block("run="+name, func(b docscript.Block) bool { return b.Run == name }).Text
	for page, real := range f.reads {
		script = strings.ReplaceAll(script, page, real)
	}
	if strings.HasPrefix(script, "cd ") { // pages say so where one comes from elsewhere
		f.folder = ""
	}
	said := f.shell(script)
	if strings.HasPrefix(script, "cd ") {
		f.folder = strings.TrimPrefix(strings.SplitN(script, "\n", 2)[0], "cd ")
	}
	for _, block := range f.page {
		if block.Within != name {
			continue
		}
		for _, line := range strings.Split(strings.TrimSpace(block.Text), "\n") {
			if !strings.Contains(said, line) {
				f.t.Errorf("%s does not print %q, but\n%s", name, line, said)
			}
		}
	}
	return said
}

// shell runs commands as somebody would who stops at the first error.
func (f *follower) shell(script string) string {
	f.t.Helper()
	var said, trouble bytes.Buffer
	command := exec.CommandContext(f.t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Dir = filepath.Join(f.home, f.folder)
	command.Env = append(os.Environ(), "HOME="+f.home)
	command.Stdout, command.Stderr = &said, &trouble
	if err := command.Run(); err != nil && !f.failed {
		f.t.Fatalf("%s\n%v\n%s%s", script, err, said.String(), trouble.String())
	}
	f.failed = false
	return said.String()
}

func (f *follower) write(name, text string) {
	f.t.Helper()
	path := filepath.Join(f.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// Procedure 5, on the simulated cluster of the demo on the same morning in every run: the page shows what is printed, letter by letter.
func TestTheDiagnosisIsAsThePageShowsIt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	f := follow(t)
	scenario, err := pvesim.LoadScenario("home")
	if err != nil {
		t.Fatal(err)
	}
	clock := pvesim.NewClock(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	server, err := scenario.Build(pvesim.Options{Now: clock.Now}).Start("pve1")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	f.write("ca.pem", string(server.CAPEM))
	f.write("secret", pvesim.ExporterSecret+"\n")
	f.write("config.yml", fmt.Sprintf("version: 1\nclusters:\n  home:\n    endpoints: [%q]\n    ca_file: ca.pem\n    exporter: {token_id: %s, token_secret_file: secret}\n",
		server.URL, pvesim.ExporterToken))
	// The page leaves out where the declared file is: it is in its usual place.
	f.write("bin/pve-backup-exporter", fmt.Sprintf("#!/bin/sh\nexec %s \"$@\" --config.file=%s/config.yml\n", testprogram.Exporter(t), f.home))
	if err := os.Chmod(filepath.Join(f.home, "bin", "pve-backup-exporter"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(f.home, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("TZ", "Europe/Paris")
	for _, name := range []string{"explain-guest", "explain-log"} {
		got := f.run(name)
		shown := f.block("output="+name, func(b docscript.Block) bool { return b.Output == name })
		if *update {
			replaceOutput(t, name, got)
		} else if got != shown.Text {
			t.Errorf("%s prints other things than the page shows (-update takes it over):\n%s", name, got)
		}
	}
}

// replaceOutput writes what a block prints into both pages.
func replaceOutput(t *testing.T, name, text string) {
	t.Helper()
	for _, page := range []string{restorePage, restorePageFrench} {
		before, rest, found := strings.Cut(pages(t)[page], "```text output="+name+"\n")
		if !found {
			t.Fatalf("%s has no output of %s", page, name)
		}
		indent := before[strings.LastIndexByte(before, '\n')+1:]
		_, after, _ := strings.Cut("\n"+rest, "\n"+indent+"```\n")
		var indented strings.Builder
		for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
			indented.WriteString(strings.TrimRight(indent+line, " ") + "\n")
		}
		whole := before + "```text output=" + name + "\n" + indented.String() + indent + "```\n" + after
		if err := os.WriteFile(filepath.Join(root, page), []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
