package rules

import (
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

const (
	// historyStep is how often the past is sampled: a daily backup counts twice.
	historyStep = model.Duration(12 * time.Hour)
	// low and high bound what is usual: the lowest and the highest fifth of the past. They follow a guest that grows, and a guest whose
	// backups vary widely has wide bounds.
	low, high = 0.2, 0.8
)

// history is the family of backups that are unlike those before.
func (b *builder) history() Family {
	return Family{Name: "history", Title: "Histories", Alerts: []Alert{b.sizeAnomaly(), b.takesTooLong()}, interval: trendEvery}
}

// past is a bound of what a metric was.
func (b *builder) past(metric string, quantile float64, history mixin.History) query.Expr {
	return query.Call("quantile_over_time", query.Number(quantile), b.of(metric).Steps(history.Window, historyStep))
}

// comparable keeps the targets that have a history of their own: enough backups, and of the same guest throughout. The counter of attempts
// begins anew when an id is used for another guest.
func (b *builder) comparable(e query.Expr, history mixin.History) query.Expr {
	enough := query.Call("changes", b.of(collector.TargetLastSuccess).Steps(history.Window, historyStep)).Is(">=", same(), query.Number(float64(history.Backups)))
	another := query.Call("resets", b.of(collector.TargetAttempts).Steps(history.Window, historyStep)).Above(0)
	return e.And(same(), enough).Unless(same(), another)
}

func (b *builder) sizeAnomaly() Alert {
	limits := b.alerts.BackupSizeAnomaly
	size := b.of(collector.TargetLastArchiveBytes)
	small, large := b.past(collector.TargetLastArchiveBytes, low, limits.History), b.past(collector.TargetLastArchiveBytes, high, limits.History)
	shrunk := size.Per(same(), small).Below(limits.Shrunk).And(same(), small.Minus(same(), size).Above(limits.Bytes))
	grown := size.Per(same(), large).Above(limits.Grown).And(same(), size.Minus(same(), large).Above(limits.Bytes))
	return Alert{
		Name: "BackupSizeAnomaly", Settings: limits.Alert,
		When: "the last archive is smaller than " + percent(limits.Shrunk) + " of the guest's small ones, or larger than " + times(limits.Grown) +
			" its large ones, of the last " + limits.Window.String() + " (their lowest and highest fifth). It needs " + strconv.Itoa(limits.Backups) +
			" earlier backups, and a storage that tells the size: Proxmox Backup Server does not",
		expr:    b.each(ofTarget, b.comparable(shrunk.Or(grown), limits.History)),
		summary: "The last archive has an unusual size.",
		description: b.guest() + ": the last archive on storage {{ $labels.storage }} has {{ $value | humanizePercentage }} of its usual size" +
			"{{ with " + b.ask(collector.TargetLastArchiveBytes, ofTarget) + " }} ({{ . | first | value | humanize1024 }}B){{ end }}.",
	}
}

func (b *builder) takesTooLong() Alert {
	limits := b.alerts.BackupTakesTooLong
	took := b.of(collector.TargetLastDuration)
	long := b.past(collector.TargetLastDuration, high, limits.History)
	slow := took.Per(same(), long).Above(limits.Factor).And(same(), took.Minus(same(), long).Is(">", same(), query.Seconds(limits.Longer)))
	return Alert{
		Name: "BackupTakesTooLong", Settings: limits.Alert,
		When: "the last good backup took more than " + times(limits.Factor) + " as long as the guest's long ones of the last " + limits.Window.String() +
			" (their highest fifth), and at least " + limits.Longer.String() + " longer. It needs " + strconv.Itoa(limits.Backups) + " earlier backups",
		expr:    b.each(ofTarget, b.comparable(slow, limits.History)),
		summary: "The last backup took unusually long.",
		description: b.guest() + ": the last backup to storage {{ $labels.storage }} took {{ $value | humanizePercentage }} of its usual time" +
			"{{ with " + b.ask(collector.TargetLastDuration, ofTarget) + " }} ({{ . | first | value | humanizeDuration }}){{ end }}.",
	}
}
