package cluster

import (
	"bytes"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

const dumpHead = `What was found in cluster %s, as a declared file. Every job and storage is adopted: a plan by this file changes nothing.
Only what the file says of them is kept so from now on, and none of them is ever removed.`

// write puts the sections together.
func (d *dumper) write() ([]byte, error) {
	file := config.File{Version: config.Version, Clusters: []config.Cluster{d.cluster}, Environments: d.environments, Storages: d.storages}
	text, err := file.Redacted()
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	root := document.Content[0]
	d.tidy(root, "", reflect.TypeFor[config.File]())
	head := []string{strings.ReplaceAll(dumpHead, "%s", printable(d.cluster.Name))}
	for _, section := range []string{"environments", "storages"} {
		if _, there := find(root, section); !there {
			head = append(head, d.remarks[section]...) // there is no section to write it above
		}
	}
	document.HeadComment = strings.Join(head, "\n\n")
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

// tidy takes out of a section what is the default anyway, and puts the remarks above what they are about.
func (d *dumper) tidy(section *yaml.Node, path string, form reflect.Type) {
	defaults, inner := keysOf(form)
	var kept []*yaml.Node
	for i := 0; i+1 < len(section.Content); i += 2 {
		key, value := section.Content[i], section.Content[i+1]
		if fallback, has := defaults[key.Value]; has && value.Kind == yaml.ScalarNode && value.Value == fallback {
			continue
		}
		if key.Value == "schedule" || key.Value == "is_mountpoint" {
			value.Style = yaml.DoubleQuotedStyle // other readers of YAML take 01:00 for a number, and yes for a truth
		}
		here := strings.TrimPrefix(path+"/"+key.Value, "/")
		key.HeadComment = strings.Join(d.remarks[here], "\n")
		switch kind := inner[key.Value]; {
		case kind == nil:
		case value.Kind == yaml.MappingNode && strings.HasPrefix(kind.String(), "[]"):
			d.named(value, here, kind.Elem())
		case value.Kind == yaml.MappingNode:
			d.tidy(value, here, kind)
		}
		kept = append(kept, key, value)
	}
	section.Content = kept
}

// named tidies the sections of a mapping from names to sections.
func (d *dumper) named(mapping *yaml.Node, path string, form reflect.Type) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		here := path + "/" + key.Value
		key.HeadComment = strings.Join(d.remarks[here], "\n")
		d.tidy(mapping.Content[i+1], here, form)
	}
}

// keysOf reads the defaults and the sections of a type of the declared file from its tags.
func keysOf(form reflect.Type) (defaults map[string]string, inner map[string]reflect.Type) {
	defaults, inner = map[string]string{}, map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(form) {
		key := field.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		if fallback, has := field.Tag.Lookup("default"); has {
			defaults[key] = fallback
		}
		kind := field.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct || kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct {
			inner[key] = kind
		}
	}
	return defaults, inner
}

func find(mapping *yaml.Node, name string) (*yaml.Node, bool) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1], true
		}
	}
	return nil, false
}
