package report

import (
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Plan writes a plan: changes, what waits for a restart, warnings, refusals, and the sum of it in the last line.
func (p Printer) Plan(planned plan.Plan) error {
	var out strings.Builder
	section := func(title string) {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		if title != "" {
			out.WriteString(p.paint(bold, title) + "\n")
		}
	}
	if len(planned.Changes) > 0 {
		section("")
		p.changes(&out, planned.Changes)
	}
	if len(planned.Pending) > 0 {
		section("Pending restart (written already; it takes effect when the guest is shut down and started again):")
		p.changes(&out, planned.Pending)
	}
	if len(planned.Warnings) > 0 {
		section("Warnings:")
		for _, each := range planned.Warnings {
			p.notice(&out, p.paint(yellow, "!"), plan.Refusal(each))
		}
	}
	if len(planned.Refusals) > 0 {
		section("Refused:")
		for _, each := range planned.Refusals {
			p.notice(&out, p.paint(red, "!"), each)
		}
	}
	section("")
	out.WriteString(p.paint(bold, Summary(planned)) + "\n")
	return p.write(&out)
}

// Summary is the plan in one line.
func Summary(planned plan.Plan) string {
	text := "No changes. Everything is as declared."
	switch {
	case len(planned.Changes) > 0:
		text = fmt.Sprintf("Plan: %d to add, %d to change, %d to remove.", planned.Count(plan.Create), planned.Count(plan.Update), planned.Count(plan.Delete))
	case len(planned.Refusals) > 0:
		text = "No changes, but not everything is as declared."
	case len(planned.Pending) > 0:
		text = "No changes. What is declared has been written."
	}
	if n := len(planned.Pending); n > 0 {
		text += fmt.Sprintf(" %d pending restart.", n)
	}
	if n := len(planned.Refusals); n > 0 {
		text += " Refused for " + words.Count(n, "reason", "reasons") + ": nothing will be done."
	}
	return text
}

// notice writes a warning or refusal: where, what, the differences, and what to do.
func (p Printer) notice(out *strings.Builder, sign string, notice plan.Refusal) {
	text := notice.Message
	if notice.Scope != "" {
		text = notice.Scope + ": " + text
	}
	if notice.At != "" {
		text = notice.At + ": " + text
	}
	fmt.Fprintf(out, "  %s %s\n", sign, words.Text(text))
	p.fields(out, notice.Fields)
	if notice.Hint != "" {
		fmt.Fprintf(out, "      hint: %s\n", words.Text(notice.Hint))
	}
}
