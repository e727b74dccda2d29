package dashboards

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// Columns that several tables have. Together the columns of a table are not wider than its panel on a screen of 1920 pixels: those with a width
// by the figures here and there, those without by 150 pixels.

func clusterColumn() panels.Column {
	return panels.Column{Title: "Cluster", Label: collector.LabelCluster, Look: panels.Width(100)}
}

func environmentColumn() panels.Column {
	return panels.Column{Title: "Environment", Label: collector.LabelEnvironment, Look: panels.Width(120)}
}

func nodeColumn() panels.Column {
	return panels.Column{Title: "Node", Label: collector.LabelNode, Look: panels.Width(90)}
}

func storageColumn() panels.Column {
	return panels.Column{Title: "Storage", Label: collector.LabelStorage, Look: panels.Width(130)}
}

func nameColumn() panels.Column {
	return panels.Column{Title: "Name", Label: figures.LabelName}
}

// guestColumn holds ids, which are links to this dashboard with one guest chosen.
func guestColumn() panels.Column {
	link := panels.Link("Only this guest", "/d/"+UID+"?${__url_time_range}&${"+panels.VarDatasource+":queryparam}"+
		"&var-"+figures.VarCluster+"=${__data.fields.Cluster:percentencode}&var-"+figures.VarGuest+"=${__data.fields.Guest:percentencode}")
	return panels.Column{Title: "Guest", Label: collector.LabelID, Look: link.And(panels.Width(110))}
}
