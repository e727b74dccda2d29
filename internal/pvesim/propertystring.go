package pvesim

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// property describes one key of a property string.
type property struct {
	kind     propertyKind
	min, max int64
	bounded  bool // max counts
	required bool
	first    bool // the key that may be left out: "local:8" is "file=local:8"
}

type propertyKind uint8

const (
	textProperty propertyKind = iota
	integerProperty
	flagProperty
)

// propertyFormat describes a property string, such as "enabled=1,storage=local".
type propertyFormat map[string]property

func keepFormat() propertyFormat {
	f := propertyFormat{"keep-all": {kind: flagProperty}}
	for _, period := range []string{"last", "hourly", "daily", "weekly", "monthly", "yearly"} {
		f["keep-"+period] = property{kind: integerProperty}
	}
	return f
}

func fleecingFormat() propertyFormat {
	return propertyFormat{"enabled": {kind: flagProperty, first: true}, "storage": {}}
}

func performanceFormat() propertyFormat {
	return propertyFormat{"max-workers": {kind: integerProperty, min: 1, max: 256, bounded: true}, "pbs-entries-max": {kind: integerProperty, min: 1}}
}

// parse reads a property string with PVE's complaints; path is the name of what it is about.
func (f propertyFormat) parse(path, text string) (map[string]string, error) {
	values := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		key, value, found := strings.Cut(part, "=")
		switch {
		case found && (key == "" || value == ""):
			return nil, textError("missing key in comma-separated list property")
		case !found:
			if key, value = f.firstKey(), part; key == "" {
				return nil, textError("value without key, but schema does not define a default key")
			}
		}
		if _, twice := values[key]; twice {
			return nil, textError("duplicate key in comma-separated list property: " + key)
		}
		values[key] = value
	}
	if faults := f.faults(values); len(faults) > 0 {
		text := "format error"
		for _, key := range slices.Sorted(maps.Keys(faults)) {
			text += "\n" + path + "." + key + ": " + faults[key]
		}
		return nil, textError(text)
	}
	return values, nil
}

func (f propertyFormat) firstKey() string {
	for key, p := range f {
		if p.first {
			return key
		}
	}
	return ""
}

// faults checks each value.
func (f propertyFormat) faults(values map[string]string) map[string]string {
	faults := map[string]string{}
	for key, p := range f {
		if _, given := values[key]; p.required && !given {
			faults[key] = "property is missing and it is not optional"
		}
	}
	for key, value := range values {
		p, known := f[key]
		if !known {
			faults[key] = "property is not defined in schema and the schema does not allow additional properties"
		} else if text := p.fault(value); text != "" {
			faults[key] = text
		}
	}
	return faults
}

func (p property) fault(value string) string {
	switch p.kind {
	case flagProperty:
		if !slices.Contains([]string{"0", "1", "on", "off", "yes", "no", "true", "false"}, strings.ToLower(value)) {
			return "type check ('boolean') failed - got '" + value + "'"
		}
	case integerProperty:
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil:
			return "type check ('integer') failed - got '" + value + "'"
		case n < p.min:
			return "value must have a minimum value of " + strconv.FormatInt(p.min, 10)
		case p.bounded && n > p.max:
			return "value must have a maximum value of " + strconv.FormatInt(p.max, 10)
		}
	}
	return ""
}

// print writes a property string as PVE stores it: the key that may be left out first, without its name, then those that must be there,
// then the others, each in alphabetical order.
func (f propertyFormat) print(values map[string]string) string {
	keys := slices.Sorted(maps.Keys(values))
	rank := func(key string) int {
		switch p := f[key]; {
		case p.first:
			return 0
		case p.required:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(keys, func(a, b string) int { return rank(a) - rank(b) })
	parts := make([]string, len(keys))
	for i, key := range keys {
		value := values[key]
		if f[key].kind == flagProperty {
			value = flagText(value)
		}
		if parts[i] = key + "=" + value; f[key].first {
			parts[i] = value
		}
	}
	return strings.Join(parts, ",")
}

// flagText writes any of the truth values that PVE takes as it stores it.
func flagText(text string) string {
	if slices.Contains([]string{"1", "on", "yes", "true"}, strings.ToLower(text)) {
		return "1"
	}
	return "0"
}

// checkProperties is the check of a parameter that is a property string.
func checkProperties(format func() propertyFormat) func(name, value string) error {
	return func(name, value string) error {
		_, err := format().parse(name, value)
		return err
	}
}

// checkKeep is PVE's format of a retention rule.
func checkKeep(name, value string) error {
	_, err := parseKeep(name, value)
	return err
}

// parseKeep reads a retention rule; one that keeps nothing of anything keeps all.
func parseKeep(name, value string) (map[string]string, error) {
	values, err := keepFormat().parse(name, value)
	if err != nil {
		return nil, err
	}
	all := flagText(values["keep-all"]) == "1"
	delete(values, "keep-all")
	maps.DeleteFunc(values, func(_, count string) bool { return strings.Trim(count, "0") == "" })
	switch {
	case len(values) == 0:
		return map[string]string{"keep-all": "1"}, nil
	case all:
		return nil, textError("keep-all cannot be set together with other options.")
	}
	return values, nil
}
