package rules

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

const (
	day = model.Duration(24 * time.Hour)
	// trendEvery is how often trends and histories are looked at: they are dear, and change once a day.
	trendEvery = model.Duration(5 * time.Minute)
	// trendStep is how often in the past the growth of a day is looked at.
	trendStep = model.Duration(3 * time.Hour)
)

// trend is the family of what a storage is going to be.
func (b *builder) trend() Family {
	return Family{Name: "trend", Title: "Trends", Alerts: []Alert{b.storageFillingUp()}, interval: trendEvery}
}

// storageFillingUp looks at daily maxima, since space goes up and down within a day as backups come and old ones go. Two estimates of the growth
// must agree. The lasting one compares the highest of a week with that of the week before: what comes and goes within a week cancels out.
// The usual one is the median of what the last days added: a single jump does not count.
func (b *builder) storageFillingUp() Alert {
	limits := b.alerts.BackupStorageFillingUp
	used, size := b.of(collector.StorageUsed), b.of(collector.StorageSize)
	highest := func(window model.Duration) query.Expr { return query.Call("max_over_time", used.Range(window)) }
	before := func(window model.Duration) query.Expr {
		return query.Call("max_over_time", used.Range(window).Offset(window))
	}
	lasting := highest(limits.Window).Minus(same(), before(limits.Window)).Per(same(), query.Seconds(limits.Window))
	daily := highest(day).Minus(same(), before(day)).Per(same(), query.Seconds(day))
	usual := query.Call("quantile_over_time", query.Number(0.5), daily.Steps(limits.Recent, trendStep))
	left := func(growth query.Expr) query.Expr {
		return size.Minus(same(), highest(day)).Per(same(), growth.Above(0)).Is("<", same(), query.Seconds(limits.Within))
	}
	cleared := used.Is("<", same(), query.Call("min_over_time", used.Range(2*day).Offset(day)))
	filling := left(lasting).And(same(), left(usual)).Unless(same(), cleared)
	filling = b.unlessCaused(filling, b.alerts.BackupStorageFull.Alert, same(), b.usedRatio().Above(b.alerts.BackupStorageFull.Above))
	return Alert{
		Name: "BackupStorageFillingUp", Settings: limits.Alert,
		When: "the trend of its daily maxima has a backup storage full within " + limits.Within.String() + ": by what it grew from one " + limits.Window.String() +
			" to the next, and by the median of what the last " + limits.Recent.String() + " added. It needs " + limits.Window.String() + " of history",
		expr:        b.aggregate("min", ofStorage, filling),
		summary:     "A backup storage will soon be full.",
		description: aStorage + " will be full in {{ $value | humanizeDuration }} if it goes on growing as it does.",
	}
}
