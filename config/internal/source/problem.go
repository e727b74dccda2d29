package source

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// maxProblems is how many problems of one file are told; a file of another kind would have thousands.
const maxProblems = 100

// maxMessage is how many characters of a message or hint are shown: both may quote a value of any length.
const maxMessage = 300

// Problem is one thing that is wrong with the declared file. Its hint is attached around it, see internal/ui.
type Problem struct {
	Position Position
	Message  string // what is wrong, in one line
	Excerpt  string // the offending line with a caret under the offence; empty where there is none to show
}

// Error gives position, message and excerpt, without the hint.
func (p *Problem) Error() string {
	text := p.Position.String() + ": " + p.Message
	if p.Excerpt != "" {
		text += "\n" + p.Excerpt
	}
	return text
}

// Problems collects all that is wrong with one file.
type Problems struct {
	text *Text
	list []finding
}

// finding is a problem before it is put into words: of a file of another kind there are too many to do so.
type finding struct {
	at            Span
	message, hint string
}

// NewProblems begins an empty collection for one file.
func NewProblems(text *Text) *Problems { return &Problems{text: text} }

// Add records a problem at a span. The hint says what to do about it; every problem has one.
func (p *Problems) Add(at Span, message, hint string) {
	p.list = append(p.list, finding{at, message, hint})
}

// Err returns all problems in the order of the file, each with its hint, as errors.Join does; nil when there is none.
func (p *Problems) Err() error {
	slices.SortStableFunc(p.list, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.at.Column, b.at.Column))
	})
	var errs []error
	for i, each := range p.list {
		if i == maxProblems {
			errs = append(errs, ui.Hint(fmt.Errorf("%s: and %d more problems", p.text.Name(), len(p.list)-i), "mend the first ones, then look again"))
			break
		}
		problem := &Problem{Position: p.text.At(each.at), Message: tame(each.message), Excerpt: p.text.excerpt(each.at)}
		errs = append(errs, ui.Hint(problem, "%s", tame(each.hint)))
	}
	return errors.Join(errs...)
}

// tame makes a text that quotes the file fit for a terminal and a log: one line of bearable length, printable, without secrets.
func tame(text string) string {
	runes := []rune(strings.Map(printable, Mask(text)))
	if len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "…"
	}
	return string(runes)
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return utf8.RuneError
}
