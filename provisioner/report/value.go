package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

const (
	longText = 160 // characters of a value that are shown
	longList = 8   // members of a list from which on a change of it is told by its members
)

const sensitive = "(sensitive)"

// field writes the change of a property without its sign: `schedule = "01:00" -> "02:00"`.
func field(change plan.FieldChange) string {
	name := words.Name(change.Name)
	switch {
	case change.Sensitive:
		return name + " = " + sensitive
	case !change.HasBefore:
		return name + " = " + quote(change.After)
	case !change.HasAfter:
		return name + " = " + quote(change.Before)
	}
	if members, isList := membersChanged(change.Before, change.After); isList {
		return name + ": " + members
	}
	return name + " = " + quote(change.Before) + " -> " + quote(change.After)
}

// quote writes a value so that nothing in it can be mistaken or do harm.
func quote(text string) string {
	length := utf8.RuneCountInString(text)
	if length <= longText {
		return strconv.Quote(text)
	}
	note := words.Count(length, "character", "characters")
	if list := strings.Split(text, ","); len(list) > longList {
		note = fmt.Sprintf("%d in the list", len(list))
	}
	return strconv.Quote(string([]rune(text)[:longText])) + "… (" + note + ")"
}

// membersChanged tells which members a long list wins and loses: two lists of a hundred guests side by side would show nobody what changes.
func membersChanged(before, after string) (text string, isList bool) {
	old, wanted := strings.Split(before, ","), strings.Split(after, ",")
	if max(len(old), len(wanted)) <= longList {
		return "", false
	}
	added, lost := without(wanted, old), without(old, wanted)
	var parts []string
	if len(added) > 0 {
		parts = append(parts, "adds "+listed(added))
	}
	if len(lost) > 0 {
		parts = append(parts, "drops "+listed(lost))
	}
	if len(parts) == 0 {
		return "", false // the same members in another order
	}
	return fmt.Sprintf("%s (%d -> %d in the list)", strings.Join(parts, ", "), len(old), len(wanted)), true
}

func without(list, others []string) (rest []string) {
	known := make(map[string]bool, len(others))
	for _, each := range others {
		known[each] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(each string) bool { return known[each] })
}

func listed(members []string) string {
	shown := make([]string, len(members))
	for i, each := range members {
		shown[i] = words.Name(each)
	}
	return words.List(shown, longList)
}
