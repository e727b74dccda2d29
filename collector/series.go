package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// sample is one series before it is put into the form of an encoder.
type sample struct {
	pairs []*dto.LabelPair
	value float64
}

// put appends a metric with these series, if there are any. It takes a few blocks of memory, whatever the number of series.
func (b *builder) put(d Definition, samples []sample) {
	if len(samples) == 0 {
		return // an encoder refuses a family without series
	}
	help := d.Help()
	made := &dto.MetricFamily{Name: &d.Name, Help: &help, Metric: make([]*dto.Metric, len(samples))}
	metrics, values := make([]dto.Metric, len(samples)), make([]float64, len(samples))
	for i, s := range samples {
		values[i] = s.value
		metrics[i].Label = s.pairs
		made.Metric[i] = &metrics[i]
	}
	switch d.Type {
	case Counter:
		made.Type = dto.MetricType_COUNTER.Enum()
		counters := make([]dto.Counter, len(samples))
		for i := range counters {
			counters[i].Value = &values[i]
			metrics[i].Counter = &counters[i]
		}
	default:
		made.Type = dto.MetricType_GAUGE.Enum()
		gauges := make([]dto.Gauge, len(samples))
		for i := range gauges {
			gauges[i].Value = &values[i]
			metrics[i].Gauge = &gauges[i]
		}
	}
	b.families = append(b.families, made)
}

// prebuilt passes a series on to a registry, which is what [Store] does for whoever registers it as a collector.
type prebuilt struct {
	desc   *prometheus.Desc
	metric *dto.Metric
}

// Desc returns the metric's descriptor.
func (p prebuilt) Desc() *prometheus.Desc { return p.desc }

// Write copies the series, which is never changed after it was built.
func (p prebuilt) Write(out *dto.Metric) error {
	out.Label, out.Gauge, out.Counter = p.metric.Label, p.metric.Gauge, p.metric.Counter
	return nil
}
