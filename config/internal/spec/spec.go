// Package spec reads the form of the declared file from the struct tags of its Go types: keys, defaults, bounds, meanings. Loading, printing,
// the JSON Schema and the reference page all follow this one description, so they cannot disagree.
//
// The keys of an embedded struct are keys of the section itself.
//
// It describes; it neither reads files nor checks values against each other.
//
// # Tags
//
//	yaml:"token_id"      the key; "-" leaves the field out
//	doc:"..."            its meaning, one or two sentences
//	required:"true"      it has to be there; or the types of the section that have to have it: required:"nfs,cifs"
//	of:"nfs,cifs"        it belongs only where the section's key "type" has one of these values
//	default:"1m"         the value that an absent key gets
//	unset:"..."          in words, what happens while the key is absent and has no default
//	enum:"prod,lab"      the only values
//	min:"10s" max:"1h"   bounds, of whole numbers and durations
//	format:"storage"     what the text must look like, see [Format]
//	example:"..."        one good value, shown in hints and the schema
//	names:"name"         the field is a slice of sections that the file writes as a mapping; the format of its keys, kept in each section's Name
package spec

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Shape is how a value is written in the file.
type Shape int

// The shapes.
const (
	Scalar  Shape = iota // one value
	List                 // a list
	Section              // a mapping with known keys
	Named                // a mapping from names to sections, in the file's order
)

// Node describes one value of the file.
type Node struct {
	Shape  Shape
	Type   reflect.Type // without pointer
	Fields []Field      // of a section, and of each section of a named mapping
	Elem   *Node        // of a list, and of a named mapping

	// Of a scalar:
	Enum     []string
	Min, Max string
	Format   Format
	Names    Format // of a named mapping's keys
}

// Field is one key of a section.
type Field struct {
	Key, Doc, Default, Unset, Example string
	Required                          bool
	Of, RequiredOf                    []string // the types of the section that can have it, where not all can, and those that must
	Index                             []int    // the struct field, for reflect's FieldByIndex
	Node
}

// Of describes a struct type. It panics on a type that the file cannot have: that is a mistake of the program, and a test meets it first.
func Of(t reflect.Type) Node { return describe(t, reflect.StructTag("")) }

func describe(t reflect.Type, tag reflect.StructTag) Node {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	node := Node{Type: t}
	switch {
	case t.Kind() == reflect.Slice:
		elem := describe(t.Elem(), tag)
		node.Shape, node.Elem = List, &elem
		if names, ok := tag.Lookup("names"); ok {
			node.Shape, node.Fields, node.Names = Named, elem.Fields, mustFormat(names)
		}
	case t.Kind() == reflect.Struct && t.NumField() > 0 && hasKeys(t):
		node.Shape, node.Fields = Section, fields(t)
	default:
		scalar(&node, tag)
	}
	return node
}

func scalar(node *Node, tag reflect.StructTag) {
	node.Min, node.Max = tag.Get("min"), tag.Get("max")
	if enum := tag.Get("enum"); enum != "" {
		node.Enum = strings.Split(enum, ",")
	}
	switch {
	case tag.Get("format") != "":
		node.Format = mustFormat(tag.Get("format"))
	case len(node.Enum) > 0:
		node.Format = Format{Name: "one of", Is: "one of " + strings.Join(node.Enum, ", ")}
	case node.Type == reflect.TypeFor[time.Duration]():
		node.Format = mustFormat("duration")
	case node.Type.Kind() == reflect.Bool:
		node.Format = Format{Name: "true or false", Is: "true or false"}
	case node.Type.Kind() == reflect.Int:
		node.Format = Format{Name: "whole number", Is: "a whole number"}
	case node.Type.Kind() == reflect.String:
		node.Format = mustFormat("text")
	default:
		panic(fmt.Sprintf("config: %s has no form in the file", node.Type))
	}
}

func hasKeys(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i); keyOf(f) != "" || f.Anonymous && f.Type.Kind() == reflect.Struct && hasKeys(f.Type) {
			return true
		}
	}
	return false
}

// keyOf is the key of a struct field, empty where it has none.
func keyOf(f reflect.StructField) string {
	if key := f.Tag.Get("yaml"); key != "-" {
		return key
	}
	return ""
}

func fields(t reflect.Type) []Field {
	var list []Field
	for i := range t.NumField() {
		f := t.Field(i)
		if keyOf(f) != "" {
			list = append(list, field(f))
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			for _, inner := range fields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				list = append(list, inner)
			}
		}
	}
	return list
}

func field(f reflect.StructField) Field {
	made := Field{
		Key: keyOf(f), Doc: f.Tag.Get("doc"), Default: f.Tag.Get("default"), Unset: f.Tag.Get("unset"), Example: f.Tag.Get("example"),
		Index: f.Index, Node: describe(f.Type, f.Tag),
	}
	if of := f.Tag.Get("of"); of != "" {
		made.Of = strings.Split(of, ",")
	}
	switch required := f.Tag.Get("required"); required {
	case "", "true":
		made.Required = required == "true"
	default:
		made.RequiredOf = strings.Split(required, ",")
	}
	if made.Default != "" && len(made.Of) > 0 {
		panic(fmt.Sprintf("config: %s has a default, but not everywhere a meaning", made.Key))
	}
	return made
}

// Keys lists the keys of a section, in the order of the type.
func (n Node) Keys() []string {
	keys := make([]string, 0, len(n.Fields))
	for _, f := range n.Fields {
		keys = append(keys, f.Key)
	}
	return keys
}

// Field finds a key of a section.
func (n Node) Field(key string) (Field, bool) {
	for _, f := range n.Fields {
		if f.Key == key {
			return f, true
		}
	}
	return Field{}, false
}

// Kind says in words what the value is: for messages and the reference page.
func (n Node) Kind() string {
	switch n.Shape {
	case List:
		return "list of " + n.Elem.plural()
	case Section:
		return "section"
	case Named:
		return "sections by name"
	default:
		return n.Format.Name
	}
}

func (n Node) plural() string {
	if n.Shape == Section {
		return "sections"
	}
	if strings.HasSuffix(n.Format.Name, "s") {
		return n.Format.Name + "es"
	}
	return n.Format.Name + "s"
}
