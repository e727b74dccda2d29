// Package decode fills Go values from YAML nodes, strictly: an unknown key, a duplicate, a missing or a malformed value is a problem with its
// position, and all problems of a file are found in one go. What the file may contain is read from struct tags, see config/internal/spec.
//
// It checks each value by itself. What values mean together is checked by package config.
package decode

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Scalars makes values of types that are not plain texts, numbers or durations, from their canonical text and position.
type Scalars map[reflect.Type]func(text string, at source.Position) (any, error)

// Decoder fills one value from one file.
type Decoder struct {
	text     *source.Text
	problems *source.Problems
	scalars  Scalars
	places   map[string]source.Span
	unsound  map[string]bool
}

// New makes a decoder that records what it finds wrong in problems.
func New(text *source.Text, problems *source.Problems, scalars Scalars) *Decoder {
	return &Decoder{text: text, problems: problems, scalars: scalars, places: map[string]source.Span{}, unsound: map[string]bool{}}
}

// Decode fills the struct that target points to from the file's root node. Where there are problems, what could be read is filled in.
func (d *Decoder) Decode(root *yaml.Node, target any) {
	v := reflect.ValueOf(target).Elem()
	d.section(root, "", source.Span{Line: root.Line, Column: root.Column}, spec.Of(v.Type()), v)
}

// Place returns where a path of keys, names and list indexes stands in the file, and whether it is there at all: a single value at itself, a
// section or list at its key.
func (d *Decoder) Place(path ...string) (source.Span, bool) {
	place, ok := d.places["/"+strings.Join(path, "/")]
	return place, ok
}

// Sound reports that nothing was wrong at or below a path, so that what is missing there is missing indeed.
func (d *Decoder) Sound(path ...string) bool { return !d.unsound["/"+strings.Join(path, "/")] }

// fault records an error about a path. Its hint is the error's own.
func (d *Decoder) fault(at source.Span, path string, err error) {
	d.problems.Add(at, err.Error(), strings.Join(ui.Hints(err), "; "))
	for ; path != ""; path = path[:strings.LastIndex(path, "/")] {
		d.unsound[path] = true
	}
}

// put remembers where a path stands.
func (d *Decoder) put(path string, key, value *yaml.Node) {
	d.places[path] = span(key)
	if value.Kind == yaml.ScalarNode && !null(value) {
		d.places[path] = span(value)
	}
}

// value fills v from the node of a key or list member. The span is that of the key, or of the member itself.
func (d *Decoder) value(node *yaml.Node, path string, at source.Span, label string, n spec.Node, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	want := map[spec.Shape]yaml.Kind{spec.Scalar: yaml.ScalarNode, spec.List: yaml.SequenceNode, spec.Section: yaml.MappingNode, spec.Named: yaml.MappingNode}[n.Shape]
	if node.Kind != want {
		d.fault(span(node), path, ui.Hint(fmt.Errorf("%s must be %s, not %s", label, shapeName(n), describe(node)), "%s", shapeHint(node, label, n)))
		return
	}
	switch n.Shape {
	case spec.Scalar:
		d.scalar(node, path, label, n, v)
	case spec.List:
		d.list(node, path, label, n, v)
	case spec.Section:
		d.section(node, path, at, n, v)
	case spec.Named:
		d.named(node, path, n, v)
	}
}

func (d *Decoder) list(node *yaml.Node, path, label string, n spec.Node, v reflect.Value) {
	v.Set(reflect.MakeSlice(v.Type(), len(node.Content), len(node.Content)))
	first := map[any]bool{}
	for i, member := range node.Content {
		memberPath := path + "/" + strconv.Itoa(i)
		d.put(memberPath, member, member)
		d.value(member, memberPath, span(member), "a member of "+label, *n.Elem, v.Index(i))
		if n.Elem.Shape != spec.Scalar || v.Index(i).IsZero() {
			continue // a section, or malformed
		}
		value := v.Index(i).Interface()
		if first[value] {
			d.fault(span(member), path, ui.Hint(fmt.Errorf("%s has `%v` twice", label, value), "remove one of them"))
		}
		first[value] = true
	}
}

// named fills a slice of sections from a mapping, in the file's order, each with its key in the field Name.
func (d *Decoder) named(node *yaml.Node, path string, n spec.Node, v reflect.Value) {
	entries := d.entries(node, path)
	v.Set(reflect.MakeSlice(v.Type(), len(entries), len(entries)))
	for i, entry := range entries {
		name := entry.key.Value
		if _, err := n.Names.Parse(name); err != nil {
			d.fault(span(entry.key), path, err)
		}
		element := v.Index(i)
		element.FieldByName("Name").SetString(name)
		entryPath := path + "/" + name
		d.put(entryPath, entry.key, entry.value)
		if null(entry.value) {
			entry.value = &yaml.Node{Kind: yaml.MappingNode, Line: entry.key.Line, Column: entry.key.Column}
		}
		d.value(entry.value, entryPath, span(entry.key), "`"+name+"`", *n.Elem, element)
	}
}

func null(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" }

func shapeName(n spec.Node) string {
	switch n.Shape {
	case spec.List:
		return "a list"
	case spec.Section:
		return "a section"
	case spec.Named:
		return "sections by name"
	}
	return n.Format.Is
}

func shapeHint(node *yaml.Node, label string, n spec.Node) string {
	key := strings.Trim(label, "`")
	switch {
	case n.Shape == spec.List && node.Kind == yaml.ScalarNode && !null(node) && n.Elem.Shape == spec.Scalar:
		return fmt.Sprintf("write it in brackets: `%s: [%s]`", key, node.Value)
	case n.Shape == spec.List:
		return fmt.Sprintf("write the members of `%s` as lines that begin with `- `, or in brackets", key)
	case n.Shape == spec.Section:
		return "the keys here are " + quoted(n.Keys())
	case n.Shape == spec.Named:
		return fmt.Sprintf("give each a name, and its keys below it: %s", quoted(n.Keys()))
	}
	return "write one value"
}

func quoted(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return "`" + strings.Join(words, "`, `") + "`"
}
