package play

import (
	"context"
	"math"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

// jobName is the label job of the exporters' series, as in the scrape configuration of the documentation.
const jobName = "pve-backup"

// scrape is all targets at one moment.
type scrape struct {
	prometheus *Prometheus
	app        storage.Appender
	at         int64 // milliseconds
	how        story.Scrape
}

func (p *Prometheus) newScrape(at time.Time, how story.Scrape) *scrape {
	return &scrape{prometheus: p, app: p.db.Appender(context.Background()), at: at.UnixMilli(), how: how}
}

func (s *scrape) commit() error { return s.app.Commit() }

// sample is one series of a target with its value.
type sample struct {
	labels map[string]string
	value  float64
}

// target appends what an exporter answered. One that did not answer leaves stale markers and up 0.
func (s *scrape) target(job, instance string, families []*dto.MetricFamily, up bool) error {
	vector, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: model.Time(s.at)}, families...)
	if err != nil {
		return err
	}
	list := make([]sample, 0, len(vector))
	for _, one := range vector {
		set := make(map[string]string, len(one.Metric))
		for name, text := range one.Metric {
			set[string(name)] = string(text)
		}
		list = append(list, sample{set, float64(one.Value)})
	}
	return s.samples(job, instance, list, up)
}

// samples appends the series of a target, with stale markers for those that are gone since the last scrape.
func (s *scrape) samples(job, instance string, list []sample, up bool) error {
	target := map[string]string{"job": job, "instance": instance}
	for name, text := range s.how.Labels {
		target[name] = text
	}
	seen := make(map[uint64]labels.Labels, len(list))
	add := func(set labels.Labels, v float64) error {
		seen[set.Hash()] = set
		_, err := s.app.Append(0, set, s.at, v)
		return err
	}
	for _, one := range list {
		if err := add(join(one.labels, target, s.how.Honor()), one.value); err != nil {
			return err
		}
	}
	health := 0.0
	if up {
		health = 1
	}
	if err := add(join(map[string]string{labels.MetricName: "up"}, target, true), health); err != nil {
		return err
	}
	key := job + "\xff" + instance
	for hash, set := range s.prometheus.scraped[key] {
		if _, still := seen[hash]; !still {
			if _, err := s.app.Append(0, set, s.at, math.Float64frombits(value.StaleNaN)); err != nil {
				return err
			}
		}
	}
	s.prometheus.scraped[key] = seen
	return nil
}

// join adds a target's labels to those of a series, as a scrape does: where both have one, the series keeps its own with honor_labels, and
// has it renamed without.
func join(series, target map[string]string, honor bool) labels.Labels {
	builder := labels.NewBuilder(labels.EmptyLabels())
	for name, text := range series {
		builder.Set(name, text)
	}
	for name, text := range target {
		own, conflict := series[name]
		switch {
		case conflict && honor:
		case conflict && own != "":
			builder.Set(model.ExportedLabelPrefix+name, own)
			builder.Set(name, text)
		default:
			builder.Set(name, text)
		}
	}
	return builder.Labels()
}
