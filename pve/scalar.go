package pve

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// Proxmox VE is written in Perl, where a number is a string when it was read from a file, and a boolean is 0 or 1. The same member comes
// as a number from one call and as a string from another, so everything that can be meant is taken.

// textOf reads a string. A number is taken as it is written, true and false as 1 and 0, null as nothing.
func textOf(raw json.RawMessage) (string, error) {
	switch kindOfJSON(raw) {
	case "string":
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case "number":
		return string(raw), nil
	case "true":
		return "1", nil
	case "false":
		return "0", nil
	case "null":
		return "", nil
	}
	return "", wrongKind("a string", raw)
}

// integerOf reads a whole number; null and an empty string are unknown.
func integerOf(raw json.RawMessage) (optional.Value[int64], error) {
	none := optional.Value[int64]{}
	text, err := textOf(raw)
	if err != nil {
		return none, wrongKind("a number", raw)
	}
	if text = strings.TrimSpace(text); text == "" {
		return none, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return optional.Some(n), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return none, errors.New("want a whole number")
	}
	return optional.Some(int64(f)), nil
}

// flagOf reads a boolean; null and an empty string are unknown.
func flagOf(raw json.RawMessage) (optional.Value[bool], error) {
	text, err := textOf(raw)
	if err != nil {
		return optional.Value[bool]{}, wrongKind("a boolean", raw)
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return optional.Value[bool]{}, nil
	case "1", "true", "yes", "on":
		return optional.Some(true), nil
	case "0", "false", "no", "off":
		return optional.Some(false), nil
	}
	return optional.Value[bool]{}, errors.New("want a boolean")
}

// listOf reads a list that is an array, or a string with Proxmox VE's separators: commas, semicolons, blanks and NUL, in any mixture.
func listOf(raw json.RawMessage) ([]string, error) {
	if kindOfJSON(raw) == "array" {
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, err
		}
		var out []string
		for _, item := range items {
			text, err := textOf(item)
			if err != nil {
				return nil, err
			}
			out = append(out, text)
		}
		return out, nil
	}
	text, err := textOf(raw)
	if err != nil {
		return nil, wrongKind("a list", raw)
	}
	return splitList(text), nil
}

func splitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\r\n\x00", r) })
}

// idsOf reads a list of guest ids.
func idsOf(raw json.RawMessage) ([]int, error) {
	list, err := listOf(raw)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, item := range list {
		id, err := strconv.Atoi(item)
		if err != nil || id <= 0 {
			return nil, errors.New("want a list of guest ids")
		}
		out = append(out, id)
	}
	return out, nil
}

func kindOfJSON(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "null"
	}
	switch raw[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't':
		return "true"
	case 'f':
		return "false"
	case 'n':
		return "null"
	}
	return "number"
}

// wrongKind names what was found, never its value.
func wrongKind(want string, raw json.RawMessage) error {
	kind := kindOfJSON(raw)
	article := "a"
	if kind == "object" || kind == "array" {
		article = "an"
	}
	return fmt.Errorf("want %s, found %s %s", want, article, kind)
}
