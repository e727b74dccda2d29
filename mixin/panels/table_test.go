package panels

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// text is a query that is only its text.
type text string

func (t text) String() string { return string(t) }

// built is a panel as Grafana reads it.
func built(t *testing.T, panel cog.Builder[dashboard.Panel]) map[string]any {
	t.Helper()
	made, err := panel.Build()
	if err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// at follows keys and indices into what was read.
func at(t *testing.T, from any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			from = from.(map[string]any)[step]
		case int:
			list, _ := from.([]any)
			if step >= len(list) {
				t.Fatalf("%v: nothing at %v", path, step)
			}
			from = list[step]
		}
	}
	return from
}

func wants(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// Grafana calls the values of one query Value, those of several Value #A, Value #B.
func TestATableOfSeveralQueriesJoinsThem(t *testing.T) {
	panel := built(t, Table("Guests", "All of them.", "key", []Column{
		{Title: "Name", Label: "name"},
		{Title: "Status", Query: text("status"), Sort: Descending},
		{Title: "Reason", Label: "reason", Query: text("reasons")},
		{Title: "Age", Query: text("ages"), Look: Width(90), Sort: Ascending},
	}))
	wants(t, "first query", at(t, panel, "targets", 0, "expr"), "status")
	wants(t, "its name", at(t, panel, "targets", 0, "refId"), "A")
	wants(t, "name of the last", at(t, panel, "targets", 2, "refId"), "C")
	wants(t, "form", at(t, panel, "targets", 1, "format"), "table")
	wants(t, "joined by", at(t, panel, "transformations", 0, "options", "byField"), "key")
	wants(t, "rows of", at(t, panel, "transformations", 1, "options", "filters", 0, "fieldName"), "Value #A")
	wants(t, "columns", at(t, panel, "transformations", 2, "options", "include", "names"), []any{"name", "Value #A", "reason", "Value #C"})
	wants(t, "titles", at(t, panel, "transformations", 3, "options", "renameByName"),
		map[string]any{"name": "Name", "Value #A": "Status", "reason": "Reason", "Value #C": "Age"})
	wants(t, "order of columns", at(t, panel, "transformations", 3, "options", "indexByName", "reason"), 2.0)
	wants(t, "first order", at(t, panel, "options", "sortBy", 0), map[string]any{"displayName": "Status", "desc": true})
	wants(t, "then", at(t, panel, "options", "sortBy", 1), map[string]any{"displayName": "Age", "desc": false})
	wants(t, "pages", at(t, panel, "options", "footer", "enablePagination"), true)
	wants(t, "look of", at(t, panel, "fieldConfig", "overrides", 0, "matcher", "options"), "Age")
}

func TestATableOfOneQueryHasNothingToJoin(t *testing.T) {
	panel := built(t, Table("Clocks", "All of them.", "key", []Column{{Title: "Node", Label: "node"}, {Title: "Ahead", Query: text("skew")}}))
	wants(t, "first step", at(t, panel, "transformations", 0, "id"), "filterFieldsByName")
	wants(t, "columns", at(t, panel, "transformations", 0, "options", "include", "names"), []any{"node", "Value"})
}

// The words for an empty table must not stand in every empty cell of one that is not.
func TestAnEmptyTableSaysWhatThatMeans(t *testing.T) {
	panel := built(t, Empty(Table("Running", "All of them.", "key", []Column{{Title: "Guest", Label: "id", Query: text("running")}}), "No backup runs."))
	wants(t, "words", at(t, panel, "fieldConfig", "defaults", "noValue"), "No backup runs.")
	wants(t, "cells", at(t, panel, "fieldConfig", "overrides", 0, "properties", 0), map[string]any{"id": "noValue", "value": ""})
}
