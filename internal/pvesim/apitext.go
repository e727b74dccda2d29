package pvesim

import (
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// fillPath replaces the {parameters} of a permission path.
func fillPath(path string, call *wire.Call) string {
	for {
		before, rest, found := strings.Cut(path, "{")
		if !found {
			return path
		}
		name, after, _ := strings.Cut(rest, "}")
		path = before + call.Get(name) + after
	}
}

func join(parts []string, separator string) string { return strings.Join(parts, separator) }

// rawText is a text that goes out byte by byte, be it UTF-8 or not: PVE hands on whatever a configuration file holds.
type rawText string

// MarshalJSON quotes the text and escapes only what JSON cannot do without.
func (t rawText) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, len(t)+2)
	out = append(out, '"')
	for i := range len(t) {
		switch b := t[i]; {
		case b == '"' || b == '\\':
			out = append(out, '\\', b)
		case b == '\n':
			out = append(out, '\\', 'n')
		case b < 0x20:
			out = append(out, '\\', 'u', '0', '0', "0123456789abcdef"[b>>4], "0123456789abcdef"[b&15])
		default:
			out = append(out, b)
		}
	}
	return append(out, '"'), nil
}

// number reads a figure of a configuration file as JSON knows it; a text that is none stays one.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f
	}
	return rawText(text)
}

// vmidParam is the id of a guest as a parameter.
func vmidParam(required bool) wire.Param {
	return wire.Param{Name: "vmid", Required: required, Check: checkVMID}
}

// checkVMID is PVE's format for guest ids.
func checkVMID(text string) error {
	if id, err := strconv.Atoi(text); err != nil || id < 100 || id > 999999999 {
		return textError("value does not look like a valid VM ID")
	}
	return nil
}

// textError is an error that is only a text for the wire.
type textError string

func (e textError) Error() string { return string(e) }
