package check

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// Style says how a report may look. A level is always told by a word, too: symbols and colours only help the eye.
type Style struct {
	Colour  bool
	Unicode bool // the symbols may be other than ASCII
}

// Unicode reports whether a locale shows more than ASCII. The first variable that is set decides, as in setlocale(3).
func Unicode(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(name); value != "" {
			charset := strings.ToLower(strings.ReplaceAll(value, "-", ""))
			return strings.Contains(charset, "utf8")
		}
	}
	return false
}

// mark is how a level is shown.
type mark struct{ symbol, ascii, colour string }

func markOf(level Level) mark {
	switch level {
	case OK:
		return mark{"✓", "+", "32"}
	case Info:
		return mark{"i", "i", "36"}
	case Warning:
		return mark{"!", "!", "33"}
	default:
		return mark{"✗", "x", "31"}
	}
}

// Text writes the report for people: findings under their cluster or object store, each with the reason and the advice below it, and a summary.
func (r Report) Text(w io.Writer, style Style) error {
	out := bufio.NewWriter(w)
	group := ""
	for _, finding := range r.Findings {
		if about := finding.Store + "\x00" + finding.Cluster; about != group {
			if group != "" {
				fmt.Fprintln(out)
			}
			group = about
			title := "declared file " + tame(r.File)
			switch {
			case finding.Store != "":
				title = "object store " + words.Name(finding.Store)
			case finding.Cluster != "":
				title = "cluster " + words.Name(finding.Cluster)
			}
			fmt.Fprintln(out, title)
		}
		style.finding(out, finding)
	}
	fmt.Fprintf(out, "\n%s, %s\n", words.Count(r.Count(Problem), "problem", "problems"), words.Count(r.Count(Warning), "warning", "warnings"))
	return out.Flush()
}

const (
	margin = "             " // below the text of a finding
	deeper = margin + "  "
)

func (s Style) finding(out io.Writer, finding Finding) {
	shown := markOf(finding.Level)
	symbol := shown.ascii
	if s.Unicode {
		symbol = shown.symbol
	}
	label := fmt.Sprintf("%s %-8s", symbol, finding.Level)
	if s.Colour {
		label = "\x1b[" + shown.colour + "m" + label + "\x1b[0m"
	}
	fmt.Fprintf(out, "  %s %s\n", label, lines(finding.What, margin))
	if finding.Excerpt != "" {
		fmt.Fprintf(out, "%s%s\n", deeper, lines(finding.Excerpt, deeper))
	}
	if finding.Why != "" {
		fmt.Fprintf(out, "%swhy: %s\n", margin, lines(finding.Why, deeper))
	}
	for _, advice := range finding.Fix {
		fmt.Fprintf(out, "%shint: %s\n", margin, lines(advice.Text, deeper))
		for _, line := range advice.Paste {
			fmt.Fprintf(out, "%s%s\n", deeper+"  ", tame(line))
		}
	}
}

// lines makes a text of one or more lines fit to be shown, each line but the first behind an indent.
func lines(text, indent string) string {
	parts := strings.Split(text, "\n")
	for i := range parts {
		parts[i] = tame(parts[i])
	}
	return strings.Join(parts, "\n"+indent)
}

// tame takes out what could drive a terminal: texts quote what servers and files say. Nothing is cut off, lest a line to paste be wrong.
func tame(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
