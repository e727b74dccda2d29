// Package source shows people their own file: positions, the offending line with a caret under the offence, and all problems of a file as one
// error. It knows text, not YAML, and hides whatever looks like a secret before it quotes a line.
package source

import (
	"fmt"
	"strings"
)

// Position is a place in the declared file, as editors count: lines and columns from 1. The zero Position is no place.
type Position struct {
	File         string
	Line, Column int
}

// String gives file:line:column, in the form that editors and terminals turn into links.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	if p.Column == 0 {
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Span is a stretch of one line: where it begins (from 1) and how many characters it covers. A Column of 0 means the whole line.
type Span struct{ Line, Column, Width int }

// Text is a file's content, cut into lines.
type Text struct {
	name   string
	lines  []string
	masked map[int][]rune // lines as they may be shown: a line may be long and have many problems
}

// New cuts a file's content into lines. The name is what positions show.
func New(name string, data []byte) *Text {
	return &Text{name: name, lines: strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n"), masked: map[int][]rune{}}
}

// At turns a span into the position that users see.
func (t *Text) At(at Span) Position { return Position{File: t.name, Line: at.Line, Column: at.Column} }

// Name is the name that positions show.
func (t *Text) Name() string { return t.name }

// Line returns a line by its number from 1, without its end; an unknown one is empty.
func (t *Text) Line(number int) string {
	if number < 1 || number > len(t.lines) {
		return ""
	}
	return strings.TrimRight(t.lines[number-1], "\r")
}
