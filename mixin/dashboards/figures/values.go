package figures

import (
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// What the variables of the dashboard offer. These are calls of Grafana's Prometheus data source, with PromQL in them.

// ClusterValues lists the clusters.
func (f Figures) ClusterValues() string { return values(f.any(collector.Up), collector.LabelCluster) }

// EnvironmentValues lists the environments of the chosen clusters.
func (f Figures) EnvironmentValues() string {
	return values(f.cluster(collector.GuestInfo), collector.LabelEnvironment)
}

func values(e Expr, label string) string { return fmt.Sprintf("label_values(%s, %s)", e, label) }

// GuestValues lists the guests of the chosen clusters and environments, by name and id.
func (f Figures) GuestValues() string {
	chosen := f.cluster(collector.GuestInfo, query.Like(collector.LabelEnvironment, "$"+VarEnvironment))
	return fmt.Sprintf("query_result(%s)", chosen.maxBy(collector.LabelID, LabelName).join("shown", " · ", LabelName, collector.LabelID))
}

// GuestValuePattern takes the id and what is shown for it from a result of [Figures.GuestValues]. Prometheus orders labels by name.
const GuestValuePattern = `/id="(?<value>[^"]+)".*shown="(?<text>[^"]+)"/`
