package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Name is what a change is called in a line: "job backup-prod (prod on home)".
func Name(change plan.Change) string {
	return words.Text(change.Kind.Words()+" "+change.ID) + " " + where(change)
}

func where(change plan.Change) string {
	text := "on " + change.Scope
	if change.Environment != "" {
		text = change.Environment + " " + text
	}
	return "(" + words.Text(text) + ")"
}

// many is how many changes that are alike are told as one.
const many = 4

// alike reports that two changes differ in nothing but their objects' ids.
func alike(a, b plan.Change) bool {
	return a.Action == b.Action && a.Kind == b.Kind && a.Scope == b.Scope && a.Environment == b.Environment && slices.Equal(a.Fields, b.Fields)
}

// changes writes changes with their fields, in their order. Neighbours that are alike become one entry.
func (p Printer) changes(out *strings.Builder, list []plan.Change) {
	for len(list) > 0 {
		same := 1
		for same < len(list) && alike(list[0], list[same]) {
			same++
		}
		if same < many {
			same = 1
			fmt.Fprintf(out, "  %s %s\n", p.sign(list[0].Action), Name(list[0]))
		} else {
			fmt.Fprintf(out, "  %s %d %ss %s, each:\n", p.sign(list[0].Action), same, list[0].Kind.Words(), where(list[0]))
		}
		p.fields(out, list[0].Fields)
		if same > 1 {
			ids(out, list[:same])
		}
		list = list[same:]
	}
}

func (p Printer) fields(out *strings.Builder, fields []plan.FieldChange) {
	for _, each := range fields {
		action := plan.Update
		switch {
		case !each.HasBefore:
			action = plan.Create
		case !each.HasAfter:
			action = plan.Delete
		}
		fmt.Fprintf(out, "      %s %s\n", p.sign(action), field(each))
	}
}

// ids lists all objects of an entry, in lines of a terminal's width.
func ids(out *strings.Builder, list []plan.Change) {
	const indent, width = "        ", 100
	line := indent
	for i, each := range list {
		id := words.Text(each.ID)
		if i < len(list)-1 {
			id += ","
		}
		if line != indent && len(line)+len(id) >= width {
			out.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += id + " "
	}
	out.WriteString(strings.TrimRight(line, " ") + "\n")
}
