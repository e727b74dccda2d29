package check

import (
	"encoding/json"
	"strings"
	"testing"
)

func example() Report {
	broken := found(Problem, "config.yml:3:5: unknown key `endpoint`").advise("did you mean `endpoints`?")
	broken.Excerpt = "    endpoint: x\n    ^"
	home := found(Warning, "the clock is off").because("first line\nsecond line").advise("set it", "timedatectl", "chronyc tracking").advise("or not")
	home.Cluster = "home"
	fine := found(OK, "3 nodes")
	fine.Cluster = "home"
	told := found(Info, "one\x1b[31mred\u202e guest")
	told.Cluster = "off"
	return Report{File: "config.yml", Findings: []Finding{broken, fine, home, told}}
}

func TestText(t *testing.T) {
	const plain = `declared file config.yml
  x problem  config.yml:3:5: unknown key ` + "`endpoint`" + `
                   endpoint: x
                   ^
             hint: did you mean ` + "`endpoints`" + `?

cluster home
  + ok       3 nodes
  ! warning  the clock is off
             why: first line
               second line
             hint: set it
                 timedatectl
                 chronyc tracking
             hint: or not

cluster off
  i info     one` + "\uFFFD" + `[31mred` + "\uFFFD" + ` guest

1 problem, 1 warning
`
	if text := write(t, Style{}); text != plain {
		t.Errorf("got\n%s\nwant\n%s", text, plain)
	}
	pretty := strings.NewReplacer("  x problem", "  ✗ problem", "  + ok", "  ✓ ok").Replace(plain)
	if text := write(t, Style{Unicode: true}); text != pretty {
		t.Errorf("got\n%s\nwant\n%s", text, pretty)
	}
	colourful := write(t, Style{Colour: true})
	if !strings.Contains(colourful, "\x1b[31mx problem \x1b[0m ") {
		t.Errorf("no colour in\n%s", colourful)
	}
	bare := strings.NewReplacer("\x1b[31mx", "x", "\x1b[32m+", "+", "\x1b[33m!", "!", "\x1b[36mi", "i", "\x1b[0m", "").Replace(colourful)
	if bare != plain {
		t.Errorf("colour changes more than colours:\n%s", bare)
	}
}

func write(t *testing.T, style Style) string {
	t.Helper()
	var out strings.Builder
	if err := example().Text(&out, style); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	if err := example().JSON(&out); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Result     string
		Problems   int
		Warnings   int
		ConfigFile string `json:"config_file"`
		Findings   []map[string]any
	}
	if err := json.Unmarshal([]byte(out.String()), &document); err != nil {
		t.Fatal(err)
	}
	if document.Result != "problems" || document.Problems != 1 || document.Warnings != 1 || document.ConfigFile != "config.yml" || len(document.Findings) != 4 {
		t.Errorf("got %+v", document)
	}
	if fine := document.Findings[1]; len(fine) != 4 || fine["cluster"] != "home" || fine["level"] != "ok" || fine["what"] != "3 nodes" {
		t.Errorf("members without a value are absent: %v", fine)
	}
	if !strings.Contains(out.String(), `"paste": [`) {
		t.Error("no lines to paste")
	}
	out.Reset()
	if err := (Report{}).JSON(&out); err != nil || !strings.Contains(out.String(), `"result": "ok"`) || !strings.Contains(out.String(), `"findings": []`) {
		t.Errorf("an empty report: %v %s", err, out.String())
	}
}

func TestUnicode(t *testing.T) {
	for _, tt := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false},
		{"", "", "en_US.UTF-8", true},
		{"", "", "fr_FR.utf8", true},
		{"C", "", "en_US.UTF-8", false},
		{"", "POSIX", "en_US.UTF-8", false},
		{"C.UTF-8", "C", "C", true},
		{"", "", "de_DE.ISO-8859-1", false},
	} {
		env := map[string]string{"LC_ALL": tt.all, "LC_CTYPE": tt.ctype, "LANG": tt.lang}
		if got := Unicode(func(name string) string { return env[name] }); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
