package collector

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

var benchSizes = []int{20, 500, 5000}

// BenchmarkScrape compares a scrape (gather and encode) with encoding the same series alone, in one run and turn by turn, by the minima of
// both. The metric scrape/encode is the one that matters; registry/encode is what a plain registry around the same series would take.
func BenchmarkScrape(b *testing.B) {
	for _, guests := range benchSizes {
		b.Run(fmt.Sprintf("guests=%d", guests), func(b *testing.B) {
			store := NewStore(silent())
			store.Publish(healthy("home", guests))
			others, checked := prometheus.NewRegistry(), prometheus.NewRegistry()
			others.MustRegister(withAPI(), loaded())
			checked.MustRegister(withAPI(), loaded(), store)
			gatherer := store.Gatherer(others)
			families, err := gatherer.Gather()
			if err != nil {
				b.Fatal(err)
			}
			var out bytes.Buffer
			measure := func(gather func() ([]*dto.MetricFamily, error)) time.Duration {
				out.Reset()
				start := time.Now()
				gathered, err := gather()
				if err != nil {
					b.Fatal(err)
				}
				write(b, &out, gathered, expfmt.NewFormat(expfmt.TypeTextPlain))
				return time.Since(start)
			}
			encode, scrape, registry := time.Hour, time.Hour, time.Hour
			for b.Loop() {
				encode = min(encode, measure(func() ([]*dto.MetricFamily, error) { return families, nil }))
				scrape = min(scrape, measure(gatherer.Gather))
				registry = min(registry, measure(checked.Gather))
			}
			b.ReportMetric(float64(scrape)/float64(encode), "scrape/encode")
			b.ReportMetric(float64(registry)/float64(encode), "registry/encode")
			b.ReportMetric(float64(scrape.Nanoseconds())/float64(count(families)), "ns/series")
			b.ReportMetric(float64(count(families)), "series")
		})
	}
}

// BenchmarkPublish is what each refresh costs, and what the series of a guest with two targets hold in memory until the next.
func BenchmarkPublish(b *testing.B) {
	for _, guests := range benchSizes {
		b.Run(fmt.Sprintf("guests=%d", guests), func(b *testing.B) {
			c := healthy("home", guests)
			held, kept := heapGrowth(func() any { return build(c) })
			series := count(kept.(*builder).families)
			runtime.KeepAlive(kept)
			store := NewStore(silent())
			for b.Loop() {
				store.Publish(c)
			}
			b.ReportMetric(held/float64(guests), "B/guest")
			b.ReportMetric(held/float64(series), "B/series")
		})
	}
}

// heapGrowth returns by how many bytes the heap grows for what a function makes, and that thing.
func heapGrowth(make func() any) (float64, any) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	made := make()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return float64(after.HeapAlloc) - float64(before.HeapAlloc), made
}
