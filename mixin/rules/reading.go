package rules

import (
	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// reading is the family of whether what the other alerts look at can be believed.
func (b *builder) reading() Family {
	return Family{Name: "reading", Title: "Trust in the data", Alerts: []Alert{b.permissionMissing(), b.dataStale(), b.labelsOverwritten(), b.clockSkew()}}
}

func (b *builder) permissionMissing() Alert {
	missing := b.each([]string{collector.LabelCluster, collector.LabelPath, collector.LabelPrivilege}, b.of(collector.PermissionMissing))
	return Alert{
		Name: "BackupPermissionMissing", Settings: b.alerts.BackupPermissionMissing,
		When:    "the exporter's token lacks privileges that what is switched on in the declared file needs",
		expr:    query.By("count", missing, ofCluster...),
		summary: "The exporter's token lacks privileges.",
		description: inCluster + ": the token lacks {{ $value }} privileges, so that part of the cluster is not seen: " +
			list(b.ask(collector.PermissionMissing, ofCluster), collector.LabelPath, labelOf(collector.LabelPrivilege)+" on "+labelOf(collector.LabelPath)) + ". The command `pve-backup-exporter check` says how to grant them.",
	}
}

// dataStale is the one alert about time: how old the facts are that the others look at.
func (b *builder) dataStale() Alert {
	limits := b.alerts.BackupDataStale
	unreachable := query.Call("max_over_time", b.of(collector.Up).Range(limits.Cluster)).Equals(0)
	notRead := func(labels []string) string {
		return list(b.askFor(collector.SourceUp, labels, func(e query.Expr) query.Expr {
			return query.By("group", e.Equals(0), collector.LabelSource, collector.LabelNode, collector.LabelStorage)
		}), collector.LabelSource, labelOf(collector.LabelSource)+"{{ with .Labels.node }} of node {{ . }}{{ end }}{{ with .Labels.storage }} on storage {{ . }}{{ end }}")
	}
	return Alert{
		Name: "BackupDataStale", Settings: limits.Alert,
		When: "facts are out of date: the cluster did not answer for " + limits.Cluster.String() + "; or a source was not read for " + times(limits.Intervals) +
			" its interval, and at least " + limits.Cluster.String() + ", or " + limits.Node.String() + " for what a single node tells, which is how long a node may be off. " +
			"So for the sources of an object store that is up",
		expr:    query.By("count", b.staleSources().Or(unreachable), ofCluster...).Or(b.ofStores("count", ofStore, b.staleStoreSources())),
		summary: "What is known of the backups is out of date.",
		description: "{{ if $labels.store }}Object store {{ $labels.store }}: facts about Terraform states are out of date. Not read at the last try: " + notRead(ofStore) +
			".{{ else }}" + inCluster + ": facts about backups are out of date, so that a failed or missing backup may go unnoticed. Not read at the last try: " +
			notRead(ofCluster) + ".{{ end }} The exporter's own page says why.",
	}
}

// staleSources finds the sources of clusters that were not read for too long.
func (b *builder) staleSources() query.Expr {
	limits := b.alerts.BackupDataStale
	noStore := query.Equal(collector.LabelStore, "")
	sources := b.olderThan(limits.Cluster, query.Equal(collector.LabelNode, ""), noStore).
		Or(b.olderThan(limits.Node, query.NotEqual(collector.LabelNode, ""), noStore)).
		Or(b.neverRead(limits.Node, noStore))
	sources = b.unlessCaused(sources, b.alerts.BackupStorageDown, on(ofStorage), b.of(collector.StorageUp).Equals(0))
	return b.unlessCaused(sources, b.alerts.BackupPermissionMissing, on(ofCluster), b.of(collector.PermissionMissing))
}

// staleStoreSources finds the same of object stores. Of a store that is down another alert tells.
func (b *builder) staleStoreSources() query.Expr {
	bound, ofAStore := b.alerts.BackupDataStale.Cluster, query.NotEqual(collector.LabelStore, "")
	sources := b.olderThan(bound, ofAStore).Or(b.neverRead(bound, ofAStore))
	sources = b.unlessCaused(sources, b.alerts.BackupStoreDown, on(ofStore), b.of(collector.ObjectStoreUp).Equals(0))
	return b.unlessCaused(sources, b.alerts.BackupStoreDown, on(ofStore), b.of(collector.BucketUp).Equals(0))
}

// olderThan finds sources that were not read for some intervals, and for a time at the least.
func (b *builder) olderThan(bound model.Duration, which ...query.Matcher) query.Expr {
	age := query.Now().Minus(same(), b.of(collector.SourceLastSuccess, which...))
	return age.Is(">", same(), atLeast(b.of(collector.SourceInterval, which...), b.alerts.BackupDataStale.Intervals, bound))
}

// neverRead finds sources that were tried for a time and never read.
func (b *builder) neverRead(since model.Duration, which ...query.Matcher) query.Expr {
	return query.Call("max_over_time", b.of(collector.SourceUp, which...).Range(since)).Equals(0).
		And(same(), b.of(collector.SourceUp, which...).Offset(since)).
		Unless(same(), b.of(collector.SourceLastSuccess, which...))
}

func (b *builder) labelsOverwritten() Alert {
	overwritten := b.of(collector.Up, renamed(collector.LabelCluster))
	for _, label := range []string{collector.LabelEnvironment, collector.LabelID, collector.LabelNode, labelName} {
		overwritten = overwritten.Or(b.of(collector.GuestInfo, renamed(label)))
	}
	overwritten = overwritten.Or(b.of(collector.StorageInfo, renamed(collector.LabelStorage))).Or(b.of(collector.ObjectStoreUp, renamed(collector.LabelStore)))
	return Alert{
		Name: "BackupLabelsOverwritten", Settings: b.alerts.BackupLabelsOverwritten,
		When:    "Prometheus renamed labels of the exporter, since the scrape configuration lacks honor_labels: true and gives the target labels of the same name",
		expr:    query.By("max", overwritten, ofCluster...),
		summary: "The scrape configuration overwrites the exporter's labels.",
		description: "The exporter's labels are overwritten by those of its target, so that dashboards and alerts cannot tell its clusters, environments or guests " +
			"apart. Add honor_labels: true to the scrape configuration.",
	}
}

// renamed finds series in which Prometheus kept the exporter's label under another name.
func renamed(label string) query.Matcher { return query.NotEqual("exported_"+label, "") }

func (b *builder) clockSkew() Alert {
	limits := b.alerts.BackupClockSkew
	skew := query.Call("abs", b.of(collector.ClockSkew)).Is(">", same(), query.Seconds(limits.Above))
	return Alert{
		Name: "BackupClockSkew", Settings: limits.Alert,
		When:    "the clock of a node and that of the exporter are more than " + limits.Above.String() + " apart",
		expr:    b.each(ofCluster, skew),
		summary: "Clocks disagree, so that times of backups are wrong.",
		description: inCluster + ": clocks are {{ $value | humanizeDuration }} apart. Ahead of the exporter's, or behind with a minus: " +
			list(b.askFor(collector.ClockSkew, ofCluster, func(e query.Expr) query.Expr {
				return query.By("max", e.Is("!=", same(), query.Number(0)), collector.LabelNode)
			}), collector.LabelNode, labelOf(collector.LabelNode)+" {{ .Value | humanizeDuration }}") + ".",
	}
}
