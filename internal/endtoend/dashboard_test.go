package endtoend

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// dashboard is what of a dashboard's file sends queries.
type dashboard struct {
	Time       struct{ From string }
	Panels     []panel
	Templating struct {
		List []struct {
			Name, Type, Regex, AllValue string
			Query                       any
		}
	}
}

// panel is a panel, or a row, whose panels are inside while it is closed.
type panel struct {
	Title         string
	MaxDataPoints int
	Interval      string // the least step of its graph
	Targets       []target
	Panels        []panel
}

// target is a query of a panel.
type target struct {
	RefID   string
	Expr    string
	Instant bool

	name string        // of the panel and the query
	step time.Duration // between two points of a graph
}

// readDashboard reads the committed dashboard.
func readDashboard(t *testing.T) dashboard {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testprogram.Root(t), "dashboards", "backup-overview.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board dashboard
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	return board
}

// view is how somebody looks at the dashboard.
type view struct {
	span   time.Duration // of the shown time
	scrape time.Duration // timeInterval of the data source: how often Prometheus scrapes
}

// usual is the view of somebody who opens the dashboard, with the data source of deploy/grafana.
func (d dashboard) usual(t *testing.T) view {
	t.Helper()
	return view{duration(t, strings.TrimPrefix(d.Time.From, "now-")), time.Minute}
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	parsed, err := model.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(parsed)
}

// targets returns the queries of all panels with variables filled in, as Grafana sends them when everything is chosen.
func (d dashboard) targets(t *testing.T, seen view) []target {
	t.Helper()
	var all []target
	var walk func([]panel)
	walk = func(panels []panel) {
		for _, p := range panels {
			for _, query := range p.Targets {
				query.name = p.Title + " " + query.RefID
				query.step = p.step(t, seen)
				query.Expr = d.filledIn(t, query.Expr, seen, query.step)
				all = append(all, query)
			}
			walk(p.Panels)
		}
	}
	walk(d.Panels)
	if len(all) < 50 {
		t.Fatalf("only %d queries", len(all))
	}
	return all
}

// step is that of a graph: Grafana's own is rounded, but never less than this.
func (p panel) step(t *testing.T, seen view) time.Duration {
	t.Helper()
	points, least := 1000, seen.scrape
	if p.MaxDataPoints > 0 {
		points = p.MaxDataPoints
	}
	if p.Interval != "" {
		least = duration(t, p.Interval)
	}
	rounded := least
	for _, round := range []time.Duration{time.Second, time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour} {
		if round <= seen.span/time.Duration(points) {
			rounded = round
		}
	}
	return max(least, rounded)
}

var variable = regexp.MustCompile(`\$\w+|\$\{\w+[^}]*\}`)

// filledIn replaces Grafana's variables; one that is not known fails the test.
func (d dashboard) filledIn(t *testing.T, expr string, seen view, step time.Duration) string {
	t.Helper()
	values := map[string]string{
		"$__range": model.Duration(seen.span).String(), "$__interval": model.Duration(step).String(),
		"$__rate_interval": model.Duration(max(step+seen.scrape, 4*seen.scrape)).String(),
	}
	for _, each := range d.Templating.List {
		if each.Type == "query" {
			values["$"+each.Name] = each.AllValue
		}
	}
	return variable.ReplaceAllStringFunc(expr, func(name string) string {
		value, known := values[name]
		if !known || value == "" {
			t.Errorf("nobody knows the value of %s in %s", name, expr)
		}
		return value
	})
}

var labelValues = regexp.MustCompile(`^label_values\((.+), *(\w+)\)$`)

// choices returns, by the name of each variable, the query for what there is to choose from.
func (d dashboard) choices(t *testing.T, seen view) []target {
	t.Helper()
	var all []target
	for _, each := range d.Templating.List {
		query, ok := each.Query.(map[string]any)
		if each.Type != "query" || !ok {
			continue
		}
		text := d.filledIn(t, query["query"].(string), seen, seen.scrape)
		if parts := labelValues.FindStringSubmatch(text); parts != nil {
			text = "group by (" + parts[2] + ") (" + parts[1] + ")"
		} else {
			text = strings.TrimSuffix(strings.TrimPrefix(text, "query_result("), ")")
		}
		all = append(all, target{Expr: text, Instant: true, name: "variable " + each.Name})
	}
	if len(all) < 4 {
		t.Fatalf("only %d variables", len(all))
	}
	return all
}
