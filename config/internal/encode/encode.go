// Package encode writes Go values as the YAML of the declared file: keys in the order of the types, names in the order of the slices, durations
// and dates as people write them. What package config/internal/decode reads back is the same value.
package encode

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
)

// YAML writes a struct. Values that are zero are left out, unless their key has a default or they are pointed to.
func YAML(value any) ([]byte, error) {
	v := reflect.ValueOf(value)
	node, err := section(spec.Of(v.Type()), v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

func section(n spec.Node, v reflect.Value) (*yaml.Node, error) {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, field := range n.Fields {
		written := v.FieldByIndex(field.Index)
		inner := reflect.Indirect(written)
		if !inner.IsValid() || empty(written) && field.Default == "" {
			continue
		}
		child, err := node(field.Node, inner)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field.Key, err)
		}
		mapping.Content = append(mapping.Content, text(field.Key), child)
	}
	return mapping, nil
}

func empty(v reflect.Value) bool { return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 }

func node(n spec.Node, v reflect.Value) (*yaml.Node, error) {
	switch n.Shape {
	case spec.Section:
		return section(n, v)
	case spec.List, spec.Named:
		return members(n, v)
	}
	switch value := v.Interface().(type) {
	case time.Duration:
		return text(model.Duration(value).String()), nil
	case encoding.TextMarshaler:
		written, err := value.MarshalText()
		return text(string(written)), err
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(value)}, nil
	case int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(value)}, nil
	}
	return text(v.String()), nil
}

func members(n spec.Node, v reflect.Value) (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if n.Shape == spec.Named {
		list.Kind = yaml.MappingNode
	} else if n.Elem.Shape == spec.Scalar {
		list.Style = yaml.FlowStyle
	}
	for i := range v.Len() {
		child, err := node(*n.Elem, v.Index(i))
		if err != nil {
			return nil, err
		}
		if n.Shape == spec.Named {
			list.Content = append(list.Content, text(v.Index(i).FieldByName("Name").String()))
		}
		list.Content = append(list.Content, child)
	}
	return list, nil
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}
