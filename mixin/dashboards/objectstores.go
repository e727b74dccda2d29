package dashboards

import (
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// storesRow is repeated for each object store.
func (o overview) storesRow() *dashboard.RowBuilder {
	return dashboard.NewRowBuilder("Object store and Terraform states: $" + figures.VarStore).Id(idStoresRow).Repeat(figures.VarStore)
}

func (o overview) objectStores() *table.PanelBuilder {
	soon := time.Duration(o.cfg.Alerts.BackupCertificateExpiring.Within).Seconds()
	columns := []panels.Column{
		{Title: "Store", Label: collector.LabelStore},
		{Title: "Health", Query: o.StoreUp(), Look: succeeded("well", "DOWN"), Sort: panels.Ascending},
		{Title: "Certificate until", Query: o.StoreCertificateEnd(), Look: panels.Date().And(panels.Width(130))},
		{
			Title: "In", Query: o.StoreCertificateLeft(),
			Look: panels.Duration().And(panels.Coloured(panels.Critical, panels.Step{From: 0, Colour: panels.Warning}, panels.Step{From: soon, Colour: panels.Muted})).And(panels.Width(100)),
		},
		{Title: "States read", Query: o.StoreRead(), Look: panels.FromNow().And(panels.Width(130))},
	}
	return panels.Table("Object store", "Whether the store answers and says that it is well, until when its certificate is valid, and when the states were last looked at.",
		figures.LabelKey, columns).Id(idStores)
}

func (o overview) buckets() *table.PanelBuilder {
	there := panels.Worded(panels.Word{Value: figures.UnknownBucket(), Text: "unknown", Colour: panels.Warning},
		panels.Word{Value: 0, Text: "NO", Colour: panels.Critical}, panels.Word{Value: 1, Text: "yes", Colour: panels.Good}).And(panels.Width(110))
	columns := []panels.Column{
		{Title: "Bucket", Label: collector.LabelBucket, Look: panels.Width(250)},
		{Title: "Store", Label: collector.LabelStore},
		{Title: "Reachable", Query: o.BucketUp(), Look: there, Sort: panels.Ascending},
		{Title: "Versions", Query: o.BucketVersioning(), Look: succeeded("kept", "NOT KEPT").And(panels.Width(120))},
		{Title: "Objects", Query: o.BucketObjects(), Look: panels.Number().And(panels.Width(100))},
		{Title: "Size", Query: o.BucketBytes(), Look: panels.Bytes().And(panels.Width(110))},
	}
	return panels.Table("Buckets", "Those that hold Terraform states. Size: with all earlier versions. Empty where there are too many objects to count.",
		figures.LabelKey, columns).Id(idBuckets)
}

func (o overview) states() *table.PanelBuilder {
	columns := []panels.Column{
		environmentColumn(),
		{Title: "Bucket", Label: collector.LabelBucket, Look: panels.Width(220)},
		{Title: "Key", Label: figures.LabelDetail},
		{Title: "Store", Label: collector.LabelStore},
		{Title: "State", Query: o.StateThere(), Look: succeeded("there", "NOT THERE").And(panels.Width(120)), Sort: panels.Ascending},
		{Title: "Last change", Query: o.StateChanged(), Look: panels.FromNow().And(panels.Width(150))},
		{Title: "Size", Query: o.StateBytes(), Look: panels.Bytes().And(panels.Width(110))},
		{Title: "Versions", Query: o.StateVersions(), Look: panels.Number().And(panels.Width(100))},
		{Title: "Serial", Query: o.StateSerial(), Look: panels.Number().And(panels.Width(100))},
		{Title: "Locked", Query: o.StateLocked(), Look: panels.FromNow().And(panels.Width(150))},
	}
	return panels.Table("Terraform states", "When each was last changed, how many versions of it can be brought back, and since when somebody has held its lock. Serial: only with "+
		"read_serial. NOT THERE: never written, or deleted; earlier versions can be brought back.", figures.LabelKey, columns).Id(idStates)
}
