package rules

import (
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// Pieces of descriptions, in the language of Prometheus' templates.
const (
	inEnvironment = "in environment {{ $labels.environment }} of cluster {{ $labels.cluster }}"
	inCluster     = "Cluster {{ $labels.cluster }}"
	aStorage      = "Storage {{ $labels.storage }} of cluster {{ $labels.cluster }}"
)

// ask is a query about the things that the alert's labels name, as the head of a pipeline.
func (b *builder) ask(metric string, labels []string) string {
	return b.askFor(metric, labels, func(e query.Expr) query.Expr { return e })
}

// askFor is a query about them in which the metric is only a part.
func (b *builder) askFor(metric string, labels []string, wrap func(query.Expr) query.Expr, matchers ...query.Matcher) string {
	var mine []query.Matcher
	arguments := ""
	for _, label := range labels {
		mine = append(mine, query.Equal(label, placeholder))
		arguments += " $labels." + label
	}
	text := wrap(b.of(metric, append(mine, matchers...)...)).String()
	text = strings.ReplaceAll(text, "%", "%%")
	text = strings.ReplaceAll(text, `"`+placeholder+`"`, "%q")
	return "printf `" + strings.ReplaceAll(text, "\n", " ") + "`" + arguments + " | query"
}

// askGroup is a query for the values of one label among the series of a metric, or among those with a value.
func (b *builder) askGroup(metric string, labels []string, label string, value ...float64) string {
	return b.askFor(metric, labels, func(e query.Expr) query.Expr {
		for _, v := range value {
			e = e.Equals(v)
		}
		return query.By("group", e, label)
	})
}

// times writes a factor.
func times(factor float64) string { return strconv.FormatFloat(factor, 'f', -1, 64) + " times" }

// percent writes a ratio.
func percent(ratio float64) string { return strconv.FormatFloat(ratio*100, 'f', -1, 64) + " %" }

// placeholder stands for the value of one of the alert's labels.
const placeholder = "\u00ab\u00bb"

// first writes a label of the first series that a query finds, between these texts; nothing if it finds none.
func first(pipeline, label, before, after string) string {
	return "{{ with " + pipeline + " }}" + before + "{{ . | first | label \"" + label + "\" }}" + after + "{{ end }}"
}

// list writes something for every series that a query finds, with commas between.
func list(pipeline, sortedBy, each string) string {
	return "{{ range $i, $one := " + pipeline + " | sortByLabel \"" + sortedBy + "\" }}{{ if $i }}, {{ end }}" + each + "{{ end }}"
}

// guest names the guest: its name, where it is known, its id, its environment and cluster.
func (b *builder) guest() string {
	return "Guest " + first(b.ask(collector.GuestInfo, ofGuest), "name", "", " ") + "({{ $labels.id }}) " + inEnvironment
}

// labelOf is a label of one series in a list.
func labelOf(label string) string { return "{{ .Labels." + label + " }}" }
