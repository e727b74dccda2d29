package collector

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Gatherer joins the series of all clusters with the metrics of a registry, for a handler of /metrics or for printing them.
//
// It hands the prebuilt series out as they are. A registry could do the same through [Store.Collect], but it would check, copy and sort
// every series again at every scrape, which takes longer than writing the text; the tests have a pedantic registry check that it would
// come to the same result. The registry given here is for what lives outside of snapshots ([API], [Reload], build information, the Go
// runtime) and must not hold the store itself.
func (s *Store) Gatherer(others prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := others.Gather() // what was gathered in spite of an error is served, and the error shown
		families = slices.Concat(families, s.current.Load().families)
		slices.SortFunc(families, func(x, y *dto.MetricFamily) int { return strings.Compare(x.GetName(), y.GetName()) })
		return families, err
	})
}

// Describe implements [prometheus.Collector].
func (s *Store) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range s.descs {
		ch <- desc
	}
}

// Collect implements [prometheus.Collector] with the series that the last refresh of each cluster built.
func (s *Store) Collect(ch chan<- prometheus.Metric) {
	for _, family := range s.current.Load().families {
		desc := s.descs[family.GetName()]
		for _, metric := range family.Metric {
			ch <- prebuilt{desc, metric}
		}
	}
}
