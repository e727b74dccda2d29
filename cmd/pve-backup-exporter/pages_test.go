package main

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/docscript"
)

// A page for the night must not show a command that this program would refuse: its own parser reads them all.
func TestThePagesForTheNightShowCommandsThatExist(t *testing.T) {
	count := 0
	for _, page := range []string{"../../docs/BACKUP-RESTORE.md", "../../docs/fr/BACKUP-RESTORE.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		var scripts []string
		for _, block := range docscript.Blocks(string(text)) {
			if block.Language == "sh" {
				scripts = append(scripts, block.Text)
			}
		}
		for _, inline := range regexp.MustCompile("`("+program+" [^`\n]+)`").FindAllStringSubmatch(string(text), -1) {
			scripts = append(scripts, inline[1])
		}
		for _, script := range scripts {
			lines, err := docscript.Commands(script)
			if err != nil {
				t.Errorf("%s: %v", page, err)
			}
			for _, words := range lines {
				if words[0] != program {
					continue
				}
				count++
				var trouble bytes.Buffer
				if _, err := parse(words[1:], commands(), &environment{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &trouble}); err != nil {
					t.Errorf("%s: %s: %v %s", page, strings.Join(words, " "), err, trouble.String())
				}
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d commands were found", count)
	}
}
