package expressions

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

// metrics are the labels of every metric that an expression may name.
type metrics map[string]map[string]bool

// exposed reads the golden scrape of the exporter. What lives outside of snapshots comes from the definitions.
func exposed(t *testing.T) metrics {
	t.Helper()
	file, err := os.Open("../../collector/testdata/golden.prom")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scraped := expfmt.NewTextParser(model.UTF8Validation)
	families, err := scraped.TextToMetricFamilies(file)
	if err != nil {
		t.Fatal(err)
	}
	known := metrics{"up": {}}
	for name, family := range families {
		known[name] = map[string]bool{}
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				known[name][label.GetName()] = true
			}
		}
	}
	for _, definition := range collector.Definitions() {
		if !definition.Live {
			continue
		}
		known[definition.Name] = map[string]bool{}
		for _, label := range definition.Labels {
			known[definition.Name][label] = true
		}
	}
	for _, set := range known { // what a scrape adds, and what it makes of labels without honor_labels
		for label := range set {
			set[model.ExportedLabelPrefix+label] = true
		}
		set["instance"], set["job"] = true, true
	}
	return known
}

// check finds the metrics and labels of an expression that are not there, and returns the labels that its result can have.
func (m metrics) check(node parser.Node, complain func(format string, args ...any)) map[string]bool {
	switch n := node.(type) {
	case *parser.VectorSelector:
		return m.selector(n, complain)
	case *parser.AggregateExpr:
		inner := m.check(n.Expr, complain)
		result := grouped(inner, n.Grouping, n.Without, complain)
		if n.Op == parser.TOPK || n.Op == parser.BOTTOMK { // these choose, and change no labels
			return inner
		}
		return result
	case *parser.BinaryExpr:
		return m.binary(n, complain)
	}
	all := map[string]bool{}
	for child := range parser.ChildrenIter(node) {
		for label := range m.check(child, complain) {
			all[label] = true
		}
	}
	if call, is := node.(*parser.Call); is && strings.HasPrefix(call.Func.Name, "label_") {
		all[call.Args[1].(*parser.StringLiteral).Val] = true
	}
	return all
}

// anywhere reports whether any metric has a label.
func (m metrics) anywhere(label string) bool {
	for _, known := range m {
		if known[label] {
			return true
		}
	}
	return false
}

func (m metrics) selector(n *parser.VectorSelector, complain func(string, ...any)) map[string]bool {
	known, found := m[n.Name]
	if !found {
		complain("no metric %q", n.Name)
		return map[string]bool{}
	}
	for _, matcher := range n.LabelMatchers {
		if matcher.Name != labels.MetricName && !known[matcher.Name] {
			complain("%s has no label %q", n.Name, matcher.Name)
		}
	}
	return known
}

func grouped(inner map[string]bool, by []string, without bool, complain func(string, ...any)) map[string]bool {
	for _, label := range by {
		if !inner[label] {
			complain("nothing has the label %q of a group", label)
		}
	}
	result := map[string]bool{}
	for label := range inner {
		result[label] = slices.Contains(by, label) != without
	}
	return result
}

func (m metrics) binary(n *parser.BinaryExpr, complain func(string, ...any)) map[string]bool {
	left, right := m.check(n.LHS, complain), m.check(n.RHS, complain)
	if n.VectorMatching == nil { // one side is a number
		result := maps.Clone(left)
		maps.Copy(result, right)
		return result
	}
	if n.VectorMatching.On {
		for _, label := range n.VectorMatching.MatchingLabels {
			// A label that neither side has does no harm, if it is one at all.
			if left[label] != right[label] || !left[label] && !m.anywhere(label) {
				complain("on (%s): not on both sides of %s", label, n.Op)
			}
		}
	}
	result := map[string]bool{}
	sides := []map[string]bool{left}
	switch {
	case n.VectorMatching.Card == parser.CardOneToMany:
		sides = []map[string]bool{right}
	case n.Op == parser.LOR:
		sides = append(sides, right)
	}
	for _, side := range sides {
		for label, has := range side {
			result[label] = result[label] || has
		}
	}
	for _, label := range n.VectorMatching.Include {
		result[label] = true
	}
	return result
}

// verify parses an expression and checks it.
func (m metrics) verify(t *testing.T, where, text string) {
	t.Helper()
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	m.check(expression, func(format string, args ...any) {
		t.Errorf("%s: "+format+"\n%s", append(append([]any{where}, args...), text)...)
	})
}

func TestRulesNameWhatTheExporterServes(t *testing.T) {
	known := exposed(t)
	groups, err := rules.Groups(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, group := range groups {
		for _, rule := range group.Rules {
			if rule.Record != "" {
				recorded, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
				if err != nil {
					t.Fatalf("%s: %v", rule.Record, err)
				}
				first := collector.Prefix + strings.TrimPrefix(strings.SplitN(rule.Record, ":", 2)[0], collector.Prefix)
				known[rule.Record] = known[first] // it may name itself
				known[rule.Record] = known.check(recorded, func(string, ...any) {})
			}
			known.verify(t, rule.Alert+rule.Record, rule.Expr)
			count++
		}
	}
	if count < 20 {
		t.Errorf("only %d rules", count)
	}
}

func TestPanelsNameWhatTheExporterServes(t *testing.T) {
	known := exposed(t)
	queries, err := dashboards.Queries(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	if len(queries) < 20 {
		t.Errorf("only %d queries", len(queries))
	}
	for _, query := range queries {
		known.verify(t, fmt.Sprintf("%s (%s)", query.Panel, query.RefID), grafana.Replace(query.Expr))
	}
}

// grafana fills in what Grafana puts into a query before Prometheus sees it.
var grafana = strings.NewReplacer("$__rate_interval", "5m", "$__interval", "5m", "$__range", "1h")

// TestTheCheckFindsWhatIsWrong: a check that accepts everything would be worth nothing.
func TestTheCheckFindsWhatIsWrong(t *testing.T) {
	known := exposed(t)
	for text, want := range map[string]string{
		`pve_backup_upp == 0`:                                                          `no metric "pve_backup_upp"`,
		`pve_backup_up{node="pve1"} == 0`:                                              `pve_backup_up has no label "node"`,
		`max by (storage) (pve_backup_up)`:                                             `nothing has the label "storage" of a group`,
		`max by (cluster) (max by (cluster, id) (pve_backup_guest_covered))`:           "",
		`max by (environment) (max by (cluster, id) (pve_backup_guest_covered))`:       `nothing has the label "environment" of a group`,
		`pve_backup_up and on (cluster, id) pve_backup_guest_covered`:                  "on (id): not on both sides of and",
		`pve_backup_guest_covered * on (id) group_left (name) pve_backup_guest_info`:   "",
		`pve_backup_up and on (cluster, clutser) pve_backup_up`:                        "on (clutser): not on both sides of and",
		`sum by (code) (rate(pve_backup_api_requests_total{endpoint="/version"}[5m]))`: "",
		`max_over_time(pve_backup_upp[1d:1h])`:                                         `no metric "pve_backup_upp"`,
	} {
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		known.check(expression, func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) })
		if got := strings.Join(found, "; "); got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
}
