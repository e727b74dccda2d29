package source

import (
	"errors"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"nothing secret", "endpoints: [https://pve1:8006]  # tried in order", ""},
		{"names of secret files and tokens", "exporter: {token_id: e@pve!m, token_secret_file: home.exporter}", ""},
		{"a UUID", "token_secret_file: 5f0c7a1e-0000-4000-8000-00000000cafe # oops", "token_secret_file: ********-****-****-****-************ # oops"},
		{"a whole token", "e@pve!m=hunter2, next", "e@pve!m=********, next"},
		{"a whole header", "header: PVEAPIToken=e@pve!m=hunter2, next", "header: PVEAPIToken=********"},
		{"credentials in an address", "- https://root:hunter2@pve1:8006/x", "- https://********@pve1:8006/x"},
		{"an unknown secret key", "    token_secret: hunter2 and more", "    token_secret: ********"},
		{"in quotes", `{"password": "hunter2"}`, `{"password": ********`},
		{"after a harmless one", "{token_id: e@pve!m, secret: hunter2}", "{token_id: e@pve!m, secret: ********"},
		{"only on its own line", "password: hunter2\nnext: line", "password: ********\nnext: line"},
		{"a key without a value", "    token_secret:", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := test.want
			if want == "" {
				want = test.text
			}
			if got := Mask(test.text); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 200) + "HERE" + strings.Repeat("b", 200)
	text := New("f", []byte("\tkey: value\r\n\n"+long+"\nété: ü"))
	for _, test := range []struct {
		name string
		at   Span
		want string
	}{
		{"a tab stays a tab", Span{1, 2, 3}, "    1 | \tkey: value\n      | \t^^^"},
		{"an empty line shows nothing", Span{2, 1, 1}, ""},
		{"no such line", Span{99, 1, 1}, ""},
		{"no column", Span{1, 0, 0}, "    1 | \tkey: value"},
		{"behind the end", Span{1, 90, 1}, "    1 | \tkey: value"},
		{"wider than the line", Span{1, 7, 90}, "    1 | \tkey: value\n      | \t     ^^^^^"},
		{"characters, not bytes", Span{4, 6, 1}, "    4 | été: ü\n      |      ^"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := text.excerpt(test.at); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
	lines := strings.Split(text.excerpt(Span{3, 201, 4}), "\n")
	if column := strings.Index(lines[1], "^^^^"); []rune(lines[0])[column] != 'H' || len([]rune(lines[0])) > maxExcerpt+10 {
		t.Errorf("a long line is not cut around the offence:\n%s", strings.Join(lines, "\n"))
	}
}

func TestProblemsAreSortedAndCapped(t *testing.T) {
	problems := NewProblems(New("f", []byte("one\ntwo\n")))
	if err := problems.Err(); err != nil {
		t.Errorf("no problem, and yet %v", err)
	}
	problems.Add(Span{2, 1, 1}, "later", "hint")
	problems.Add(Span{1, 2, 1}, "second", "hint")
	problems.Add(Span{1, 1, 1}, "first", "hint")
	for range maxProblems {
		problems.Add(Span{3, 1, 1}, "more", "hint")
	}
	err := problems.Err()
	var problem *Problem
	if !errors.As(err, &problem) || problem.Message != "first" || problem.Position.String() != "f:1:1" {
		t.Errorf("got %v first", problem)
	}
	text := err.Error()
	if strings.Index(text, "second") > strings.Index(text, "later") || !strings.Contains(text, "and 3 more problems") {
		t.Errorf("got %s", text)
	}
}
