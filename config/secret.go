package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what a secret shows of itself.
const redacted = "<secret>"

// Secret is a text that no log, error or page may show. However it is printed or encoded, it shows only that it is one; [Secret.Reveal] is the
// one way to its content. The zero Secret is empty.
type Secret struct {
	// A pointer, since fmt prints the fields of unexported struct fields without asking their methods: it then shows an address.
	text *string
}

// NewSecret makes a secret of a text.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal returns the content, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String hides the content.
func (s Secret) String() string { return redacted }

// GoString hides the content from %#v.
func (s Secret) GoString() string { return redacted }

// Format hides the content from every verb.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue hides the content from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the content from encoders, encoding/json and encoding/xml among them.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON hides the content from encoding/json.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalYAML hides the content from YAML encoders.
func (s Secret) MarshalYAML() (any, error) { return redacted, nil }
