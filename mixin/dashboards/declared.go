package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// declaredRow is repeated for each cluster of which the declared file describes something.
func (o overview) declaredRow() *dashboard.RowBuilder {
	return dashboard.NewRowBuilder("Declared file: $" + figures.VarDeclared).Id(idDeclaredRow).Repeat(figures.VarDeclared)
}

// drift is a table and not a figure, since what is declared differs from cluster to cluster.
func (o overview) drift() *table.PanelBuilder {
	columns := []panels.Column{
		{Title: "Kind", Label: collector.LabelKind},
		clusterColumn(),
		{
			Title: "Not as declared", Query: o.Drift(), Sort: panels.Descending,
			Look: panels.Number().And(panels.Coloured(panels.Good, panels.Step{From: 1, Colour: panels.Warning})).And(panels.Width(140)),
		},
	}
	return panels.Table("Declared and real", "How many objects are not as the declared file says, changes that wait for the restart of a guest among them. The exporter's own page names "+
		"them; provision --dry-run shows what it would change.", figures.LabelKey, columns).Id(idDrift)
}

func (o overview) driftHistory() *timeseries.PanelBuilder {
	return panels.TimeSeries("Drift", "When the cluster began to differ from the declared file, and when it was brought back in line.", units.Short).Id(idDriftHistory).
		Decimals(0).
		WithTarget(panels.Graph("A", "{{kind}}", o.DriftHistory()))
}
