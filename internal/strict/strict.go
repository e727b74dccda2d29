// Package strict reads YAML files into structs and says of every mistake where it stands, what is wrong and what to do: FILE:LINE, the reason
// and a hint. Keys are the yaml tags of the structs; one that no struct has is a mistake.
//
// It checks each value by itself. What values mean together is the reader's business: it names the place of what it finds wrong by [At],
// and [File.Locate] finds the line.
package strict

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// File is a file that was read, for the lines of what is wrong with it.
type File struct {
	name string
	root *yaml.Node
}

// Read fills the struct that target points to from one YAML document; name is only for errors. The error joins all mistakes of the file, in
// its order, each with its hint. An empty file leaves target as it is.
func Read(name string, text []byte, target any) (*File, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	if err := decoder.Decode(&document); err != nil {
		if len(strings.TrimSpace(string(text))) == 0 {
			return &File{name: name}, nil
		}
		return nil, ui.Hint(fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: ")), "this is no YAML: look at quotes, braces and the depth of lines there and before")
	}
	if decoder.Decode(new(yaml.Node)) == nil {
		return nil, ui.Hint(fmt.Errorf("%s: holds two documents", name), "write each into a file of its own: --- begins another one")
	}
	file := &File{name: name, root: document.Content[0]}
	c := &checker{file: file}
	c.value(file.root, reflect.TypeOf(target).Elem(), "the file")
	if len(c.found) > 0 {
		return nil, errors.Join(c.found...)
	}
	if err := file.root.Decode(target); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return file, nil
}

// checker compares nodes with the types that they are to fill.
type checker struct {
	file  *File
	found []error
}

func (c *checker) fault(node *yaml.Node, hint, format string, args ...any) {
	err := fmt.Errorf("%s:%d: %w", c.file.name, node.Line, fmt.Errorf(format, args...))
	c.found = append(c.found, ui.Hint(err, "%s", hint))
}

// value checks one node; what is the name of its key.
func (c *checker) value(node *yaml.Node, kind reflect.Type, what string) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case kind == reflect.TypeFor[yaml.Node](), node.ShortTag() == "!!null":
	case isScalar(kind):
		c.scalar(node, kind, what)
	case kind.Kind() == reflect.Struct:
		c.section(node, kind, what)
	case kind.Kind() == reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			c.fault(node, "write a list, as in "+what+": ["+example(kind.Elem())+"]", "%s must be a list", what)
			return
		}
		for _, member := range node.Content {
			c.value(member, kind.Elem(), "a member of "+what)
		}
	case kind.Kind() == reflect.Map:
		if node.Kind != yaml.MappingNode {
			c.fault(node, "write keys with their values, as in "+what+": {key: "+example(kind.Elem())+"}", "%s must have keys", what)
			return
		}
		for key, value := range c.pairs(node) {
			c.value(value, kind.Elem(), key.Value)
		}
	}
}

// section checks the keys of a struct.
func (c *checker) section(node *yaml.Node, kind reflect.Type, what string) {
	known := fields(kind)
	names := make([]string, 0, len(known))
	for _, field := range known {
		names = append(names, field.name)
	}
	if node.Kind != yaml.MappingNode {
		c.fault(node, "write {key: value}; the keys are "+strings.Join(names, ", "), "%s must have keys", what)
		return
	}
	for key, value := range c.pairs(node) {
		at := slices.IndexFunc(known, func(f field) bool { return f.name == key.Value })
		if at < 0 {
			hint := "the keys here are " + strings.Join(names, ", ")
			if word, likely := nearest.Word(key.Value, names); likely {
				hint = "did you mean " + word + "? " + hint
			}
			c.fault(key, hint, "unknown key %q in %s", key.Value, what)
			continue
		}
		c.value(value, known[at].kind, key.Value)
	}
}

// pairs goes through the keys of a mapping and finds those that are there twice.
func (c *checker) pairs(node *yaml.Node) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		first := map[string]int{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if line, twice := first[key.Value]; twice {
				c.fault(key, fmt.Sprintf("it is there in line %d already: put both together", line), "%q is stated twice", key.Value)
				continue
			}
			first[key.Value] = key.Line
			if !yield(key, node.Content[i+1]) {
				return
			}
		}
	}
}

// field is a key that a struct knows.
type field struct {
	name string
	kind reflect.Type
}

// fields lists the keys of a struct, those of inlined ones too.
func fields(kind reflect.Type) []field {
	var list []field
	for i := range kind.NumField() {
		one := kind.Field(i)
		name, options, _ := strings.Cut(one.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			list = append(list, fields(one.Type)...)
		case one.IsExported() && name != "" && name != "-":
			list = append(list, field{name, one.Type})
		}
	}
	return list
}
