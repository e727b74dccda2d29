package refresh

import (
	"fmt"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
)

// BenchmarkJudge is the work that a cycle does besides its calls, on a cluster of so many guests with thirty days of history.
func BenchmarkJudge(b *testing.B) {
	for _, guests := range []int{20, 500, 5000} {
		b.Run(fmt.Sprintf("guests=%d", guests), func(b *testing.B) {
			bench := newBench(b, 5, guests)
			bench.slow()
			r := bench.refresher
			b.ReportAllocs()
			for b.Loop() {
				derive.Judge(r.Memory, r.world, r.Settings, derive.NewRuns(r.world), true)
			}
		})
	}
}
