package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// variables are what the reader chooses from, from left to right. Each narrows down those that follow.
func (o overview) variables() []cog.Builder[dashboard.VariableModel] {
	return []cog.Builder[dashboard.VariableModel]{
		dashboard.NewDatasourceVariableBuilder(panels.VarDatasource).Label("Data source").Type("prometheus"),
		chosen(figures.VarCluster, "Cluster", o.ClusterValues()),
		chosen(figures.VarEnvironment, "Environment", o.EnvironmentValues()),
		chosen(figures.VarGuest, "Guest", o.GuestValues()).Regex(figures.GuestValuePattern),
		chosen(figures.VarDrilled, "Clusters with restore drills", o.DrilledValues()).Hide(dashboard.VariableHideHideVariable),
		chosen(figures.VarDeclared, "Clusters with a declared set-up", o.DeclaredValues()).Hide(dashboard.VariableHideHideVariable),
		chosen(figures.VarStore, "Object stores", o.StoreValues()).Hide(dashboard.VariableHideHideVariable),
	}
}

// chosen lets the reader choose any number of values, all at first. All is a pattern and not a list, which would be long for thousands.
func chosen(name, label, query string) *dashboard.QueryVariableBuilder {
	all := []string{"All"}
	return dashboard.NewQueryVariableBuilder(name).Label(label).Datasource(panels.Datasource()).
		Query(dashboard.StringOrMap{Map: map[string]any{"query": query, "refId": name}}).Definition(query).
		Multi(true).IncludeAll(true).AllValue(".*").
		Current(dashboard.VariableOption{
			Text:  dashboard.StringOrArrayOfString{ArrayOfString: all},
			Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortNaturalAsc)
}
