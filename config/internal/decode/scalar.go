package decode

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/spec"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// scalar fills v from one written value. Texts may be written without quotes even where YAML would see a number or a date.
func (d *Decoder) scalar(node *yaml.Node, path, label string, n spec.Node, v reflect.Value) {
	if err := plain(node, n, v.Kind()); err != nil {
		d.fault(span(node), path, fmt.Errorf("%s %w", label, err))
		return
	}
	if err := d.set(node.Value, d.text.At(span(node)), n, v); err != nil {
		d.fault(span(node), path, fmt.Errorf("%s: %w", strings.TrimPrefix(label, "a member of "), err))
	}
}

// plain checks how a value is written, before it matters what it says.
func plain(node *yaml.Node, n spec.Node, kind reflect.Kind) error {
	tag := node.ShortTag()
	isQuoted := node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
	switch {
	case tag == "!!null":
		return ui.Hint(errors.New("has no value"), "give it one, or leave it out")
	case !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}, tag):
		return ui.Hint(fmt.Errorf("has the YAML tag `%s`, which means nothing here", node.Tag), "write the plain value; secrets are given as files of their own")
	case isQuoted && (kind == reflect.Int || kind == reflect.Bool && (node.Value == "true" || node.Value == "false")):
		return ui.Hint(fmt.Errorf("must be %s, not a text", n.Format.Is), "write it without quotes: %s", node.Value)
	case strings.TrimSpace(node.Value) == "":
		return ui.Hint(errors.New("is empty"), "give it a value, or leave it out")
	case strings.TrimSpace(node.Value) != node.Value || strings.ContainsFunc(node.Value, unicode.IsControl):
		if n.Format.OneLine != "" {
			return ui.Hint(errors.New("must be one line without spaces around it"), "%s", n.Format.OneLine)
		}
		return ui.Hint(errors.New("must be one line without spaces around it"), "write it on the line of its key")
	}
	return nil
}

// set converts a text to v's type, within its bounds. Its errors carry hints.
func (d *Decoder) set(text string, at source.Position, n spec.Node, v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if len(n.Enum) > 0 && !slices.Contains(n.Enum, text) {
		return ui.Hint(fmt.Errorf("`%s` is not %s", text, n.Format.Is), "%s", enumHint(text, n.Enum))
	}
	text, err := n.Format.Parse(text)
	if err != nil {
		return err
	}
	if custom, ok := d.scalars[v.Type()]; ok {
		made, err := custom(text, at)
		if err == nil {
			v.Set(reflect.ValueOf(made))
		}
		return err
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		return setDuration(text, n, v)
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		return setBool(text, v)
	default:
		return setInt(text, n, v)
	}
	return nil
}

func enumHint(text string, enum []string) string {
	if word, ok := nearest.Word(text, enum); ok {
		return fmt.Sprintf("did you mean `%s`?", word)
	}
	return "write one of " + quoted(enum)
}

func setBool(text string, v reflect.Value) error {
	switch text {
	case "true", "false":
		v.SetBool(text == "true")
		return nil
	case "True", "TRUE", "yes", "Yes", "on", "On", "y", "1":
		return ui.Hint(fmt.Errorf("`%s` is not true or false", text), "did you mean `true`?")
	case "False", "FALSE", "no", "No", "off", "Off", "n", "0":
		return ui.Hint(fmt.Errorf("`%s` is not true or false", text), "did you mean `false`?")
	}
	return ui.Hint(fmt.Errorf("`%s` is not true or false", text), "write `true` or `false`")
}

func setInt(text string, n spec.Node, v reflect.Value) error {
	number, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(number) != text {
		return ui.Hint(fmt.Errorf("`%s` is not a whole number", text), "write digits only: no unit, no point, no leading zero")
	}
	if err := bounds(n, text, func(bound string) int {
		limit, _ := strconv.Atoi(bound)
		return number - limit
	}); err != nil {
		return err
	}
	v.SetInt(int64(number))
	return nil
}

func setDuration(text string, n spec.Node, v reflect.Value) error {
	duration, err := model.ParseDuration(text)
	if err != nil {
		return ui.Hint(fmt.Errorf("`%s` is not a duration", text), "%s", n.Format.Hint)
	}
	if err := bounds(n, text, func(bound string) int {
		limit, _ := model.ParseDuration(bound)
		return int(duration - limit)
	}); err != nil {
		return err
	}
	v.SetInt(int64(duration))
	return nil
}

// bounds checks a value against the minimum and maximum, given its distance from either.
func bounds(n spec.Node, text string, distance func(bound string) int) error {
	switch {
	case n.Min != "" && distance(n.Min) < 0:
		return ui.Hint(fmt.Errorf("`%s` is too small", text), "%s", boundsHint(n))
	case n.Max != "" && distance(n.Max) > 0:
		return ui.Hint(fmt.Errorf("`%s` is too big", text), "%s", boundsHint(n))
	}
	return nil
}

func boundsHint(n spec.Node) string {
	switch {
	case n.Max == "":
		return "write at least " + n.Min
	case n.Min == "":
		return "write at most " + n.Max
	}
	return fmt.Sprintf("write %s to %s", n.Min, n.Max)
}
