package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// statuses are the words for how a guest's backup on a storage stands.
func statuses() []panels.Word {
	return []panels.Word{
		{Value: figures.StatusFailedOverdue, Text: "failed, overdue", Colour: panels.Critical},
		{Value: figures.StatusFailed, Text: "failed", Colour: panels.Critical},
		{Value: figures.StatusOverdue, Text: "overdue", Colour: panels.Warning},
		{Value: figures.StatusUncovered, Text: "not covered", Colour: panels.Warning},
		{Value: figures.StatusWaiting, Text: "waits for the first", Colour: panels.Neutral},
		{Value: figures.StatusGood, Text: "good", Colour: panels.Good},
		{Value: figures.StatusUnscheduled, Text: "no job targets it", Colour: panels.Unknown},
		{Value: figures.StatusExempt, Text: "exempt", Colour: panels.Unknown},
	}
}

func (o overview) guests() *table.PanelBuilder {
	columns := []panels.Column{
		{Title: "Status", Query: o.Status(), Sort: panels.Descending, Look: panels.Worded(statuses()...).And(panels.Width(130))},
		nameColumn(),
		guestColumn(),
		environmentColumn(),
		clusterColumn(),
		nodeColumn(),
		storageColumn(),
		{Title: "Last good backup", Query: o.LastGood(), Sort: panels.Ascending, Look: panels.FromNow().And(panels.Width(150))},
		{Title: "Reason", Label: collector.LabelReason, Query: o.Reason()},
		{Title: "Took", Query: o.Duration(), Look: panels.Duration().And(panels.Width(100))},
		{Title: "Size", Query: o.Size(), Look: panels.Bytes().And(panels.Width(100))},
		{Title: "Transferred", Query: o.Transferred(), Look: panels.Bytes().And(panels.Width(110))},
		{Title: "Archives", Query: o.Archives(), Look: panels.Number().And(panels.Width(90))},
		{
			Title: "Left out", Query: o.LeftOut(),
			Look: panels.Number().And(panels.Width(90)).And(panels.Coloured(panels.Muted, panels.Step{From: 1, Colour: panels.Warning})),
		},
		{Title: "Next due", Query: o.NextDue(), Look: panels.FromNow().And(panels.Width(130))},
	}
	return panels.Table("Last backup of each guest on each storage", "The worst on top, and of the same status the oldest. Size: of the stored archive, which a Proxmox Backup "+
		"Server does not tell. Left out: volumes that its backups do not contain. Next due: when the next good backup must exist.",
		figures.LabelKey, columns).Id(idGuests)
}

func (o overview) timeline() *statetimeline.PanelBuilder {
	return panels.Timeline("Guests that were in trouble", "Those guests on storages that were failing or overdue for longest in the shown time, 20 at the most. Nothing is shown "+
		"when none was.", statuses()...).Id(idTimeline).
		NoValue("No guest was failing or overdue in the shown time.").
		WithTarget(panels.Graph("A", "{{name}} · {{id}} → {{storage}} ({{cluster}})", o.StatusOverTime()))
}

func (o overview) results() *timeseries.PanelBuilder {
	return panels.Bars(panels.TimeSeries("Backups a day", "How many backups succeeded on each day, and how many failed in each environment.", units.Short)).Id(idResults).
		Decimals(0).Interval("1d").
		WithTarget(panels.Graph("A", "good", o.Succeeded())).OverrideByName("good", panels.FixedColour(panels.Good)).
		WithTarget(panels.Graph("B", "failed: {{environment}} ({{cluster}})", o.Failures())).
		OverrideByRegexp("/^failed/", failedColours())
}
