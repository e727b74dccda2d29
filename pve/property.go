package pve

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// propertyDefaults names the options that are property strings, with the key that may be left out: "1,storage=local" is
// "enabled=1,storage=local".
var propertyDefaults = map[string]string{
	"prune-backups": "",
	"performance":   "",
	"fleecing":      "enabled",
}

// canonicalOption writes the value of a vzdump option in one way, however a reply spells it: a property string such as
// prune-backups or fleecing gets all its keys, in alphabetical order. Other values are returned as they are.
func canonicalOption(name, value string) string {
	defaultKey, is := propertyDefaults[name]
	if !is {
		return value
	}
	properties := make(map[string]string)
	for part := range strings.SplitSeq(value, ",") {
		key, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case ok:
			properties[key] = v
		case key != "" && defaultKey != "":
			properties[defaultKey] = key
		case key != "":
			properties[key] = ""
		}
	}
	parts := make([]string, 0, len(properties))
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		parts = append(parts, key+"="+properties[key])
	}
	return strings.Join(parts, ",")
}

// propertiesOf reads a property string that arrives as an object, as GET /cluster/backup sends it, or as a string, as GET /storage does.
func propertiesOf(name string) func(json.RawMessage) (string, error) {
	return func(raw json.RawMessage) (string, error) {
		if kindOfJSON(raw) != "object" {
			text, err := textOf(raw)
			return canonicalOption(name, text), err
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return "", err
		}
		var parts []string
		for key, value := range members {
			text, err := textOf(value)
			if err != nil {
				return "", err
			}
			parts = append(parts, key+"="+text)
		}
		return canonicalOption(name, strings.Join(parts, ",")), nil
	}
}

func (r *record) properties(name string) string { return field(r, name, propertiesOf(name)) }
