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

// drillsRow is repeated for each cluster in which restores are drilled.
func (o overview) drillsRow() *dashboard.RowBuilder {
	return dashboard.NewRowBuilder("Restore drills: $" + figures.VarDrilled).Id(idDrillsRow).Repeat(figures.VarDrilled)
}

func (o overview) drills() *table.PanelBuilder {
	status := panels.Worded(
		panels.Word{Value: figures.DrillFailed, Text: "FAILED", Colour: panels.Critical},
		panels.Word{Value: figures.DrillOverdue, Text: "overdue", Colour: panels.Warning},
		panels.Word{Value: figures.DrillWaiting, Text: "not drilled yet", Colour: panels.Neutral},
		panels.Word{Value: figures.DrillGood, Text: "restored", Colour: panels.Good},
	).And(panels.Width(130))
	columns := []panels.Column{
		{Title: "Status", Query: o.DrillStatus(), Look: status, Sort: panels.Descending},
		nameColumn(),
		guestColumn(),
		environmentColumn(),
		clusterColumn(),
		{Title: "Last restored", Query: o.DrillSuccess(), Look: panels.FromNow().And(panels.Width(140)), Sort: panels.Ascending},
		{Title: "In", Query: o.DrillDuration(), Look: panels.Duration().And(panels.Width(100))},
		{Title: "Proof", Label: collector.LabelProof, Query: o.DrillProof(), Look: panels.Width(100)},
		{Title: "Last drill", Query: o.DrillRun(), Look: panels.FromNow().And(panels.Width(140))},
		{Title: "Next due", Query: o.DrillDue(), Look: panels.FromNow().And(panels.Width(140))},
	}
	return panels.Table("Restore drills", "Whether the newest backup of each guest could be restored for a trial, when, in which time and what was seen of it. In: from the beginning of "+
		"the restore until the proof. Proof: agent (its guest agent answered), command (a declared command succeeded), or started, which is less: it was only seen running.",
		figures.LabelKey, columns).Id(idDrills)
}

func (o overview) drillHistory() *timeseries.PanelBuilder {
	return panels.TimeSeries("Measured time to restore", "How long the last successful drill of each guest took until its proof: the twenty that take longest.", units.Seconds).Id(idDrillHistory).
		WithTarget(panels.Graph("A", "{{id}} ({{environment}}, {{cluster}})", o.DrillHistory()))
}
