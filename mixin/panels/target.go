package panels

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// VarDatasource is the name of the variable by which the reader chooses a Prometheus.
const VarDatasource = "datasource"

// Query is a query in PromQL.
type Query interface{ String() string }

// Datasource is the Prometheus that the reader chose.
func Datasource() common.DataSourceRef {
	kind, uid := "prometheus", "${"+VarDatasource+"}"
	return common.DataSourceRef{Type: &kind, Uid: &uid}
}

func target(refID string, query Query) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().RefId(refID).Expr(query.String()).EditorMode(prometheus.QueryEditorModeCode).Datasource(Datasource())
}

// Now asks for the present value.
func Now(refID, legend string, query Query) *prometheus.DataqueryBuilder {
	return target(refID, query).LegendFormat(legend).Instant()
}

// Graph asks for the values in the shown time.
func Graph(refID, legend string, query Query) *prometheus.DataqueryBuilder {
	return target(refID, query).LegendFormat(legend).Range()
}

// rows asks for the present values as rows, with labels as columns.
func rows(refID string, query Query) *prometheus.DataqueryBuilder {
	return target(refID, query).Format(prometheus.PromQueryFormatTable).Instant()
}

// refID numbers the queries of a panel: A, B, C.
func refID(i int) string { return string(rune('A' + i)) }

func ptr[T any](value T) *T { return &value }

// override is one setting of a column.
func override(id string, value any) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: id, Value: value}
}
