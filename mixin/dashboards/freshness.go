package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

func succeeded(good, bad string) panels.Look {
	return panels.Worded(panels.Word{Value: 0, Text: bad, Colour: panels.Critical}, panels.Word{Value: 1, Text: good, Colour: panels.Good}).And(panels.Width(100))
}

func (o overview) sources() *table.PanelBuilder {
	columns := []panels.Column{
		{Title: "Source", Label: collector.LabelSource, Look: panels.Width(110)},
		clusterColumn(),
		nodeColumn(),
		storageColumn(),
		{Title: "Last reading", Query: o.Sources(), Look: succeeded("good", "failed"), Sort: panels.Ascending},
		{Title: "Good one", Query: o.SourceRead(), Look: panels.FromNow().And(panels.Width(140))},
		{Title: "Every", Query: o.SourceInterval(), Look: panels.Duration().And(panels.Width(90))},
		{Title: "Took", Query: o.SourceDuration(), Look: panels.Duration().And(panels.Width(90))},
		{
			Title: "Age of allowed", Query: o.SourceLate(), Sort: panels.Descending,
			Look: panels.Percent().And(panels.Coloured(panels.Muted, panels.Step{From: 1, Colour: panels.Warning})).And(panels.Width(130)),
		},
	}
	return panels.Table("Sources of the data", "Groups of API calls that succeed or fail alone. Age of allowed: from 100 % on what was read is too old to judge by; schedules and "+
		"defaults are read only when they are used up.", figures.LabelKey, columns).Id(idSources)
}

func (o overview) exporters() *table.PanelBuilder {
	columns := []panels.Column{
		{Title: "Scrape job", Label: figures.LabelScrapeJob},
		{Title: "Instance", Label: figures.LabelInstance},
		{Title: "Version", Label: figures.LabelVersion, Look: panels.Width(110)},
		{Title: "Scrape", Query: o.Exporters(), Look: succeeded("good", "DOWN"), Sort: panels.Ascending},
		{Title: "Declared file", Query: o.ExporterLoaded(), Look: succeeded("loaded", "REFUSED")},
		{Title: "Loaded", Query: o.ExporterLoadedAt(), Look: panels.FromNow().And(panels.Width(130))},
	}
	return panels.Table("Exporters", "Scrape targets that are exporters, or were within 7 days. REFUSED: the present declared file has an error, and the older one is in use.",
		figures.LabelKey, columns).Id(idExporters)
}

func (o overview) permissions() *table.PanelBuilder {
	columns := []panels.Column{
		{Title: "Cluster", Label: collector.LabelCluster, Query: o.Permissions(), Sort: panels.Ascending, Look: panels.Width(100)},
		{Title: "Privilege", Label: collector.LabelPrivilege},
		{Title: "Path", Label: collector.LabelPath},
	}
	return panels.Empty(panels.Table("Missing privileges", "What the declared file switches on needs these, and the token does not have them.", figures.LabelKey, columns),
		"The token has all privileges that it needs.").Id(idPermissions)
}

func (o overview) endpoints() *table.PanelBuilder {
	columns := []panels.Column{
		clusterColumn(),
		{Title: "Address", Label: collector.LabelAddress},
		{Title: "API", Query: o.Endpoints(), Look: succeeded("answers", "DOWN"), Sort: panels.Ascending},
	}
	return panels.Table("API addresses", "Whether the last request to each was answered. Those that were never needed are not listed.", figures.LabelKey, columns).Id(idEndpoints)
}

func (o overview) clocks() *table.PanelBuilder {
	far := o.ClockTolerance()
	columns := []panels.Column{
		nodeColumn(),
		clusterColumn(),
		{
			Title: "Ahead by", Query: o.Clocks(), Sort: panels.Descending,
			Look: panels.Duration().And(panels.Coloured(panels.Warning, panels.Step{From: -far, Colour: panels.Muted}, panels.Step{From: far, Colour: panels.Warning})).And(panels.Width(80)),
		},
	}
	return panels.Table("Clocks", "How far each node's clock is ahead of the exporter's, or behind it if negative. Times of backups are compared across these clocks.",
		figures.LabelKey, columns).Id(idClocks)
}

func (o overview) requests() *timeseries.PanelBuilder {
	return panels.TimeSeries("API requests", "By cluster and reply: 200 is good, a name instead of a number is what kept the reply away.", units.RequestsPerSecond).Id(idRequests).
		WithTarget(panels.Graph("A", "{{code}} ({{cluster}})", o.Requests()))
}
