// Package words writes counts, times and names for people: for the landing page and for messages.
//
// Names come from a cluster whose users chose them. [Name] and [Line] make them fit for one line of any terminal or page; escaping for HTML
// stays with html/template.
package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName = 64
	maxLine = 400
)

// Name makes a name fit to be shown: at most 64 characters, without any that break the line or turn its direction.
func Name(text string) string { return tidy(text, maxName) }

// Line makes a message fit to be shown: at most 400 characters on one line.
func Line(text string) string { return tidy(text, maxLine) }

// Text makes a message of any length fit to be shown on one line.
func Text(text string) string { return tidy(text, math.MaxInt) }

func tidy(text string, most int) string {
	if len(text) <= most && utf8.ValidString(text) && strings.IndexFunc(text, Disturbs) < 0 {
		return text
	}
	var out strings.Builder
	length := 0
	for _, r := range text { // an invalid byte is read as U+FFFD
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			r = ' '
		case Disturbs(r):
			r = utf8.RuneError
		}
		if length++; length > most {
			return out.String() + "…"
		}
		out.WriteRune(r)
	}
	return out.String()
}

// Disturbs reports a character that does more than to show itself: controls, line separators, marks that change the direction of text.
func Disturbs(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

// Count writes a number with its noun: "1 guest", "12 guests".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// List writes the first few of a list: "a, b and c", "a, b and 7 more".
func List(items []string, most int) string {
	shown := items
	if len(items) > most {
		shown = append(append([]string(nil), items[:most]...), strconv.Itoa(len(items)-most)+" more")
	}
	switch len(shown) {
	case 0:
		return ""
	case 1:
		return shown[0]
	}
	last := len(shown) - 1
	return strings.Join(shown[:last], ", ") + " and " + shown[last]
}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// Span writes a length of time in seconds as exactly as people care to know it: "45 s", "12 min", "5 h", "2 d 3 h", "40 d".
func Span(seconds int64) string {
	if seconds < 0 {
		seconds = -seconds
	}
	switch {
	case seconds < 2*minute:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 2*hour:
		return fmt.Sprintf("%d min", seconds/minute)
	case seconds < 2*day:
		return fmt.Sprintf("%d h", seconds/hour)
	case seconds < 14*day && seconds%day >= hour:
		return fmt.Sprintf("%d d %d h", seconds/day, seconds%day/hour)
	}
	return fmt.Sprintf("%d d", seconds/day)
}

// When writes a moment as seen from now, both in Unix seconds: "3 h ago", "in 20 min", "just now".
func When(at, now int64) string {
	switch {
	case at > now:
		return "in " + Span(at-now)
	case now-at < 5:
		return "just now"
	}
	return Span(now-at) + " ago"
}
