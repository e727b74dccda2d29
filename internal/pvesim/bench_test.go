package pvesim_test

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// BenchmarkAnswers measures the calls that a large cluster makes expensive, so that the simulation stays out of the way of what it measures.
func BenchmarkAnswers(b *testing.B) {
	clock := pvesim.NewClock(start())
	c := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 32, 5000)
	client, base := serve(b, c, "pve1")
	var upid string
	c.Change(func(m *pvesim.Model) { upid = m.Tasks("pve1", "vzdump")[0] })
	for _, path := range []string{
		"/cluster/resources", "/cluster/tasks", "/nodes/pve1/storage/backup-nfs/prunebackups?prune-backups=keep-all%3D1",
		"/nodes/pve1/tasks?limit=500", "/nodes/pve1/tasks/" + upid + "/log?download=1", "/cluster/backup/nightly/included_volumes",
	} {
		b.Run(path[:min(len(path), 40)], func(b *testing.B) {
			var n int
			for b.Loop() {
				n = len(get(b, client, base, path, pvesim.ExporterToken, pvesim.ExporterSecret))
			}
			b.ReportMetric(float64(n), "bytes")
		})
	}
}
