package rules

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// storages is the family of the places that backups go to.
func (b *builder) storages() Family {
	return Family{Name: "storages", Title: "Storages", Alerts: []Alert{b.storageAlmostFull(), b.storageFull(), b.storageIsDown()}}
}

// usedRatio is how full a storage is, per node for one that is not shared.
func (b *builder) usedRatio() query.Expr {
	return b.of(collector.StorageUsed).Per(same(), b.of(collector.StorageSize))
}

func (b *builder) storageAlmostFull() Alert {
	full := b.alerts.BackupStorageFull
	high := b.usedRatio().Above(b.alerts.BackupStorageAlmostFull.Above)
	high = b.unlessCaused(high, full.Alert, same(), b.usedRatio().Above(full.Above))
	alert := b.storageLevel("BackupStorageAlmostFull", b.alerts.BackupStorageAlmostFull, high)
	alert.summary = "A backup storage is almost full."
	return alert
}

func (b *builder) storageFull() Alert {
	full := b.alerts.BackupStorageFull
	alert := b.storageLevel("BackupStorageFull", full, b.usedRatio().Above(full.Above))
	alert.summary = "A backup storage is full: the next backups will fail."
	return alert
}

func (b *builder) storageLevel(name string, level mixin.Level, high query.Expr) Alert {
	return Alert{
		Name: name, Settings: level.Alert,
		When: "over " + percent(level.Above) + " of a backup storage is used",
		expr: b.each(ofStorage, high),
		description: aStorage + " is full to {{ $value | humanizePercentage }}" + b.nodesWith(collector.StorageUsed, func(used query.Expr) query.Expr {
			return used.Per(same(), b.of(collector.StorageSize)).Above(level.Above)
		}) + ".",
	}
}

// nodesWith names the nodes on which something is so of a storage that is not shared; nothing of one that is.
func (b *builder) nodesWith(metric string, so func(query.Expr) query.Expr) string {
	nodes := b.askFor(metric, ofStorage, func(e query.Expr) query.Expr {
		return query.By("group", so(e), collector.LabelNode)
	}, query.NotEqual(collector.LabelNode, ""))
	return "{{ with " + nodes + " }} on node " + list(".", collector.LabelNode, labelOf(collector.LabelNode)) + "{{ end }}"
}

// storageDown finds storages that are not active on a node where a job would use them. On a node that is down nothing is active: its tasks
// cannot be read either.
func (b *builder) storageDown() query.Expr {
	gone := b.of(collector.SourceUp, query.Equal(collector.LabelSource, string(snapshot.SourceTasks)), query.NotEqual(collector.LabelNode, "")).Equals(0)
	return b.of(collector.StorageUp).Equals(0).
		And(same(), b.of(collector.StorageNeeded).Equals(1)).
		Unless(on(ofNode), gone)
}

func (b *builder) storageIsDown() Alert {
	return Alert{
		Name: "BackupStorageDown", Settings: b.alerts.BackupStorageDown,
		When:    "a backup storage is not active on a node that is up and where an enabled job would write to it",
		expr:    b.each(ofStorage, b.storageDown()),
		summary: "A backup storage is not active: backups to it fail.",
		description: aStorage + " is not active" + b.nodesWith(collector.StorageUp, func(up query.Expr) query.Expr {
			return up.Equals(0).And(same(), b.of(collector.StorageNeeded).Equals(1))
		}) + ", where a job would write to it.",
	}
}
