package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// TestWithoutJobsNoScheduleGrowsOld: the last job is deleted, and there is no schedule left to ask for.
func TestWithoutJobsNoScheduleGrowsOld(t *testing.T) {
	b := newStory(t, setting{days: 3})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { m.Jobs = nil })
	b.watch(start.AddDate(0, 0, 5), 6*time.Hour, func() {})
	for _, one := range b.picture.Sources {
		if last, _ := one.LastSuccess.Get(); one.Kind == snapshot.SourceSchedules && b.clock.Now().Unix()-last > 3600 {
			t.Errorf("the schedules were read last at %s", time.Unix(last, 0).UTC())
		}
	}
}
