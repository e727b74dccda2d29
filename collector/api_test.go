package collector

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
)

func none() ([]*dto.MetricFamily, error) { return nil, nil }

func TestRequestsAreCountedByTemplateAndCode(t *testing.T) {
	api := NewAPI()
	home, away := api.Observe("home"), api.Observe("away")
	home("/cluster/resources", "200", time.Millisecond)
	home("/cluster/resources", "200", time.Millisecond)
	home("/nodes/{node}/time", "595", 3*time.Second)
	away("/cluster/resources", "401", time.Second)
	want := `
# HELP pve_backup_api_requests_total Requests sent to the API, by path template and reply. From the API client, counted at once.
# TYPE pve_backup_api_requests_total counter
pve_backup_api_requests_total{cluster="away",code="401",endpoint="/cluster/resources"} 1
pve_backup_api_requests_total{cluster="home",code="200",endpoint="/cluster/resources"} 2
pve_backup_api_requests_total{cluster="home",code="595",endpoint="/nodes/{node}/time"} 1
`
	if err := testutil.CollectAndCompare(api, strings.NewReader(want), APIRequests); err != nil {
		t.Error(err)
	}
	api.Forget("home")
	if got := testutil.CollectAndCount(api, APIRequests, APIRequestDuration); got != 2 {
		t.Errorf("after home was forgotten: got %d series, want the 2 of away", got)
	}
}

// Prometheus stores the durations as a native histogram where it asks for one, and as a classic one with few buckets elsewhere.
func TestDurationsAreANativeHistogramWithFallback(t *testing.T) {
	api := NewAPI()
	for _, took := range []time.Duration{time.Millisecond, 200 * time.Millisecond, time.Minute} {
		api.Observe("home")("/cluster/tasks", "200", took)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(api)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != APIRequestDuration {
			continue
		}
		histogram := family.Metric[0].Histogram
		if histogram.GetSampleCount() != 3 || histogram.Schema == nil || len(histogram.PositiveSpan) == 0 {
			t.Errorf("got no native histogram of 3 requests: %v", histogram)
		}
		if got := len(histogram.Bucket); got < 4 || got > 12 {
			t.Errorf("got %d classic buckets, want a few", got)
		}
		return
	}
	t.Error("no histogram at all")
}

func TestHostileCodesDoNotPanic(t *testing.T) {
	api := NewAPI()
	for _, text := range hostile {
		api.Observe(text)(text, text, time.Second)
		api.Forget(text)
	}
	if got := testutil.CollectAndCount(api); got != 0 {
		t.Errorf("got %d series left, want 0", got)
	}
}
