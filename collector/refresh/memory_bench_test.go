package refresh

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// heap returns the bytes that are in use after a collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// BenchmarkMemory is what a refresher holds after thirty days of history, per guest and per archive: the memory, the world that was read
// and the picture, without the series made of it.
func BenchmarkMemory(b *testing.B) {
	for _, guests := range []int{20, 500, 5000} {
		b.Run(fmt.Sprintf("guests=%d", guests), func(b *testing.B) {
			bench := newBench(b, 5, guests)
			before := heap()
			bench.connect()
			bench.slow()
			bench.cluster.Requests.Reset()
			held := heap() - before
			for b.Loop() { // nothing is timed
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(held)/float64(guests), "bytes/guest")
			b.ReportMetric(float64(archiveBytes(b)), "bytes/archive")
			runtime.KeepAlive(bench)
		})
	}
}

// archiveBytes is what one listed archive takes.
func archiveBytes(b *testing.B) int64 {
	b.Helper()
	const count = 100000
	before := heap()
	listing := derive.NewListing(1, manyArchives(count))
	held := heap() - before
	runtime.KeepAlive(listing)
	return held / count
}

func manyArchives(count int) []pve.Archive {
	reply := make([]pve.Archive, count)
	for i := range reply {
		reply[i] = pve.Archive{
			VolumeID: fmt.Sprintf("backup-nfs:backup/vzdump-qemu-%d-2026_07_%02d-01_00_00.vma.zst", 100+i%5000, i%28+1), Created: int64(i), VMID: 100 + i%5000, Type: "qemu", Mark: "keep",
		}
	}
	return reply
}
