package plan

import (
	"maps"
	"slices"
	"strings"
)

// differences are the properties of an object that are not as declared, each list by name.
type differences struct {
	write []FieldChange // have to be written
	wait  []FieldChange // were written and wait for a restart
	fixed []FieldChange // would have to be written, and cannot
}

func (d differences) all() []FieldChange {
	return slices.SortedFunc(slices.Values(slices.Concat(d.write, d.wait, d.fixed)), func(a, b FieldChange) int { return strings.Compare(a.Name, b.Name) })
}

// compare looks at the properties that the file decides, and at no other.
func compare(wanted *Desired, found *Current) differences {
	var differs differences
	for _, name := range decided(wanted) {
		change, changed, waits := compareField(wanted, found, name)
		switch {
		case !changed:
		case waits:
			differs.wait = append(differs.wait, change)
		case slices.Contains(wanted.Fixed, name):
			differs.fixed = append(differs.fixed, change)
		default:
			differs.write = append(differs.write, change)
		}
	}
	return differs
}

func compareField(wanted *Desired, found *Current, name string) (change FieldChange, changed, waits bool) {
	field, hasAfter := wanted.Fields[name]
	if field.Sensitive {
		return FieldChange{Name: name, HasBefore: true, HasAfter: true, Sensitive: true}, field.SecretChanged, false
	}
	before, hasBefore := found.Fields[name]
	pending, hasPending := found.Pending[name]
	last, hasLast := before, hasBefore // what holds if nothing is written
	if hasPending {
		last, hasLast = pending, true
	}
	after := field.Text
	if slices.Contains(wanted.Contains, name) && hasAfter {
		if missing := missingMembers(last, after); len(missing) > 0 {
			after = strings.Join(append(members(last), missing...), ",")
		} else {
			after, hasAfter = last, hasLast
		}
	}
	same := func(value string, has bool) bool { return has == hasAfter && (!has || value == after) }
	switch {
	case !same(last, hasLast):
		return FieldChange{Name: name, Before: last, After: after, HasBefore: hasLast, HasAfter: hasAfter}, true, false
	case !same(before, hasBefore):
		return FieldChange{Name: name, Before: before, After: after, HasBefore: hasBefore, HasAfter: hasAfter}, true, true
	}
	return FieldChange{}, false, false
}

// decided returns the names of the properties that the file decides, in order.
func decided(wanted *Desired) []string {
	names := slices.AppendSeq(slices.Clone(wanted.Managed), maps.Keys(wanted.Fields))
	slices.Sort(names)
	return slices.Compact(names)
}

// created lists what a new object gets. A list that must contain something contains just that.
func created(wanted *Desired) []FieldChange {
	fields := make([]FieldChange, 0, len(wanted.Fields))
	for _, name := range slices.Sorted(maps.Keys(wanted.Fields)) {
		field := wanted.Fields[name]
		change := FieldChange{Name: name, HasAfter: true, Sensitive: field.Sensitive}
		if !field.Sensitive {
			change.After = field.Text
		}
		fields = append(fields, change)
	}
	return fields
}

// removed lists what is lost with an object.
func removed(found *Current) []FieldChange {
	fields := make([]FieldChange, 0, len(found.Fields))
	for _, name := range slices.Sorted(maps.Keys(found.Fields)) {
		fields = append(fields, FieldChange{Name: name, Before: found.Fields[name], HasBefore: true})
	}
	return fields
}

// members cuts a comma-separated list.
func members(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func missingMembers(list, wanted string) (missing []string) {
	present := members(list)
	for _, each := range members(wanted) {
		if !slices.Contains(present, each) && !slices.Contains(missing, each) {
			missing = append(missing, each)
		}
	}
	return missing
}
