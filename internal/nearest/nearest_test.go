package nearest

import "testing"

func TestWord(t *testing.T) {
	flags := []string{"config.file", "web.listen-address", "web.config.file", "log.level", "log.format"}
	commands := []string{"serve", "once", "demo", "explain", "check", "version"}
	for _, test := range []struct {
		name, written string
		known         []string
		want          string // empty: nothing is close enough
	}{
		{"one letter missing", "config.fil", flags, "config.file"},
		{"letters swapped", "explian", commands, "explain"},
		{"case does not count", "SERVE", commands, "serve"},
		{"a dash for a dot", "config-file", flags, "config.file"},
		{"a part of a dotted name", "listen-address", flags, "web.listen-address"},
		{"letters swapped in a dotted name", "log.levle", flags, "log.level"},
		{"an equally close word: the first listed", "log.", []string{"log.a", "log.b"}, "log.a"},
		{"a long word may be further off", "web.listen-adresses", flags, "web.listen-address"},
		{"a word built otherwise", "complete", []string{"version", "completion"}, "completion"},
		{"nothing close", "restore", commands, ""},
		{"a word of one letter is no slip of a word of two", "x", []string{"ab"}, ""},
		{"nothing written", "", flags, ""},
		{"nothing known", "serve", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Word(test.written, test.known)
			if got != test.want || ok != (test.want != "") {
				t.Errorf("Word(%q) = %q, %v; want %q", test.written, got, ok, test.want)
			}
		})
	}
}
