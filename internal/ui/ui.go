// Package ui holds the rules by which the program talks to people.
//
//   - Data goes to standard output, talk to standard error.
//   - An error is one line: what, why, in lower case, without a full stop; advice follows as lines that begin with "hint: ".
//   - Colour is decoration: NO_COLOR, TERM=dumb and anything that is not a terminal turn it off, and no fact is told by colour alone.
//
// It is not a logger: a daemon's events go to log/slog.
package ui

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Hint attaches advice to an error: what the reader can do about it. It returns nil for a nil error.
func Hint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hinted{error: err, hint: fmt.Sprintf(format, args...)}
}

type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

// Hints returns the advice attached to an error and to all errors that it wraps, the outermost first.
func Hints(err error) []string {
	var hints []string
	walk(err, func(e error) {
		if h, ok := e.(*hinted); ok {
			hints = append(hints, h.hint)
		}
	})
	return hints
}

func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		walk(wrapper.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, inner := range wrapper.Unwrap() {
			walk(inner, visit)
		}
	}
}

// PrintError writes an error and its hints in the program's voice. Errors that were joined are printed one after the other.
func PrintError(w io.Writer, program string, err error) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) && err == joined.(error) {
		for _, each := range joined.Unwrap() {
			PrintError(w, program, each)
		}
		return
	}
	fmt.Fprintf(w, "%s: error: %s\n", program, indent(err.Error()))
	for _, hint := range Hints(err) {
		fmt.Fprintf(w, "hint: %s\n", indent(hint))
	}
}

func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

// Colour reports whether decoration may be written to f.
func Colour(f *os.File) bool {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
