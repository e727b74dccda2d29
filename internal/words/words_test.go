package words

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSpan(t *testing.T) {
	for seconds, want := range map[int64]string{
		0: "0 s", 45: "45 s", 119: "119 s", 120: "2 min", 7199: "119 min", 7200: "2 h", 47 * hour: "47 h", 48 * hour: "2 d", 51 * hour: "2 d 3 h",
		13*day + 30*minute: "13 d", 15*day + 5*hour: "15 d", 400 * day: "400 d", -90: "90 s",
	} {
		if got := Span(seconds); got != want {
			t.Errorf("Span(%d) = %q, want %q", seconds, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	const now = 1_000_000
	for at, want := range map[int64]string{now: "just now", now - 4: "just now", now - 5: "5 s ago", now - 3*hour: "3 h ago", now + 1200: "in 20 min"} {
		if got := When(at, now); got != want {
			t.Errorf("When(%d) = %q, want %q", at-now, got, want)
		}
	}
}

func TestCountAndList(t *testing.T) {
	if got := Count(1, "guest", "guests") + ", " + Count(0, "guest", "guests"); got != "1 guest, 0 guests" {
		t.Errorf("got %q", got)
	}
	items := []string{"a", "b", "c", "d"}
	for most, want := range map[int]string{0: "4 more", 1: "a and 3 more", 3: "a, b, c and 1 more", 4: "a, b, c and d", 9: "a, b, c and d"} {
		if got := List(items, most); got != want {
			t.Errorf("List(%d) = %q, want %q", most, got, want)
		}
	}
	if got := List(nil, 3) + List(items[:1], 3); got != "a" {
		t.Errorf("got %q", got)
	}
}

func TestNamesAreFitForOneLine(t *testing.T) {
	for name, want := range map[string]string{
		"web":                     "web",
		"größe ✓ 日本":              "größe ✓ 日本",
		"two\nlines\tand\x00more": "two lines and\ufffdmore",
		"in\xffvalid":             "in\ufffdvalid",
		"\u202eevil\u2028":        "\ufffdevil\ufffd",
		`<script>"'&`:             `<script>"'&`,
		strings.Repeat("é", 64):   strings.Repeat("é", 64),
		strings.Repeat("é", 65):   strings.Repeat("é", 64) + "…",
	} {
		if got := Name(name); got != want {
			t.Errorf("Name(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\nb\x1b[31m")
	f.Add("\xff\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		got := Line(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, Disturbs) || utf8.RuneCountInString(got) > maxLine+1 {
			t.Errorf("Line(%q) = %q", text, got)
		}
	})
}
