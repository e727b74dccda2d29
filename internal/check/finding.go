package check

import (
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Level is how much a finding matters.
type Level string

// The levels, from the best to the worst.
const (
	OK      Level = "ok"      // looked at, and as it should be
	Info    Level = "info"    // good to know; nothing to do
	Warning Level = "warning" // works, and should be looked after
	Problem Level = "problem" // does not work: the exporter cannot tell, or backups will fail
)

// Advice is one thing that the reader can do.
type Advice struct {
	Text string `json:"text"`
	// Paste holds lines that can be used as they are: commands for a shell on a node, or lines of the declared file.
	Paste []string `json:"paste,omitempty"`
}

// Finding is one thing that was looked at.
type Finding struct {
	// Cluster is the configured name; empty for what concerns the declared file as a whole.
	Cluster string `json:"cluster,omitempty"`
	// Store is the configured name of the object store that it concerns.
	Store string `json:"store,omitempty"`
	// Check names the check that found it, in one word that does not change: token, clocks, ...
	Check string `json:"check"`
	Level Level  `json:"level"`
	What  string `json:"what"`
	// Excerpt is the line of the declared file in question, with a caret.
	Excerpt string   `json:"excerpt,omitempty"`
	Why     string   `json:"why,omitempty"`
	Fix     []Advice `json:"fix,omitempty"`
}

func found(level Level, format string, args ...any) Finding {
	return Finding{Level: level, What: fmt.Sprintf(format, args...)}
}

// because adds why it matters, or why it is so.
func (f Finding) because(format string, args ...any) Finding {
	f.Why = fmt.Sprintf(format, args...)
	return f
}

// advise adds something to do.
func (f Finding) advise(text string, paste ...string) Finding {
	f.Fix = append(f.Fix[:len(f.Fix):len(f.Fix)], Advice{Text: text, Paste: paste})
	return f
}

// caused adds an error as the reason, and what the error advises.
func (f Finding) caused(err error) Finding {
	f.Why = err.Error()
	for _, hint := range ui.Hints(err) {
		f = f.advise(hint)
	}
	return f
}
