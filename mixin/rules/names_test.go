package rules_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

// known is every metric with its labels: the exporter's own, those that rules record, and Prometheus' own metric about targets.
func known(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{"up": {}}
	for _, definition := range collector.Definitions() {
		all[definition.Name] = definition.Labels
	}
	for _, group := range groups(t, mixin.Default()) {
		for _, rule := range group.Rules {
			if rule.Record != "" {
				all[rule.Record] = all[strings.Split(rule.Record, ":")[0]]
			}
		}
	}
	return all
}

var (
	selector  = regexp.MustCompile(`\b((?:pve_backup_[a-z0-9_:]+|up\b))(?:\{([^}]*)\})?`)
	matcher   = regexp.MustCompile(`([a-z_]+)(?:=~|!~|!=|=)(?:"[^"]*"|%q)`)
	labelList = regexp.MustCompile(`\b(?:by|on|group_left|group_right) \(([^)]*)\)`)
	template  = regexp.MustCompile(`(?:label|sortByLabel) "([a-z_]+)"|\.Labels\.([a-z_]+)|\$labels\.([a-z_]+)`)
)

// unknownNames finds metrics and labels that the exporter does not have.
func unknownNames(text string, metrics map[string][]string) (problems []string) {
	every := []string{"instance", "job"}
	for _, labels := range metrics {
		every = append(every, labels...)
	}
	for _, found := range selector.FindAllStringSubmatch(text, -1) {
		labels, exists := metrics[found[1]]
		if !exists {
			problems = append(problems, "no metric is named "+found[1])
		}
		for _, condition := range matcher.FindAllStringSubmatch(found[2], -1) {
			if label := strings.TrimPrefix(condition[1], "exported_"); !slices.Contains(labels, label) {
				problems = append(problems, found[1]+" has no label "+label)
			}
		}
	}
	for _, list := range labelList.FindAllStringSubmatch(text, -1) {
		for _, label := range strings.Split(list[1], ", ") {
			if label != "" && !slices.Contains(every, label) {
				problems = append(problems, "no metric has a label "+label)
			}
		}
	}
	return problems
}

func TestRulesUseWhatTheExporterHas(t *testing.T) {
	t.Parallel()
	metrics := known(t)
	used := map[string]bool{}
	for _, group := range groups(t, mixin.Default()) {
		for _, rule := range group.Rules {
			texts := []string{rule.Expr, rule.Annotations["description"]}
			for _, found := range template.FindAllStringSubmatch(rule.Annotations["description"], -1) {
				texts = append(texts, "by ("+found[1]+found[2]+found[3]+")")
			}
			for _, text := range texts {
				for _, problem := range unknownNames(text, metrics) {
					t.Errorf("%s%s: %s", rule.Alert, rule.Record, problem)
				}
			}
			for _, found := range selector.FindAllStringSubmatch(rule.Expr, -1) {
				used[found[1]] = true
			}
		}
	}
	if len(used) < 30 {
		t.Errorf("only %d metrics were found in the rules: this test does not look where it should", len(used))
	}
}

// The check itself must find what is wrong.
func TestUnknownNamesAreFound(t *testing.T) {
	t.Parallel()
	metrics := known(t)
	for text, finds := range map[string]bool{
		`pve_backup_up{cluster="a"} == 0`:                     false,
		`pve_backup_upp == 0`:                                 true,
		`pve_backup_up{node="a"}`:                             true,
		`pve_backup_up{exported_cluster!=""}`:                 false,
		`max by (cluster, guest) (pve_backup_up)`:             true,
		`up{cluster="a"} == 0`:                                true,
		`up == 0 unless on (instance, job) pve_backup_up`:     false,
		`pve_backup_guest_info{id=%q,hostname=%q}`:            true,
		`a * on (cluster) group_left (nodes) pve_backup_up`:   true,
		`pve_backup_archives_excess:since_timestamp_secondss`: true,
	} {
		if problems := unknownNames(text, metrics); (len(problems) > 0) != finds {
			t.Errorf("%s: found %v", text, problems)
		}
	}
}

func TestEveryAlertSaysWhenItFires(t *testing.T) {
	t.Parallel()
	families, err := rules.Families(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, family := range families {
		for _, alert := range family.Alerts {
			seen[alert.Name] = true
			if alert.When == "" || strings.HasSuffix(alert.When, ".") || alert.Settings.Severity == "" {
				t.Errorf("%s: %q, %+v", alert.Name, alert.When, alert.Settings)
			}
		}
	}
	if len(seen) != len(severities) {
		t.Errorf("%d alerts are described, %d exist", len(seen), len(severities))
	}
}
