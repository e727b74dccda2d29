package decode

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

type entry struct{ key, value *yaml.Node }

// entries lists a mapping's keys and values, each key once: a duplicate and a key that is no plain word are problems and left out.
func (d *Decoder) entries(node *yaml.Node, path string) []entry {
	var list []entry
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode || null(key) {
			d.fault(span(key), path, ui.Hint(fmt.Errorf("a key must be one word, not %s", describe(key)), "write `key: value`"))
			continue
		}
		if line, ok := first[key.Value]; ok {
			d.fault(span(key), path, ui.Hint(fmt.Errorf("duplicate key `%s`, first given on line %d", key.Value, line), "remove one of the two, or merge them"))
			continue
		}
		first[key.Value] = key.Line
		list = append(list, entry{key, value})
	}
	return list
}

// section fills a struct. The span is that of the section's own key: it is where a missing key is missed.
func (d *Decoder) section(node *yaml.Node, path string, at source.Span, n spec.Node, v reflect.Value) {
	seen := map[string]bool{}
	entries := d.entries(node, path)
	kind := typeOf(entries, n)
	for _, entry := range entries {
		field, ok := n.Field(entry.key.Value)
		if !ok {
			d.fault(span(entry.key), path, ui.Hint(fmt.Errorf("unknown key `%s`%s", entry.key.Value, within(path)), "%s", unknownHint(entry.key.Value, n)))
			continue
		}
		if !fits(field, kind) {
			d.fault(span(entry.key), path, misfit(field, kind, path, n))
			continue
		}
		if null(entry.value) && field.Shape != spec.Scalar && !field.Required {
			continue // a section whose lines are all commented out
		}
		seen[field.Key] = true
		fieldPath := path + "/" + field.Key
		d.put(fieldPath, entry.key, entry.value)
		if null(entry.value) {
			d.fault(span(entry.key), fieldPath, ui.Hint(fmt.Errorf("`%s`%s has no value", field.Key, within(path)), "%s", missingHint(field)))
			continue
		}
		d.value(entry.value, fieldPath, span(entry.key), "`"+field.Key+"`", field.Node, v.FieldByIndex(field.Index))
	}
	for _, field := range n.Fields {
		if seen[field.Key] {
			continue
		}
		if field.Required || kind != "" && slices.Contains(field.RequiredOf, kind) {
			d.fault(at, path, ui.Hint(fmt.Errorf("`%s` is missing%s", field.Key, within(path)), "%s", missingHint(field)))
			continue
		}
		d.absent(field, v.FieldByIndex(field.Index))
	}
}

// absent gives a key that the file leaves out its default. A section that is not a pointer gets those of its keys.
func (d *Decoder) absent(field spec.Field, v reflect.Value) {
	if field.Shape == spec.Section && v.Kind() != reflect.Pointer {
		for _, inner := range field.Fields {
			d.absent(inner, v.FieldByIndex(inner.Index))
		}
		return
	}
	if field.Default == "" {
		return
	}
	if err := d.set(field.Default, source.Position{File: d.text.Name()}, field.Node, v); err != nil {
		panic(fmt.Sprintf("config: default of %s: %v", field.Key, err))
	}
}

// within names the section of a path in a message: " in `environments.prod`", or nothing for the file itself. List indexes are left out.
func within(path string) string {
	var keys []string
	for _, key := range strings.Split(path, "/") {
		if _, err := strconv.Atoi(key); err != nil && key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return " in `" + strings.Join(keys, ".") + "`"
}

func unknownHint(key string, n spec.Node) string {
	if word, ok := nearest.Word(key, n.Keys()); ok {
		return fmt.Sprintf("did you mean `%s`?", word)
	}
	for _, field := range n.Fields {
		if field.Shape != spec.Section {
			continue
		}
		if word, ok := nearest.Word(key, field.Keys()); ok {
			return fmt.Sprintf("`%s` belongs into `%s`", word, field.Key)
		}
	}
	return "the keys here are " + quoted(n.Keys())
}

func missingHint(field spec.Field) string {
	if field.Example == "" {
		return fmt.Sprintf("add it; docs/configuration.md says what belongs into `%s`", field.Key)
	}
	return fmt.Sprintf("add it, such as `%s: %s`", field.Key, field.Example)
}
