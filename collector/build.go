package collector

import (
	"cmp"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

// build makes every series of a snapshot, each family in the order in which a registry would put it out, the families in no order.
//
// The series are kept as the values that the encoders of a scrape read. The label pairs are shared between all series that have them in
// common, which makes a series several times smaller than one made by prometheus.NewConstMetric.
func build(c *snapshot.Cluster) *builder {
	b := newBuilder(c.Name)
	add(b, clusters, []snapshot.Cluster{*c})
	add(b, sources, c.Sources)
	add(b, permissions, c.MissingPermissions)
	add(b, endpoints, c.Endpoints)
	add(b, guests, c.Guests)
	add(b, targets, c.Targets)
	add(b, jobs, c.Jobs)
	add(b, retention, keeps(c.Jobs))
	add(b, nodes, c.Nodes)
	add(b, storages, c.Storages)
	add(b, storageNodes, onNodes(c.Storages))
	add(b, storageUsage, usages(c.Storages))
	add(b, drift, driftsOf("", c.Drift))
	add(b, drills, c.Drills)
	return b
}

// builder collects the families of one cluster.
type builder struct {
	cluster  []*dto.LabelPair // the label that all series of a cluster begin with; empty for the sources of object stores
	pairs    map[pair]*dto.LabelPair
	families []*dto.MetricFamily
	leftOut  []leftOut
	found    []sample // reused from family to family
}

func newBuilder(cluster string) *builder {
	b := &builder{pairs: map[pair]*dto.LabelPair{}}
	b.cluster = []*dto.LabelPair{b.intern(LabelCluster, cleanLabel(cluster))}
	return b
}

type pair struct{ name, value string }

// leftOut is a thing whose labels were those of an earlier thing.
type leftOut struct {
	metric string // the first of its metrics
	labels []string
}

func (b *builder) leaveOut(metric string, labels []string) {
	b.leftOut = append(b.leftOut, leftOut{metric, labels})
}

// intern returns the label pair with this name and value that all series share.
func (b *builder) intern(name, value string) *dto.LabelPair {
	key := pair{name, value}
	if known, ok := b.pairs[key]; ok {
		return known
	}
	made := &dto.LabelPair{Name: &key.name, Value: &key.value}
	b.pairs[key] = made
	return made
}

// with returns the pairs and further ones, sorted by name as encoders expect them.
func (b *builder) with(pairs []*dto.LabelPair, names, values []string) []*dto.LabelPair {
	all := make([]*dto.LabelPair, len(pairs), len(pairs)+len(names))
	copy(all, pairs)
	for i, name := range names {
		all = append(all, b.intern(name, cleanLabel(values[i])))
	}
	slices.SortFunc(all, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetName(), y.GetName()) })
	return all
}

// compareLabels orders the series of one family as a registry does.
func compareLabels(x, y []*dto.LabelPair) int {
	for i := range min(len(x), len(y)) {
		if order := strings.Compare(x[i].GetValue(), y[i].GetValue()); order != 0 {
			return order
		}
	}
	return cmp.Compare(len(x), len(y))
}
