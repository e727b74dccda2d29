// Package schema generates, from the types of package config, what helps to write the declared file: a JSON Schema for editors and a reference
// page for people. Both are committed; a test fails when they are stale.
//
// The schema is never looser about form than the loader, and never stricter; what values mean together, only the loader checks.
package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
)

// node is one JSON Schema, draft 2020-12.
type node struct {
	Schema               string           `json:"$schema,omitempty"`
	Title                string           `json:"title,omitempty"`
	Description          string           `json:"description,omitempty"`
	Type                 any              `json:"type,omitempty"` // one name, or several
	Const                any              `json:"const,omitempty"`
	Enum                 []string         `json:"enum,omitempty"`
	Pattern              string           `json:"pattern,omitempty"`
	MinLength            int              `json:"minLength,omitempty"`
	MaxLength            int              `json:"maxLength,omitempty"`
	Minimum              *int             `json:"minimum,omitempty"`
	Maximum              *int             `json:"maximum,omitempty"`
	Default              any              `json:"default,omitempty"`
	Examples             []any            `json:"examples,omitempty"`
	Items                *node            `json:"items,omitempty"`
	UniqueItems          bool             `json:"uniqueItems,omitempty"`
	Properties           map[string]*node `json:"properties,omitempty"`
	PropertyNames        *node            `json:"propertyNames,omitempty"`
	AdditionalProperties any              `json:"additionalProperties,omitempty"` // a *node, or false
	Required             []string         `json:"required,omitempty"`
	AllOf                []*node          `json:"allOf,omitempty"`
	If                   *node            `json:"if,omitempty"`
	Then                 *node            `json:"then,omitempty"`
	Not                  *node            `json:"not,omitempty"`
}

// JSON returns the JSON Schema of the declared file.
func JSON() ([]byte, error) {
	root := describe(spec.Of(reflect.TypeFor[config.File]()))
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "The declared file of pve-backup-exporter"
	root.Properties["version"].Const = config.Version
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(root)
	return out.Bytes(), err
}

func describe(n spec.Node) *node {
	switch n.Shape {
	case spec.Section:
		return section(n)
	case spec.Named:
		return &node{Type: "object", PropertyNames: &node{Pattern: n.Names.Pattern}, AdditionalProperties: describe(*n.Elem)}
	case spec.List:
		return &node{Type: "array", Items: describe(*n.Elem), UniqueItems: n.Elem.Shape == spec.Scalar}
	}
	return scalar(n)
}

func section(n spec.Node) *node {
	made := &node{Type: "object", Properties: map[string]*node{}, AdditionalProperties: false}
	for _, field := range n.Fields {
		property := describe(field.Node)
		property.Description = field.Doc
		if field.Default != "" {
			property.Default = value(field.Node, field.Default)
		} else if field.Unset != "" {
			property.Description += " Default: " + field.Unset + "."
		}
		if field.Example != "" {
			property.Examples = []any{value(field.Node, field.Example)}
		}
		if field.Shape != spec.Scalar && !field.Required {
			property.Type = []any{property.Type, "null"} // a section whose lines are all commented out
		}
		if field.Required {
			made.Required = append(made.Required, field.Key)
		}
		made.Properties[field.Key] = property
	}
	made.AllOf = types(n)
	return made
}

// types says, for each type that a section can have, which keys it must have and which it cannot have.
func types(n spec.Node) []*node {
	kind, ok := n.Field("type")
	if !ok {
		return nil
	}
	var list []*node
	for _, name := range kind.Enum {
		then := &node{Properties: map[string]*node{}}
		for _, field := range n.Fields {
			if len(field.Of) > 0 && !slices.Contains(field.Of, name) {
				then.Properties[field.Key] = &node{Not: &node{}}
			}
			if slices.Contains(field.RequiredOf, name) {
				then.Required = append(then.Required, field.Key)
			}
		}
		list = append(list, &node{If: &node{Properties: map[string]*node{"type": {Const: name}}, Required: []string{"type"}}, Then: then})
	}
	return list
}

func scalar(n spec.Node) *node {
	switch {
	case n.Type.Kind() == reflect.Bool:
		return &node{Type: "boolean"}
	case n.Type.Kind() == reflect.Int && n.Type != reflect.TypeFor[time.Duration]():
		return &node{Type: "integer", Minimum: number(n.Min), Maximum: number(n.Max)}
	case len(n.Enum) > 0:
		return &node{Type: "string", Enum: n.Enum}
	}
	return &node{Type: "string", Pattern: n.Format.Pattern, MinLength: 1, MaxLength: n.Format.Longest}
}

func number(text string) *int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	return &n
}

// value turns a tag's YAML into what JSON shows. Texts stay texts, even where YAML would see a date.
func value(n spec.Node, text string) any {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil || len(document.Content) != 1 {
		return text
	}
	if n.Shape == spec.Scalar && scalar(n).Type == "string" {
		return document.Content[0].Value
	}
	var decoded any
	if err := document.Decode(&decoded); err != nil {
		return text
	}
	return decoded
}
