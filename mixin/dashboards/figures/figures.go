package figures

import (
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// Names of the dashboard's variables, by which every figure is narrowed down.
const (
	VarCluster     = "cluster"
	VarEnvironment = "environment"
	VarGuest       = "guest"
	VarDrilled     = "drilled"  // not shown: the clusters in which restores are drilled
	VarDeclared    = "declared" // not shown: the clusters that are compared with the declared file
	VarStore       = "store"    // not shown: the object stores
)

// Labels that figures make.
const (
	LabelKey     = "key"     // the identity of a table's row, by which columns are joined
	LabelProblem = "problem" // what needs attention, in words
	LabelDetail  = "detail"  // more about it: a reason, a job, a source, a privilege
	LabelAlert   = "alert"   // the alert that fires for it
)

// Labels of the collector's metrics that have no constant there.
const (
	LabelName     = "name"
	LabelSchedule = "schedule"
	LabelMode     = "mode"
	LabelType     = "type"
	LabelVersion  = "version"
	labelLock     = "lock"
)

// labelOverwritten is what Prometheus makes of the exporter's label cluster where a scrape does not honour it.
const labelOverwritten = "exported_" + collector.LabelCluster

// Labels that Prometheus gives every target.
const (
	LabelScrapeJob = "job"
	LabelInstance  = "instance"
)

// Labels that tell things of one kind apart.
var (
	clusterLabels     = []string{collector.LabelCluster}
	environmentLabels = []string{collector.LabelCluster, collector.LabelEnvironment}
	guestLabels       = []string{collector.LabelCluster, collector.LabelEnvironment, collector.LabelID}
	pairLabels        = []string{collector.LabelCluster, collector.LabelEnvironment, collector.LabelID, collector.LabelStorage}
	jobLabels         = []string{collector.LabelCluster, collector.LabelJob}
	nodeLabels        = []string{collector.LabelCluster, collector.LabelNode}
	storageLabels     = []string{collector.LabelCluster, collector.LabelStorage}
	spaceLabels       = []string{collector.LabelCluster, collector.LabelStorage, collector.LabelNode}
	driftLabels       = []string{collector.LabelCluster, collector.LabelKind}
	sourceLabels      = []string{collector.LabelCluster, collector.LabelSource, collector.LabelNode, collector.LabelStorage}
	targetLabels      = []string{LabelScrapeJob, LabelInstance}
)

// with returns labels and further ones, as a list of their own.
func with(labels []string, further ...string) []string {
	return append(append(make([]string, 0, len(labels)+len(further)), labels...), further...)
}

// Bounds of what is shown at once, where the number of guests sets none.
const (
	rowsPerProblem = 50
	lines          = 20
)

// Figures writes the queries of the dashboard.
type Figures struct {
	thresholds mixin.Alerts
	metrics    query.Metrics
}

// New returns the figures with the thresholds of the alerts. It fails when the selector is not made of label matchers.
func New(cfg mixin.Config) (Figures, error) {
	matchers, err := query.ParseMatchers(cfg.Selector)
	if err != nil {
		return Figures{}, fmt.Errorf("selector: %w", err)
	}
	return Figures{cfg.Alerts, query.NewMetrics(matchers...)}, nil
}

// guest selects a metric of guests, or of guests on storages.
func (f Figures) guest(metric string, further ...query.Matcher) Expr {
	return f.cluster(metric, append([]query.Matcher{
		query.Like(collector.LabelEnvironment, "$"+VarEnvironment), query.Like(collector.LabelID, "$"+VarGuest),
	}, further...)...)
}

// cluster selects a metric of anything in a cluster.
func (f Figures) cluster(metric string, further ...query.Matcher) Expr {
	return f.any(metric, append([]query.Matcher{query.Like(collector.LabelCluster, "$"+VarCluster)}, further...)...)
}

// any selects a metric wherever it comes from.
func (f Figures) any(metric string, matchers ...query.Matcher) Expr {
	return Expr{f.metrics.Of(metric, matchers...)}
}

// orNone is 0 for a count that found nothing, as long as there is something to count.
func (f Figures) orNone(count Expr) Expr { return either(count, f.guests().count().as(0)) }
