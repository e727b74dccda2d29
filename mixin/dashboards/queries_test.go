package dashboards

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/table"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
)

func queries(t *testing.T) []Query {
	t.Helper()
	all, err := Queries(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d queries", len(all))
	}
	return all
}

func TestEveryQueryHasAName(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, q := range queries(t) {
		name := [2]string{q.Panel, q.RefID}
		if q.RefID == "" || seen[name] {
			t.Errorf("panel %q has a query without a name of its own: %q", q.Panel, q.RefID)
		}
		seen[name] = true
	}
}

var (
	words  = regexp.MustCompile(`[a-zA-Z_][a-zA-Z0-9_]*`)
	quoted = regexp.MustCompile(`"[^"]*"`)
	braces = regexp.MustCompile(`([a-z0-9_]+)\{([^}]*)\}`)
	labels = regexp.MustCompile(`(?:by|on|group_left) \(([^)]*)\)`)
)

// metrics are the labels of each metric that the exporter can have, with those that Prometheus adds.
func metrics() map[string][]string {
	all := map[string][]string{figures.MetricScraped: {"job", "instance"}}
	for _, d := range collector.Definitions() {
		all[d.Name] = append([]string{"job", "instance"}, d.Labels...)
	}
	return all
}

// A metric or a label that does not exist is no error in PromQL: the panel would just stay empty for ever.
func TestQueriesNameMetricsThatExist(t *testing.T) {
	known := metrics()
	functions := strings.Fields("max sum count by on and or unless group_left topk label_join label_replace clamp_min max_over_time last_over_time " +
		"present_over_time count_over_time quantile_over_time increase round rate abs time end offset w d h m s")
	for _, q := range queries(t) {
		plain := q.PromQL(14*24*time.Hour, time.Hour)
		if strings.Contains(plain, "$") {
			t.Errorf("%s %s: a variable is left: %s", q.Panel, q.RefID, plain)
		}
		for _, selector := range braces.FindAllStringSubmatch(plain, -1) {
			for _, label := range words.FindAllString(quoted.ReplaceAllString(selector[2], ""), -1) {
				if !slices.Contains(known[selector[1]], label) && label != "exported_cluster" {
					t.Errorf("%s %s: %s has no label %s", q.Panel, q.RefID, selector[1], label)
				}
			}
		}
		rest := labels.ReplaceAllString(quoted.ReplaceAllString(braces.ReplaceAllString(plain, "$1"), ""), "")
		for _, word := range words.FindAllString(rest, -1) {
			if _, is := known[word]; !is && !slices.Contains(functions, word) && !slices.Contains([]string{"by", "on", "group_left"}, word) {
				t.Errorf("%s %s: %s is neither a metric nor a function", q.Panel, q.RefID, word)
			}
		}
	}
}

