package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Version is the version of the JSON form. It rises when a member goes or changes its meaning, not when one is added.
const Version = 1

// Document is all that a run has to say.
type Document struct {
	Plan plan.Plan
	// Begun tells that the plan was being carried out; Steps are the changes whose turn came, the failed one included.
	Begun bool
	Steps []Step
	// Interrupted tells that the user ended the run before its end.
	Interrupted bool
	// Jobs are the declared jobs as they are afterwards.
	Jobs []Job
	// Servers are the object stores in containers as they are afterwards.
	Servers []Server
	// Err is what ended the run. Joined errors are told one by one, each with its hints.
	Err error
}

// Result is what a run came to.
type Result string

// The results. Planned: there is something to do, and nothing was done since the run was a dry one.
const (
	ResultNoChanges   Result = "no_changes"
	ResultPlanned     Result = "planned"
	ResultApplied     Result = "applied"
	ResultRefused     Result = "refused"
	ResultFailed      Result = "failed"
	ResultInterrupted Result = "interrupted"
)

// Result says what the run came to.
func (d Document) Result() Result {
	switch {
	case d.Interrupted:
		return ResultInterrupted
	case len(d.Plan.Refusals) > 0 && !d.Begun:
		return ResultRefused
	case d.Err != nil:
		return ResultFailed
	case len(d.Plan.Changes) == 0:
		return ResultNoChanges
	case d.Begun:
		return ResultApplied
	}
	return ResultPlanned
}

// JSON writes the document as one JSON object, see docs/provision.md.
func JSON(w io.Writer, document Document) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document.form()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if _, err := w.Write(harmless(out.Bytes())); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// harmless escapes what JSON allows and a terminal may obey. Such characters stand in strings only, but for the ends of lines.
func harmless(document []byte) []byte {
	var out []byte
	for rest := document; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r != '\n' && words.Disturbs(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, rest[:size]...)
		}
		rest = rest[size:]
	}
	return out
}
