package figures

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// DeclaredValues lists the chosen clusters of which the declared file describes something: without one there is nothing to show.
func (f Figures) DeclaredValues() string {
	return values(f.cluster(collector.Drift), collector.LabelCluster)
}

// declared selects the figures of the cluster that the row is about.
func (f Figures) declared() Expr {
	return f.cluster(collector.Drift, query.Like(collector.LabelCluster, "$"+VarDeclared)).maxBy(driftLabels...)
}

// Drift counts what is not as the declared file says, by kind: the rows of the table.
func (f Figures) Drift() Expr { return f.declared().join(LabelKey, "|", driftLabels...) }

// DriftHistory is the same over time.
func (f Figures) DriftHistory() Expr { return f.declared() }