func TestQueriesGroupByLabelsThatExist(t *testing.T) {
	known := []string{figures.LabelKey, figures.LabelProblem, figures.LabelDetail, "job", "instance"}
	for _, d := range collector.Definitions() {
		known = append(known, d.Labels...)
	}
	found := 0
	for _, q := range queries(t) {
		for _, list := range labels.FindAllStringSubmatch(q.Expr, -1) {
			for _, label := range words.FindAllString(list[1], -1) {
				found++
				if !slices.Contains(known, label) {
					t.Errorf("%s %s: no metric has the label %s", q.Panel, q.RefID, label)
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d labels were looked at", found)
	}
}

// Twenty guests and thousands must look alike: a figure or a graph has as many series as there are environments or storages, or says how many
// at most; a table has pages.
func TestNoPanelGrowsWithTheNumberOfGuests(t *testing.T) {
	outermost := regexp.MustCompile(`^(?:max|sum|count) by \(([^)]*)\)`)
	for _, p := range places(t) {
		if p.panel == nil {
			continue
		}
		if p.panel.Type == "table" {
			options := p.panel.Options.(*table.Options)
			if options.Footer == nil || options.Footer.EnablePagination == nil || !*options.Footer.EnablePagination {
				t.Errorf("table %q has no pages", p.title)
			}
			if len(options.SortBy) == 0 {
				t.Errorf("table %q has no order: the worst is not on top", p.title)
			}
			continue
		}
		for _, q := range queries(t) {
			if q.Panel != p.title {
				continue
			}
			by := outermost.FindStringSubmatch(q.Expr)
			switch {
			case by != nil && !strings.Contains(by[1], collector.LabelID): // few things of this kind
			case strings.HasPrefix(q.Expr, "count(") || strings.HasPrefix(q.Expr, "sum("): // one
			case strings.Contains(q.Expr, "topk("): // so many at most
			default:
				t.Errorf("%s %s may have a series for every guest: %s", q.Panel, q.RefID, q.Expr)
			}
		}
	}
}

// What is shown must not double when a second exporter watches the same cluster: whatever is read is reduced to labels of the cluster, without
// those of the exporter.
func TestTwoExportersCountOnce(t *testing.T) {
	counting := regexp.MustCompile(`\b(?:sum|count)(?: by \([^)]*\) )?\([\s(]*(\w+)`)
	for _, q := range queries(t) {
		if q.Panel == "API requests" {
			continue // each exporter asks for itself
		}
		for _, inner := range counting.FindAllStringSubmatch(q.Expr, -1) {
			if !slices.Contains([]string{"max", "time", collector.Up}, inner[1]) {
				t.Errorf("%s %s sums or counts series of each exporter: %s", q.Panel, q.RefID, q.Expr)
			}
		}
	}
}

func TestEveryProblemHasItsAlert(t *testing.T) {
	f, err := figures.New(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	alerts := reflect.TypeFor[mixin.Alerts]()
	seen := map[string]bool{}
	for _, p := range f.Problems() {
		if _, is := alerts.FieldByName(p.Alert); !is {
			t.Errorf("%q: there is no alert %s", p.Text, p.Alert)
		}
		if p.Severity == "" || seen[p.Text] {
			t.Errorf("%q has severity %q, or is there twice", p.Text, p.Severity)
		}
		seen[p.Text] = true
	}
}

// The page lists every kind of problem beside its alert.
func TestThePageListsEveryProblem(t *testing.T) {
	page, err := os.ReadFile("../../docs/dashboards.md")
	if err != nil {
		t.Fatal(err)
	}
	f, err := figures.New(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Problems() {
		listed := slices.ContainsFunc(strings.Split(string(page), "\n"), func(line string) bool {
			return strings.HasPrefix(line, "| ") && strings.Contains(line, p.Text) && strings.Contains(line, "`"+p.Alert+"`")
		})
		if !listed {
			t.Errorf("docs/dashboards.md does not list %q with %s", p.Text, p.Alert)
		}
	}
}

// A query that forgets a variable shows clusters and guests that were not chosen.
func TestEveryMetricIsNarrowedDownByTheVariables(t *testing.T) {
	all := metrics()
	for _, q := range queries(t) {
		for _, selector := range braces.FindAllStringSubmatch(q.Expr, -1) {
			name, matchers := selector[1], selector[2]
			if strings.Contains(matchers, "exported_") {
				continue // labels were overwritten: there is nothing to choose by
			}
			if strings.Contains(matchers, `store!=""`) || strings.Contains(matchers, `store=~"$store"`) {
				continue // sources of object stores, which are of no cluster
			}
			if slices.Contains(all[name], collector.LabelCluster) && !strings.Contains(matchers, `cluster=~"$cluster"`) {
				t.Errorf("%s %s: %s{%s} is not of the chosen clusters", q.Panel, q.RefID, name, matchers)
			}
			ofJob := strings.Contains(matchers, `reason="job_disabled"`) // a job of which other guests than the chosen ones may be the victims
			if slices.Contains(all[name], collector.LabelID) && !ofJob &&
				!(strings.Contains(matchers, `environment=~"$environment"`) && strings.Contains(matchers, `id=~"$guest"`)) {
				t.Errorf("%s %s: %s{%s} is not of the chosen guests", q.Panel, q.RefID, name, matchers)
			}
		}
	}
}

func TestTheSelectorOfTheSettingsIsInEveryQuery(t *testing.T) {
	cfg := mixin.Default()
	cfg.Selector = `team="backup"`
	all, err := Queries(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		for _, name := range regexp.MustCompile(`\b(?:pve_backup_\w+|up)\b[{]?`).FindAllString(quoted.ReplaceAllString(q.Expr, ""), -1) {
			if !strings.HasSuffix(name, "{") {
				t.Errorf("%s %s: %s has no selector", q.Panel, q.RefID, name)
			}
		}
		for _, selector := range braces.FindAllStringSubmatch(q.Expr, -1) {
			if !strings.Contains(selector[2], `team="backup"`) {
				t.Errorf("%s %s: %s lacks it", q.Panel, q.RefID, selector[0])
			}
		}
	}
}
