package collector

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLabelRunes bounds the length of a label value. Names of guests, storages and jobs are shorter in Proxmox VE; notes need not be.
const maxLabelRunes = 128

// cleanLabel makes a label value out of any text: valid UTF-8 of at most 128 characters on one line. Characters that would break a line,
// or change the direction of the text around them, are shown as escapes (\n, \x00, \u202e).
func cleanLabel(text string) string {
	if isCleanLabel(text) {
		return text
	}
	var out strings.Builder
	length := 0
	for _, r := range text { // an invalid byte is read as U+FFFD
		shown := string(r)
		if disturbs(r) {
			shown = escape(r)
		}
		width := utf8.RuneCountInString(shown)
		if length+width > maxLabelRunes {
			return shorten(out.String())
		}
		out.WriteString(shown)
		length += width
	}
	return out.String()
}

func isCleanLabel(text string) bool {
	if len(text) > maxLabelRunes && utf8.RuneCountInString(text) > maxLabelRunes {
		return false
	}
	return utf8.ValidString(text) && strings.IndexFunc(text, disturbs) < 0
}

func disturbs(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r < ' ' || r == 0x7f
	case r == '\u2028' || r == '\u2029': // line and paragraph separator
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

func escape(r rune) string {
	quoted := strconv.QuoteToASCII(string(r))
	return quoted[1 : len(quoted)-1]
}

// shorten marks text that was cut, within the same bound.
func shorten(text string) string {
	runes := []rune(text)
	if len(runes) >= maxLabelRunes {
		runes = runes[:maxLabelRunes-1]
	}
	return string(runes) + "…"
}
