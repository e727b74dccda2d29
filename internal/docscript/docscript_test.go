package docscript

import (
	"fmt"
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	for script, want := range map[string]string{
		"qm start 100\n":                                "[qm start 100]",
		"A=b qm start \\\n  100 --x 'y z'":              "[qm start 100 --x y z]",
		"cat x | grep -E '^(a|b)' > /tmp/y && ls\n":     "[cat x] [grep -E ^(a|b)] [ls]",
		"A=\"$(grep x y | awk '{ print $2; }')\"\nls\n": "[ls]",
		"cat > f <<'END'\nqm broken\nEND\nls # no\n":    "[cat] [ls]",
		"curl \"http://x?a&b\" |\n  perl -ne 'a | b'":   "[curl http://x?a&b] [perl -ne a | b]",
		"# qm start\n\n":                                "",
		"echo $(date +%s) \"a $(b \"c\") d\"":           "[echo $(date +%s) a $(b \"c\") d]",
	} {
		got, err := Commands(script)
		if text := strings.Trim(fmt.Sprint(got), "[]"); err != nil || text != strings.Trim(want, "[]") {
			t.Errorf("%q: got %v, %v, want %s", script, got, err, want)
		}
	}
	for _, script := range []string{"echo 'a", "echo \"a", "echo $(a", "cat <<END\nx\n"} {
		if got, err := Commands(script); err == nil {
			t.Errorf("%q: got %v", script, got)
		}
	}
}

func TestBlocks(t *testing.T) {
	page := "text\n\n1. step\n\n   ```sh run=a\n   ls\n     deep\n   ```\n\n```text output=a\nb\n```\n"
	got := Blocks(page)
	want := []Block{{Language: "sh", Run: "a", Text: "ls\n  deep\n", Line: 6}, {Language: "text", Output: "a", Text: "b\n", Line: 11}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
