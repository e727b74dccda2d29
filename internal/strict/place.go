package strict

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// placed is an error about something in the file.
type placed struct {
	error
	path []any // keys and indexes that lead there
	line int   // instead of a path, where the line is known
}

func (p *placed) Unwrap() error { return p.error }

// At tells where in the file that is what an error is about: keys, and indexes of lists. Around another such error it tells how that one's
// place begins. It returns nil for a nil error.
func At(err error, path ...any) error {
	if err == nil {
		return nil
	}
	return &placed{error: err, path: path}
}

// AtLine is At for an error whose line is known.
func AtLine(err error, line int) error {
	if err == nil {
		return nil
	}
	return &placed{error: err, line: line}
}

// Locate joins errors, in the order of their lines. Before each it puts the file's name and the line, as near to its place as the file goes.
// It returns nil where there is no error.
func (f *File) Locate(all ...error) error {
	type located struct {
		error
		line int
	}
	var list []located
	for _, err := range all {
		if err == nil {
			continue
		}
		if line := f.lineOf(err); line > 0 {
			list = append(list, located{fmt.Errorf("%s:%d: %w", f.name, line, err), line})
		} else {
			list = append(list, located{fmt.Errorf("%s: %w", f.name, err), 0})
		}
	}
	slices.SortStableFunc(list, func(a, b located) int { return cmp.Compare(a.line, b.line) })
	joined := make([]error, len(list))
	for i := range list {
		joined[i] = list[i].error
	}
	return errors.Join(joined...)
}

// lineOf is the line of an error, by what it and those that it wraps tell of its place; 0 for none.
func (f *File) lineOf(err error) int {
	var path []any
	for ; err != nil; err = errors.Unwrap(err) {
		if p, is := err.(*placed); is { //nolint:errorlint // every error of the chain is looked at
			if p.line > 0 {
				return p.line
			}
			path = append(path, p.path...)
		}
	}
	return f.line(path)
}

// line is the line of a place, or of the nearest one before that is in the file; 0 where nothing of it is.
func (f *File) line(path []any) int {
	line, node := 0, f.root
	for _, step := range path {
		var found *yaml.Node
		if node != nil && node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		switch step := step.(type) {
		case int:
			if node != nil && node.Kind == yaml.SequenceNode && step < len(node.Content) {
				found = node.Content[step]
				line = found.Line
			}
		case string:
			for i := 0; node != nil && node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == step {
					found, line = node.Content[i+1], node.Content[i].Line
				}
			}
		}
		if found == nil {
			return line
		}
		node = found
	}
	return line
}
