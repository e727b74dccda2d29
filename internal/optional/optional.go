// Package optional holds a value that may be unknown.
//
// A fact that Proxmox VE does not state must stay absent all the way to the metric: it must never turn into a zero. Value makes that
// difference explicit where a pointer would invite aliasing. It is not for configuration defaults.
package optional

import "encoding/json"

// Value is a T that may be unknown. The zero Value is unknown.
type Value[T any] struct {
	value T
	known bool
}

// Some returns a known value.
func Some[T any](v T) Value[T] { return Value[T]{value: v, known: true} }

// Get returns the value and whether it is known; an unknown one comes as T's zero value.
func (v Value[T]) Get() (T, bool) { return v.value, v.known }

// Known reports whether there is a value.
func (v Value[T]) Known() bool { return v.known }

// Or returns the value, or fallback where it is unknown.
func (v Value[T]) Or(fallback T) T {
	if v.known {
		return v.value
	}
	return fallback
}

// IsZero reports that the value is unknown, so that encoding/json's omitzero leaves the field out.
func (v Value[T]) IsZero() bool { return !v.known }

// MarshalJSON writes the value, or null where it is unknown.
func (v Value[T]) MarshalJSON() ([]byte, error) {
	if !v.known {
		return []byte("null"), nil
	}
	return json.Marshal(v.value)
}

// UnmarshalJSON reads null as unknown and anything else as a T.
func (v *Value[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*v = Value[T]{}
		return nil
	}
	if err := json.Unmarshal(data, &v.value); err != nil {
		return err
	}
	v.known = true
	return nil
}
