package collector

import (
	"cmp"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// group is a table of metrics about things of one kind: guests, targets, jobs. Every metric has at most one series for each thing, so that
// the labels that tell two things apart make every series unique.
type group[T any] struct {
	labels   []string          // what tells two things of one cluster apart
	apart    bool              // they are of no cluster: no label says so
	identity func(*T) []string // the values of these labels
	families []family[T]
}

// family is one metric: what the reader of /metrics is told and how its value is found.
type family[T any] struct {
	name    string
	kind    Type // a gauge when empty
	meaning string
	origin  string
	value   func(*T) (float64, bool) // false: the fact is not known or does not apply, no series
	// further labels and their values, on top of the group's.
	further       []string
	furtherValues func(*T) []string
}

// definitions lists the metrics of the table.
func (g group[T]) definitions() []Definition {
	all := make([]Definition, len(g.families))
	for i, f := range g.families {
		all[i] = g.definition(f)
	}
	return all
}

// definition describes a metric with the labels that its series really carry.
func (g group[T]) definition(f family[T]) Definition {
	labels := slices.Concat([]string{LabelCluster}, g.labels, f.further)
	if g.apart {
		labels = labels[1:]
	}
	return Definition{Name: f.name, Type: cmp.Or(f.kind, Gauge), Meaning: f.meaning, Origin: f.origin, Labels: labels}
}

// one is the value of a series whose labels say everything.
func one[T any](*T) (float64, bool) { return 1, true }

// while is the value of a series that exists only while something is so.
func while(is bool) (float64, bool) { return 1, is }

// yesNo is the value of a series that says yes (1) or no (0).
func yesNo(is bool) (float64, bool) {
	if is {
		return 1, true
	}
	return 0, true
}

// number is the value of a series whose fact may be unknown.
func number[N int | int64 | float64](v optional.Value[N]) (float64, bool) {
	n, known := v.Get()
	return float64(n), known
}

// answer is the value of a yes or no that may be unknown.
func answer(v optional.Value[bool]) (float64, bool) {
	is, known := v.Get()
	value, _ := yesNo(is)
	return value, known
}

// boolLabel writes a yes or no as a label value.
func boolLabel(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// add makes the series of every metric of a group and appends them to the builder's families.
func add[T any](b *builder, g group[T], items []T) {
	known, labels := distinct(b, g, items)
	for _, f := range g.families {
		b.found = b.found[:0]
		for i, item := range known {
			value, ok := f.value(item)
			if !ok {
				continue
			}
			pairs := labels[i]
			if f.further != nil {
				pairs = b.with(pairs, f.further, f.furtherValues(item))
			}
			b.found = append(b.found, sample{pairs, value})
		}
		if f.further != nil {
			slices.SortFunc(b.found, func(x, y sample) int { return compareLabels(x.pairs, y.pairs) })
		}
		b.put(g.definition(f), b.found)
	}
}

// distinct cleans the identity of every thing, leaves out those that would carry the labels of an earlier one, and returns the others with
// their labels, in the order of a registry's output.
func distinct[T any](b *builder, g group[T], items []T) ([]*T, [][]*dto.LabelPair) {
	type labelled struct {
		item  *T
		pairs []*dto.LabelPair
	}
	common := b.cluster
	if g.apart {
		common = nil
	}
	seen := make(map[string]struct{}, len(items))
	kept := make([]labelled, 0, len(items))
	for i := range items {
		values := g.identity(&items[i])
		for j := range values {
			values[j] = cleanLabel(values[j])
		}
		key := strings.Join(values, "\x00") // no clean value contains it
		if _, again := seen[key]; again {
			b.leaveOut(g.families[0].name, values)
			continue
		}
		seen[key] = struct{}{}
		kept = append(kept, labelled{&items[i], b.with(common, g.labels, values)})
	}
	slices.SortFunc(kept, func(x, y labelled) int { return compareLabels(x.pairs, y.pairs) })
	known, labels := make([]*T, len(kept)), make([][]*dto.LabelPair, len(kept))
	for i, k := range kept {
		known[i], labels[i] = k.item, k.pairs
	}
	return known, labels
}
