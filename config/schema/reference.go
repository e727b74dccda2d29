package schema

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
)

//go:embed configuration.md.tmpl
var page string

// table is one section of the file in the reference.
type table struct {
	Paths  []string // where it may stand
	Rows   []row
	Shared []string // keys that another section describes
	Where  string   // and that section
}

type row struct{ Key, Type, Default, Meaning string }

// Markdown returns the reference page of the declared file: docs/configuration.md.
func Markdown() ([]byte, error) {
	parsed, err := template.New("configuration").Parse(page)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, map[string]any{"Tables": tables(), "Profiles": profiles()})
	return out.Bytes(), err
}

// tables lists the sections in the order of the types, each kind of section once.
func tables() []*table {
	var list []*table
	byType := map[reflect.Type]*table{}
	shared := map[reflect.Type]string{} // where the keys of an embedded struct are described
	var walk func(path string, n spec.Node)
	walk = func(path string, n spec.Node) {
		if n.Shape == spec.List || n.Shape == spec.Named {
			walk(path+map[spec.Shape]string{spec.List: "[]", spec.Named: ".NAME"}[n.Shape], *n.Elem)
			return
		}
		if n.Shape != spec.Section {
			return
		}
		if known, ok := byType[n.Type]; ok {
			known.Paths = append(known.Paths, path)
			return
		}
		section := &table{Paths: []string{path}}
		list, byType[n.Type] = append(list, section), section
		for _, field := range n.Fields {
			walk(strings.TrimPrefix(path+"."+field.Key, "."), field.Node)
			if len(field.Index) > 1 {
				from := n.Type.Field(field.Index[0]).Type
				if where, ok := shared[from]; ok && where != path {
					section.Shared, section.Where = append(section.Shared, field.Key), where
					continue
				}
				shared[from] = path
			}
			section.Rows = append(section.Rows, rowOf(field))
		}
	}
	walk("", spec.Of(reflect.TypeFor[config.File]()))
	return list
}

func rowOf(field spec.Field) row {
	made := row{Key: "`" + field.Key + "`", Type: typeOf(field.Node), Meaning: code(field.Doc)}
	switch {
	case field.Required:
		made.Default = "**required**"
	case len(field.RequiredOf) > 0 && slices.Equal(field.Of, field.RequiredOf):
		made.Default = "**required** there"
	case len(field.RequiredOf) > 0:
		made.Default = "**required** of " + strings.Join(field.RequiredOf, ", ")
	case field.Default != "":
		made.Default = "`" + field.Default + "`"
	default:
		made.Default = code(field.Unset)
	}
	if len(field.Of) > 0 {
		made.Meaning = "*" + strings.Join(field.Of, ", ") + "*: " + made.Meaning
	}
	if field.Example != "" && field.Shape != spec.Section {
		made.Meaning += fmt.Sprintf(" Example: `%s`", field.Example)
	}
	return made
}

func typeOf(n spec.Node) string {
	inner := n
	if n.Shape == spec.List {
		inner = *n.Elem
	}
	switch {
	case len(inner.Enum) > 0 && n.Shape == spec.List:
		return "list of `" + strings.Join(inner.Enum, "`, `") + "`"
	case len(inner.Enum) > 0:
		return "`" + strings.Join(inner.Enum, "`, `") + "`"
	case inner.Min != "" && inner.Max == inner.Min:
		return inner.Min
	case inner.Min != "" && inner.Max != "":
		return fmt.Sprintf("%s, %s to %s", n.Kind(), inner.Min, inner.Max)
	case inner.Min != "":
		return fmt.Sprintf("%s, at least %s", n.Kind(), inner.Min)
	}
	return n.Kind()
}

var quotedKey = regexp.MustCompile(`(^|[\s(])'([^']+)'`)

// code sets what a tag quotes in the page's code style: tags cannot contain a backquote.
func code(text string) string { return quotedKey.ReplaceAllString(text, "$1`$2`") }

type profile struct {
	Name string
	config.Backup
}

func profiles() []profile {
	var list []profile
	all := config.Profiles()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, profile{name, all[name]})
	}
	return list
}
