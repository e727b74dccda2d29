package schema_test

import (
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
)

// TestEveryKeyIsDescribed keeps the tags fit for what is made of them: a page, hints and a schema.
func TestEveryKeyIsDescribed(t *testing.T) {
	visit(t, "", spec.Of(reflect.TypeFor[config.File]()))
}

func visit(t *testing.T, path string, n spec.Node) {
	t.Helper()
	if n.Elem != nil {
		visit(t, path, *n.Elem)
		return
	}
	for _, field := range n.Fields {
		name := path + "." + field.Key
		if !strings.HasSuffix(field.Doc, ".") {
			t.Errorf("%s: its meaning is no sentence: %q", name, field.Doc)
		}
		if field.Required && (field.Default != "" || field.Unset != "") {
			t.Errorf("%s: required, and yet with a default", name)
		}
		if field.Required && field.Example == "" && field.Shape != spec.Named {
			t.Errorf("%s: required, and the hint has no example to give", name)
		}
		checkExample(t, name, field)
		visit(t, name, field.Node)
	}
}

// checkExample asserts that what a hint tells people to write is accepted.
func checkExample(t *testing.T, name string, field spec.Field) {
	t.Helper()
	if field.Example == "" {
		return
	}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(field.Example), &document); err != nil {
		t.Fatalf("%s: example %s: %v", name, field.Example, err)
	}
	values, format := document.Content, field.Format
	if field.Shape == spec.List {
		values, format = values[0].Content, field.Elem.Format
	}
	for _, value := range values {
		if value.Kind != yaml.ScalarNode {
			continue
		}
		if _, err := format.Parse(value.Value); err != nil {
			t.Errorf("%s: example %s: %v", name, value.Value, err)
		}
	}
}
