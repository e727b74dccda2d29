package figures

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// down are the storages that are not active on a node that needs them. On a node that is down nothing is active: its tasks cannot be read either.
func (f Figures) down() Expr {
	gone := f.cluster(collector.SourceUp, query.Equal(collector.LabelSource, string(snapshot.SourceTasks)), query.NotEqual(collector.LabelNode, "")).equals(0)
	return f.cluster(collector.StorageUp).equals(0).and(f.cluster(collector.StorageNeeded).equals(1)).
		unlessOn(with(nodeLabels, targetLabels...), gone)
}

// usedShare is the used part of each storage, as one exporter sees it.
func (f Figures) usedShare() Expr {
	return f.cluster(collector.StorageUsed).per(f.cluster(collector.StorageSize))
}

// farOff is where a trend is no longer a statement, in seconds.
const farOff = 10 * 365 * 86400

// secondsLeft is for how long each storage that grows has room left, as the alert on storages that fill up estimates it: from daily maxima, since
// space goes up and down within a day, by the smaller of two growths. The lasting one compares the highest of a window with that of the window
// before, so that what comes and goes within it cancels out; the usual one is the median of what recent days added, so that a single jump does
// not count. Series of other exporters continue those of one that is gone.
func (f Figures) secondsLeft() Expr {
	set := f.thresholds.BackupStorageFillingUp
	lasting := f.highest(set.Window).minus(f.highestBefore(set.Window)).times(1 / seconds(set.Window))
	daily := f.highest(oneDay).minus(f.highestBefore(oneDay))
	usual := Expr{query.Call("quantile_over_time", query.Number(0.5), daily.Steps(set.Recent, oneHour))}.times(1 / seconds(oneDay))
	smaller := either(lasting.less(usual), usual).andOn(spaceLabels, lasting)
	room := f.cluster(collector.StorageSize).maxBy(spaceLabels...).minus(f.highest(oneDay))
	return room.per(smaller.above(0)).below(farOff)
}

const (
	oneHour = model.Duration(time.Hour)
	oneDay  = 24 * oneHour
)

func (f Figures) highest(window model.Duration) Expr {
	return Expr{query.Call("max_over_time", f.cluster(collector.StorageUsed).Range(window))}.maxBy(spaceLabels...)
}

func (f Figures) highestBefore(window model.Duration) Expr {
	return Expr{query.Call("max_over_time", f.cluster(collector.StorageUsed).Range(window).Offset(window))}.maxBy(spaceLabels...)
}

// fullAt is when each storage will be full by its trend.
func (f Figures) fullAt() Expr { return f.secondsLeft().atLeast(0).plus(Expr{query.Now()}) }

// StorageUsed is the used part of each storage, from 0 to 1: the rows of the table of storages.
func (f Figures) StorageUsed() Expr {
	return f.usedShare().maxBy(spaceLabels...).join(LabelKey, "|", spaceLabels...)
}

// StorageFree is the space left on each storage.
func (f Figures) StorageFree() Expr { return f.cluster(collector.StorageAvailable).keyed(spaceLabels) }

// StorageSize is the size of each storage.
func (f Figures) StorageSize() Expr { return f.cluster(collector.StorageSize).keyed(spaceLabels) }

// StorageFullOn is the day on which each storage will be full by its trend.
func (f Figures) StorageFullOn() Expr { return f.fullAt().date().keyed(spaceLabels) }

// StorageLeft is for how long each storage has room left by its trend.
func (f Figures) StorageLeft() Expr { return f.secondsLeft().atLeast(0).keyed(spaceLabels) }

// StorageOverTime is the used part of the storages that are fullest at the end of the shown time.
func (f Figures) StorageOverTime() Expr {
	fullest := f.cluster(collector.StorageUsed).atEnd().per(f.cluster(collector.StorageSize).atEnd())
	return f.usedShare().maxBy(spaceLabels...).andOn(spaceLabels, fullest.maxBy(spaceLabels...).most(lines))
}

// Orphaned counts the archives of guests that are gone, on each storage: the rows of the table of orphaned archives.
func (f Figures) Orphaned() Expr {
	info := f.cluster(collector.StorageInfo).maxBy(with(storageLabels, LabelType)...).most(1, storageLabels...)
	orphans := f.cluster(collector.StorageOrphanedArchives).maxBy(storageLabels...)
	return orphans.taking(storageLabels, info, LabelType).join(LabelKey, "|", storageLabels...)
}

// OrphanedBytes is the size of those of which it is known.
func (f Figures) OrphanedBytes() Expr {
	return f.cluster(collector.StorageOrphanedBytes).keyed(storageLabels)
}
