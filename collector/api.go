package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

// Labels of the API metrics.
const (
	LabelAddress  = "address"  // an API address of the cluster, as configured
	LabelEndpoint = "endpoint" // the path as a template, as /nodes/{node}/tasks
	LabelCode     = "code"     // the HTTP status, or what kept the reply away
)

// Names of the metrics about the API.
const (
	APIEndpointUp      = Prefix + "api_endpoint_up"
	APIRequests        = Prefix + "api_requests_total"
	APIRequestDuration = Prefix + "api_request_duration_seconds"
)

var endpoints = group[snapshot.Endpoint]{
	labels:   []string{LabelAddress},
	identity: func(e *snapshot.Endpoint) []string { return []string{e.Address} },
	families: []family[snapshot.Endpoint]{
		{
			name:    APIEndpointUp,
			meaning: "1 when the last request to this API address was answered, else 0; absent until it was tried.",
			origin:  "the API client",
			value:   func(e *snapshot.Endpoint) (float64, bool) { return answer(e.Up) },
		},
	},
}

var apiDefinitions = []Definition{
	{
		Name: APIRequests, Type: Counter, Live: true, Labels: []string{LabelCluster, LabelEndpoint, LabelCode},
		Meaning: "Requests sent to the API, by path template and reply.", Origin: "the API client, counted at once",
	},
	{
		Name: APIRequestDuration, Type: Histogram, Live: true, Labels: []string{LabelCluster, LabelEndpoint, LabelCode},
		Meaning: "How long requests to the API took, in seconds, by path template and reply.", Origin: "the API client, measured at once",
	},
}

// API counts the requests to every cluster's API. It is the one family that does not come from snapshots, since it counts events.
type API struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// NewAPI returns counters at nothing.
func NewAPI() *API {
	requests, duration := apiDefinitions[0], apiDefinitions[1]
	return &API{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: requests.Name, Help: requests.Help()}, requests.Labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: duration.Name, Help: duration.Help(),
			Buckets:                         []float64{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, duration.Labels),
	}
}

// Observe returns the function that a cluster's client calls after each request, with the path's template and the status code.
func (a *API) Observe(cluster string) func(endpoint, code string, took time.Duration) {
	cluster = cleanLabel(cluster)
	return func(endpoint, code string, took time.Duration) {
		endpoint, code = cleanLabel(endpoint), cleanLabel(code)
		a.requests.WithLabelValues(cluster, endpoint, code).Inc()
		a.duration.WithLabelValues(cluster, endpoint, code).Observe(took.Seconds())
	}
}

// Forget drops the counters of a cluster that is no longer configured.
func (a *API) Forget(cluster string) {
	labels := prometheus.Labels{LabelCluster: cleanLabel(cluster)}
	a.requests.DeletePartialMatch(labels)
	a.duration.DeletePartialMatch(labels)
}

// Describe implements [prometheus.Collector].
func (a *API) Describe(ch chan<- *prometheus.Desc) {
	a.requests.Describe(ch)
	a.duration.Describe(ch)
}

// Collect implements [prometheus.Collector].
func (a *API) Collect(ch chan<- prometheus.Metric) {
	a.requests.Collect(ch)
	a.duration.Collect(ch)
}
