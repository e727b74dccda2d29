package strict

import (
	"reflect"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// isScalar reports whether a type is written as one word.
func isScalar(kind reflect.Type) bool {
	if kind == reflect.TypeFor[time.Time]() {
		return true
	}
	switch kind.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map:
		return false
	}
	return true
}

// wording says how values of a type are written.
type wording struct{ what, hint, example string }

func wordingOf(kind reflect.Type) wording {
	switch {
	case kind == reflect.TypeFor[model.Duration]():
		return wording{"no time", "times are written as Prometheus does: 90m, 3d12h, 1w; they are never negative", "1d"}
	case kind == reflect.TypeFor[time.Time]():
		return wording{"no moment", "write it like 2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"}
	}
	switch kind.Kind() {
	case reflect.Bool:
		return wording{"neither true nor false", "write true or false", "true"}
	case reflect.Int, reflect.Int64:
		return wording{"no whole number", "write digits, such as 3", "3"}
	case reflect.Uint64:
		return wording{"no whole number that is not negative", "write digits, such as 3", "3"}
	case reflect.Float64:
		return wording{"no number", "write a number, such as 0.5", "0.5"}
	case reflect.String:
		return wording{"no text", "write one text here; quote what begins with a special character", "text"}
	}
	return wording{"of another kind", "docs/scenarios.md tells what belongs here", "..."}
}

func example(kind reflect.Type) string {
	if !isScalar(kind) {
		return "{...}"
	}
	return wordingOf(kind).example
}

func (c *checker) scalar(node *yaml.Node, kind reflect.Type, what string) {
	words := wordingOf(kind)
	if node.Kind != yaml.ScalarNode {
		c.fault(node, words.hint, "%s must be one value, not a list or a mapping", what)
		return
	}
	if node.Decode(reflect.New(kind).Interface()) != nil {
		c.fault(node, words.hint, "%s: %q is %s", what, node.Value, words.what)
	}
}
