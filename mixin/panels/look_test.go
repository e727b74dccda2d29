package panels

import "testing"

func overrides(t *testing.T, look Look) map[string]any {
	t.Helper()
	panel := built(t, Table("T", "All of them.", "key", []Column{{Title: "C", Query: text("c"), Look: look}}))
	found := map[string]any{}
	for _, property := range at(t, panel, "fieldConfig", "overrides", 0, "properties").([]any) {
		found[at(t, property, "id").(string)] = at(t, property, "value")
	}
	return found
}

func TestWordsStandForValues(t *testing.T) {
	look := overrides(t, Worded(Word{0, "bad", Critical}, Word{1, "good", Good}))
	wants(t, "0", at(t, look["mappings"], 0, "options", "0", "text"), "bad")
	wants(t, "1", at(t, look["mappings"], 0, "options", "1", "color"), "green")
	wants(t, "cell", at(t, look["custom.cellOptions"], "type"), "color-background")
}

func TestRangesMeet(t *testing.T) {
	look := overrides(t, Ranged(Word{200, "critical", Critical}, Word{100, "warning", Warning}, Word{0, "info", Neutral}))
	wants(t, "greatest from", at(t, look["mappings"], 0, "options", "from"), 200.0)
	wants(t, "greatest to", at(t, look["mappings"], 0, "options", "to"), nil)
	wants(t, "second from", at(t, look["mappings"], 1, "options", "from"), 100.0)
	wants(t, "second to", at(t, look["mappings"], 1, "options", "to"), 200.0)
	wants(t, "last to", at(t, look["mappings"], 2, "options", "to"), 100.0)
}

func TestABarGoesFromNothingToAll(t *testing.T) {
	look := overrides(t, Bar(Good, Step{0.8, Warning}, Step{0.95, Critical}))
	wants(t, "least", look["min"], 0.0)
	wants(t, "most", look["max"], 1.0)
	wants(t, "below all steps", at(t, look["thresholds"], "steps", 0, "value"), nil)
	wants(t, "last step", at(t, look["thresholds"], "steps", 2), map[string]any{"value": 0.95, "color": "red"})
}

// A figure without data must not look like a good one.
func TestAFigureWithoutDataSaysSo(t *testing.T) {
	panel := built(t, Stat("Failing", "Guests that fail.", Steps(Good, Step{1, Critical})).WithTarget(Now("A", "", text("failing"))).
		DataLinks(ToPanel("More", "uid", 8)))
	wants(t, "without data", at(t, panel, "fieldConfig", "defaults", "noValue"), "NO DATA")
	wants(t, "link", at(t, panel, "fieldConfig", "defaults", "links", 0, "url"), "/d/uid?${__url_time_range}&${__all_variables}&viewPanel=8")
	wants(t, "asks for", at(t, panel, "targets", 0, "instant"), true)
}

func TestGraphsAskForABoundedNumberOfPoints(t *testing.T) {
	for name, panel := range map[string]map[string]any{
		"lines":    built(t, TimeSeries("L", "Lines.", "short").WithTarget(Graph("A", "", text("lines")))),
		"timeline": built(t, Timeline("T", "States.", Word{0, "good", Good}).WithTarget(Graph("A", "", text("states")))),
	} {
		wants(t, name, at(t, panel, "maxDataPoints"), float64(points))
		wants(t, name+" ask for", at(t, panel, "targets", 0, "range"), true)
	}
}
