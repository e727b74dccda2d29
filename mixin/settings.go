package mixin

import (
	"reflect"
	"strings"
)

// Setting is one value of a [Config].
type Setting struct {
	Key   string // as in the settings file: alerts.BackupStorageFull.above
	Value any    // a bool, string, int, float64, [Severity] or duration
	Doc   string // what it means, in one or two sentences

	least, most string // bounds, written as the value is; empty for none
}

// Settings lists every value, in the order of the types.
func (c Config) Settings() []Setting { return settingsOf("", reflect.ValueOf(c)) }

func settingsOf(path string, section reflect.Value) []Setting {
	var all []Setting
	for i := range section.NumField() {
		field, value := section.Type().Field(i), section.Field(i)
		name, inline, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		key := path + name
		switch {
		case inline == "inline":
			all = append(all, settingsOf(path, value)...)
		case value.Kind() == reflect.Struct:
			all = append(all, settingsOf(key+".", value)...)
		default:
			all = append(all, Setting{key, value.Interface(), field.Tag.Get("doc"), field.Tag.Get("min"), field.Tag.Get("max")})
		}
	}
	return all
}
