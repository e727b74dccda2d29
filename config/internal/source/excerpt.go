package source

import (
	"fmt"
	"slices"
	"strings"
)

// maxExcerpt is how many characters of a line an excerpt shows; a list of a thousand guests may well be one line.
const maxExcerpt = 120

// excerpt returns the line of the span with a caret line under it, or nothing where the text has no such line.
func (t *Text) excerpt(at Span) string {
	line, ok := t.masked[at.Line]
	if !ok {
		line = []rune(strings.TrimRight(Mask(t.Line(at.Line)), " \t"))
		t.masked[at.Line] = line
	}
	if len(line) == 0 {
		return ""
	}
	runes, column := window(line, at.Column)
	for i, r := range runes {
		if r != '\t' {
			runes[i] = printable(r)
		}
	}
	number := fmt.Sprintf("%5d", at.Line)
	shown := fmt.Sprintf("%s | %s", number, string(runes))
	if column < 1 || column > len(runes) {
		return shown
	}
	return fmt.Sprintf("%s\n%s | %s", shown, strings.Repeat(" ", len(number)), carets(runes, column, at.Width))
}

// window cuts a long line to the part around a column, and returns the column's place in that part.
func window(line []rune, column int) ([]rune, int) {
	if len(line) <= maxExcerpt {
		return slices.Clone(line), column
	}
	from := max(0, min(column-maxExcerpt/2, len(line)-maxExcerpt))
	part := slices.Clone(line[from : from+maxExcerpt])
	if from > 0 {
		part[0] = '…'
	}
	if from+maxExcerpt < len(line) {
		part[maxExcerpt-1] = '…'
	}
	return part, column - from
}

// carets underlines width characters from a column, keeping tabs so that the two lines agree in any terminal.
func carets(line []rune, column, width int) string {
	var under strings.Builder
	for _, r := range line[:column-1] {
		if r == '\t' {
			under.WriteRune('\t')
			continue
		}
		under.WriteRune(' ')
	}
	under.WriteString(strings.Repeat("^", max(1, min(width, len(line)-column+1))))
	return under.String()
}
