package pve

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// record reads the members of one object of a reply. The first member that is not what it should be is kept as the error, so that a
// type's reading is a plain list of its fields.
type record struct {
	fields map[string]json.RawMessage
	err    error
}

// rows reads a list of objects.
func rows[T any](data json.RawMessage, read func(*record) T) ([]T, error) {
	if kind := kindOfJSON(data); kind != "array" {
		return nil, wrongKind("a list", data)
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, plainJSONError(err)
	}
	out := make([]T, len(list))
	for i, fields := range list {
		r := record{fields: fields}
		if out[i] = read(&r); r.err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, r.err)
		}
	}
	return out, nil
}

// object reads one object.
func object[T any](data json.RawMessage, read func(*record) T) (T, error) {
	var zero T
	if kind := kindOfJSON(data); kind != "object" {
		return zero, wrongKind("an object", data)
	}
	r := record{}
	if err := json.Unmarshal(data, &r.fields); err != nil {
		return zero, plainJSONError(err)
	}
	out := read(&r)
	return out, r.err
}

func field[T any](r *record, name string, read func(json.RawMessage) (T, error)) T {
	value, err := read(r.fields[name])
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
	return value
}

// required is a text without which the entry means nothing.
func (r *record) required(name string) string {
	value := r.text(name)
	if value == "" && r.err == nil {
		r.err = fmt.Errorf("%s is missing", name)
	}
	return value
}

func (r *record) text(name string) string { return field(r, name, textOf) }

func (r *record) integer(name string) optional.Value[int64] { return field(r, name, integerOf) }

// count is an integer of which absence means zero.
func (r *record) count(name string) int64 { return r.integer(name).Or(0) }

func (r *record) flag(name string, absent bool) bool { return field(r, name, flagOf).Or(absent) }

func (r *record) list(name string) []string { return field(r, name, listOf) }

func (r *record) ids(name string) []int { return field(r, name, idsOf) }

// plainJSONError keeps what a type error says and leaves out the Go types that it names.
func plainJSONError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("want objects, found a %s", wrong.Value)
	}
	return err
}
