package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Printer writes texts for people. Its methods return the first error of the writer.
type Printer struct {
	Out io.Writer
	// Colour allows decoration.
	Colour bool
}

// colour is the number of an SGR attribute.
type colour int

const (
	plain  colour = 0
	bold   colour = 1
	red    colour = 31
	green  colour = 32
	yellow colour = 33
)

func (p Printer) paint(c colour, text string) string {
	if !p.Colour || c == plain {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", c, text)
}

func (p Printer) write(text *strings.Builder) error {
	if _, err := io.WriteString(p.Out, text.String()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// sign is the mark of an action, painted.
func (p Printer) sign(action plan.Action) string {
	switch action {
	case plan.Create:
		return p.paint(green, "+")
	case plan.Delete:
		return p.paint(red, "-")
	}
	return p.paint(yellow, "~")
}
