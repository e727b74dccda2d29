package dashboards

import (
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

func (o overview) storages() *table.PanelBuilder {
	almost, full := o.cfg.Alerts.BackupStorageAlmostFull.Above, o.cfg.Alerts.BackupStorageFull.Above
	soon := time.Duration(o.cfg.Alerts.BackupStorageFillingUp.Within).Seconds()
	columns := []panels.Column{
		storageColumn(),
		clusterColumn(),
		nodeColumn(),
		{
			Title: "Used", Query: o.StorageUsed(), Sort: panels.Descending,
			Look: panels.Bar(panels.Good, panels.Step{From: almost, Colour: panels.Warning}, panels.Step{From: full, Colour: panels.Critical}).And(panels.Width(170)),
		},
		{Title: "Free", Query: o.StorageFree(), Look: panels.Bytes().And(panels.Width(100))},
		{Title: "Size", Query: o.StorageSize(), Look: panels.Bytes().And(panels.Width(100))},
		{Title: "Full on", Query: o.StorageFullOn(), Look: panels.Date().And(panels.Width(110))},
		{
			Title: "In", Query: o.StorageLeft(),
			Look: panels.Duration().And(panels.Coloured(panels.Critical, panels.Step{From: soon, Colour: panels.Warning}, panels.Step{From: 10 * soon, Colour: panels.Muted})).
				And(panels.Width(110)),
		},
	}
	return panels.Table("Backup storages", "Space on each storage that may hold backups; a storage that is not active tells none. Full on, in: as the alert on storages that fill up estimates it, "+
		"from daily maxima. Empty where a storage does not grow, and until there is more than a week of history.", figures.LabelKey, columns).Id(idStorages)
}

func (o overview) size() *timeseries.PanelBuilder {
	return panels.Stacked(panels.TimeSeries("Size of all archives", "Of each environment, as far as sizes are known.", units.BytesIEC)).Id(idSize).
		WithTarget(panels.Graph("A", "{{environment}} ({{cluster}})", o.SizeOverTime()))
}

const day = 24 * time.Hour

func (o overview) environments() *table.PanelBuilder {
	growth := panels.Bytes().And(panels.Width(110))
	columns := []panels.Column{
		environmentColumn(),
		clusterColumn(),
		{Title: "Guests", Query: o.EnvironmentGuests(), Look: panels.Number().And(panels.Width(80))},
		{Title: "Archives", Query: o.EnvironmentArchives(), Look: panels.Number().And(panels.Width(90))},
		{Title: "Size", Query: o.EnvironmentSize(), Look: panels.Bytes().And(panels.Width(100)), Sort: panels.Descending},
		{Title: "Known", Query: o.EnvironmentSized(), Look: panels.Percent().And(panels.Width(80))},
		{Title: "In 7 days", Query: o.EnvironmentGrowth(7 * day), Look: growth},
		{Title: "In 30 days", Query: o.EnvironmentGrowth(30 * day), Look: growth},
		{Title: "Before dedup", Query: o.EnvironmentLogical(), Look: growth},
	}
	return panels.Table("Size and growth of each environment", "Known: the part of the archives whose size is known; without archive_details it is taken from task logs. In 7 days, "+
		"in 30 days: by how much the size grew. Before dedup: on Proxmox Backup Servers, with archive_details.",
		figures.LabelKey, columns).Id(idEnvironments)
}

func (o overview) space() *timeseries.PanelBuilder {
	return panels.TimeSeries("Used space", "The used part of the 20 storages that are fullest now.", units.PercentUnit).Id(idSpace).Max(1).
		WithTarget(panels.Graph("A", "{{storage}} {{node}} ({{cluster}})", o.StorageOverTime()))
}

func (o overview) orphans() *table.PanelBuilder {
	columns := []panels.Column{
		storageColumn(),
		clusterColumn(),
		{Title: "Type", Label: figures.LabelType},
		{
			Title: "Archives", Query: o.Orphaned(), Sort: panels.Descending,
			Look: panels.Number().And(panels.Coloured(panels.Muted, panels.Step{From: 1, Colour: panels.Neutral})),
		},
		{Title: "Size", Query: o.OrphanedBytes(), Look: panels.Bytes()},
	}
	return panels.Table("Orphaned archives", "Archives of guests that are gone. No retention rule removes them: no job runs for their guest any more.",
		figures.LabelKey, columns).Id(idOrphans)
}
