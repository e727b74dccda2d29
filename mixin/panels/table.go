package panels

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// Column is a column of a table. It shows the values of a query, or a label of the queries so far. With both, it shows the label that only
// this query has.
type Column struct {
	Title string
	Label string
	Query Query
	Look  Look
	// Sort orders the rows by this column, before the columns that follow.
	Sort Order
}

// Order is how rows are ordered by a column.
type Order int

// The orders.
const (
	Unsorted Order = iota
	Ascending
	Descending
)

// Table shows rows: those of the first query among its columns, with its labels. Values of further queries are added where they have the same
// label joinBy; a query without a result leaves its column empty. The table is cut into pages, so that it may have any number of rows.
func Table(title, description, joinBy string, columns []Column) *table.PanelBuilder {
	panel := table.NewPanelBuilder().Title(title).Description(description).Datasource(Datasource()).
		CellHeight(common.TableCellHeightSm).Filterable(true).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{}).EnablePagination(true))
	queries := 0
	for _, column := range columns {
		if column.Query != nil {
			panel.WithTarget(rows(refID(queries), column.Query))
			queries++
		}
	}
	if queries > 1 {
		panel.WithTransformation(dashboard.DataTransformerConfig{Id: "joinByField", Options: map[string]any{"byField": joinBy, "mode": "outer"}})
		panel.WithTransformation(onlyRowsOf("Value #" + refID(0)))
	}
	fields := fieldNames(columns, queries)
	panel.WithTransformation(dashboard.DataTransformerConfig{Id: "filterFieldsByName", Options: map[string]any{"include": map[string]any{"names": fields}}})
	panel.WithTransformation(arranged(columns, fields))
	for _, column := range columns {
		if len(column.Look) > 0 {
			panel.OverrideByName(column.Title, column.Look)
		}
	}
	return panel.SortBy(order(columns))
}

// onlyRowsOf leaves out what further queries have more of than the first one.
func onlyRowsOf(field string) dashboard.DataTransformerConfig {
	known := map[string]any{"fieldName": field, "config": map[string]any{"id": "isNotNull", "options": map[string]any{}}}
	return dashboard.DataTransformerConfig{Id: "filterByValue", Options: map[string]any{"filters": []any{known}, "type": "include", "match": "all"}}
}

// fieldNames are the names that Grafana gives the columns of queries.
func fieldNames(columns []Column, queries int) []string {
	names := make([]string, len(columns))
	asked := 0
	for i, column := range columns {
		value := "Value"
		if column.Query != nil {
			if queries > 1 {
				value += " #" + refID(asked)
			}
			asked++
		}
		names[i] = value
		if column.Label != "" {
			names[i] = column.Label
		}
	}
	return names
}

// arranged puts the columns into their order and gives them their titles.
func arranged(columns []Column, fields []string) dashboard.DataTransformerConfig {
	index, titles := map[string]int{}, map[string]string{}
	for i, column := range columns {
		index[fields[i]] = i
		titles[fields[i]] = column.Title
	}
	return dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"excludeByName": map[string]bool{}, "indexByName": index, "renameByName": titles,
	}}
}

func order(columns []Column) []cog.Builder[common.TableSortByFieldState] {
	var by []cog.Builder[common.TableSortByFieldState]
	for _, column := range columns {
		if column.Sort != Unsorted {
			by = append(by, common.NewTableSortByFieldStateBuilder().DisplayName(column.Title).Desc(column.Sort == Descending))
		}
	}
	return by
}

// Empty says what a table without rows means. Cells without a value stay empty.
func Empty(panel *table.PanelBuilder, meaning string) *table.PanelBuilder {
	return panel.NoValue(meaning).OverrideByRegexp("/.*/", []dashboard.DynamicConfigValue{override("noValue", "")})
}
