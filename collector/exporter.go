package collector

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors/version"
)

// Names of the metrics about the exporter itself.
const (
	ConfigReloadSuccessful = Prefix + "exporter_config_last_reload_successful"
	ConfigReloadTime       = Prefix + "exporter_config_last_reload_success_timestamp_seconds"
	BuildInfo              = Prefix + "exporter_build_info"
)

var exporterDefinitions = []Definition{
	{
		Name: ConfigReloadSuccessful, Type: Gauge, Live: true,
		Meaning: "1 when the last loading of the declared file succeeded, else 0: the older one is then still in use.",
		Origin:  "the exporter's start, SIGHUP or POST /-/reload",
	},
	{
		Name: ConfigReloadTime, Type: Gauge, Live: true,
		Meaning: "When the declared file was last loaded with success, in Unix seconds.",
		Origin:  "the exporter's start, SIGHUP or POST /-/reload",
	},
	{
		Name: BuildInfo, Type: Gauge, Live: true,
		Labels:  []string{"version", "revision", "branch", "goversion", "goos", "goarch", "tags"},
		Meaning: "1, with the version of the exporter as labels.",
		Origin:  "the binary",
	},
}

// Reload tells how the last loading of the declared file went. It has no series before the first.
type Reload struct{ last atomic.Pointer[reload] }

type reload struct {
	successful bool
	loaded     time.Time // the last success, zero before the first
}

// Succeeded notes that the declared file was loaded.
func (r *Reload) Succeeded(at time.Time) { r.last.Store(&reload{true, at}) }

// Failed notes that the declared file could not be loaded and that the older one, if any, stays in use.
func (r *Reload) Failed() {
	failed := &reload{}
	if before := r.last.Load(); before != nil {
		failed.loaded = before.loaded
	}
	r.last.Store(failed)
}

var (
	reloadSuccessful = prometheus.NewDesc(ConfigReloadSuccessful, exporterDefinitions[0].Help(), nil, nil)
	reloadTime       = prometheus.NewDesc(ConfigReloadTime, exporterDefinitions[1].Help(), nil, nil)
)

// Describe implements [prometheus.Collector].
func (r *Reload) Describe(ch chan<- *prometheus.Desc) {
	ch <- reloadSuccessful
	ch <- reloadTime
}

// Collect implements [prometheus.Collector].
func (r *Reload) Collect(ch chan<- prometheus.Metric) {
	last := r.last.Load()
	if last == nil {
		return
	}
	value, _ := yesNo(last.successful)
	ch <- prometheus.MustNewConstMetric(reloadSuccessful, prometheus.GaugeValue, value)
	if !last.loaded.IsZero() {
		ch <- prometheus.MustNewConstMetric(reloadTime, prometheus.GaugeValue, float64(last.loaded.Unix()))
	}
}

// NewBuildInfo returns a collector of the binary's version, which the linker sets in github.com/prometheus/common/version.
func NewBuildInfo() prometheus.Collector {
	return version.NewCollector(strings.TrimSuffix(BuildInfo, "_build_info"))
}
