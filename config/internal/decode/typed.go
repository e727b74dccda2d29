package decode

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// typeKey is the key that decides which others a section can have.
const typeKey = "type"

// typeOf is the type that a section says it has. It is empty where the section has no such key, or an unknown value: then all keys pass, since
// nobody knows better.
func typeOf(entries []entry, n spec.Node) string {
	field, ok := n.Field(typeKey)
	if !ok {
		return ""
	}
	for _, entry := range entries {
		if entry.key.Value == typeKey && entry.value.Kind == yaml.ScalarNode && slices.Contains(field.Enum, entry.value.Value) {
			return entry.value.Value
		}
	}
	return ""
}

// fits reports whether a section of a type can have a key.
func fits(field spec.Field, kind string) bool {
	return kind == "" || len(field.Of) == 0 || slices.Contains(field.Of, kind)
}

// misfit tells of a key that the section's type cannot have.
func misfit(field spec.Field, kind, path string, n spec.Node) error {
	var keys []string
	for _, each := range n.Fields {
		if fits(each, kind) {
			keys = append(keys, each.Key)
		}
	}
	return ui.Hint(fmt.Errorf("`%s` does not fit the type `%s`%s", field.Key, kind, within(path)), "it is for %s; the keys of `%s` are %s", quoted(field.Of), kind, quoted(keys))
}
