package pvesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

func TestScaleHasThirtyDaysOfGoodBackups(t *testing.T) {
	clock := pvesim.NewClock(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	c := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 2, 20)
	c.Change(func(m *pvesim.Model) {
		for _, node := range []string{"pve1", "pve2"} {
			tasks := m.Tasks(node, "vzdump")
			if len(tasks) < 30 {
				t.Errorf("%s: %d backups in thirty days", node, len(tasks))
			}
			for _, upid := range tasks {
				if status := m.TaskStatus(upid); status != "OK" || !strings.HasSuffix(string(m.Log(upid)), "\nTASK OK\n") {
					t.Errorf("%s: status %q", upid, status)
				}
			}
		}
		if got := len(m.Archives("backup-nfs", "pve1")); got < 20*8 || got > 20*11 {
			t.Errorf("%d archives for 20 guests under keep-daily=7,keep-weekly=4", got)
		}
	})
}

func BenchmarkScaleHistory(b *testing.B) {
	clock := pvesim.NewClock(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	for b.Loop() {
		pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 32, 5000).Change(func(*pvesim.Model) {})
	}
}
