package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// attention is the list to work through, the worst on top.
func (o overview) attention() *table.PanelBuilder {
	columns := []panels.Column{
		{
			Title: "Severity", Query: o.Attention(), Sort: panels.Descending,
			Look: panels.Ranged(
				panels.Word{Value: figures.FromCritical, Text: string(mixin.Critical), Colour: panels.Critical},
				panels.Word{Value: figures.FromWarning, Text: string(mixin.Warning), Colour: panels.Warning},
				panels.Word{Value: 0, Text: string(mixin.Info), Colour: panels.Neutral},
			).And(panels.Width(90)),
		},
		{Title: "Problem", Label: figures.LabelProblem, Look: panels.Width(270)},
		nameColumn(),
		guestColumn(),
		environmentColumn(),
		clusterColumn(),
		storageColumn(),
		nodeColumn(),
		{Title: "Detail", Label: figures.LabelDetail},
		{Title: "When", Query: o.AttentionWhen(), Look: panels.FromNow().And(panels.Width(130))},
		{Title: "Last good backup", Query: o.AttentionGood(), Look: panels.FromNow().And(panels.Width(150)), Sort: panels.Ascending},
		{Title: "Alert", Label: figures.LabelAlert, Look: o.toRunbook()},
	}
	return panels.Empty(panels.Table("What needs attention", "Everything that is wrong, the worst on top. When: the failed attempt, the time at which the backup was due, or "+
		"when a storage will be full. Of one kind of problem at most 50 rows are shown; the figures above count all.",
		figures.LabelKey, columns), "Nothing needs attention.").Id(idAttention)
}

func (o overview) toRunbook() panels.Look {
	if o.cfg.RunbookURL == "" {
		return nil
	}
	return panels.Link("Runbook", o.cfg.RunbookURL+"/${__data.fields.Alert}.md")
}

// trouble shows when it began.
func (o overview) trouble() *timeseries.PanelBuilder {
	return panels.TimeSeries("Guests in trouble", "How many guests were failing, overdue or uncovered at every moment: when it began, and whether it ends.", units.Short).Id(idTrouble).
		Decimals(0).
		WithTarget(panels.Graph("A", "failing", o.Failing())).OverrideByName("failing", panels.FixedColour(panels.Critical)).
		WithTarget(panels.Graph("B", "overdue", o.Overdue())).OverrideByName("overdue", panels.FixedColour(panels.Warning)).
		WithTarget(panels.Graph("C", "uncovered", o.Uncovered())).OverrideByName("uncovered", panels.FixedColour("yellow"))
}
