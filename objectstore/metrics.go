package objectstore

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// usagePages are where MinIO tells what its buckets hold: since 2024, and before. The older page leaves out buckets after the hundredth.
var usagePages = []struct{ path, objects, bytes string }{
	{"/minio/metrics/v3/cluster/usage/buckets", "minio_cluster_usage_buckets_objects_count", "minio_cluster_usage_buckets_total_bytes"},
	{"/minio/v2/metrics/bucket", "minio_bucket_usage_object_total", "minio_bucket_usage_total_bytes"},
}

// usageMetrics reads MinIO's own metrics, by bucket. Where they are not to be had the result is empty: buckets are listed then, and what is wrong
// comes out there. At most two requests.
func (c *Client) usageMetrics(ctx context.Context) map[string]Usage {
	ctx, e, err := c.beginSigned(ctx, len(usagePages), "read the metrics")
	if err != nil {
		return nil
	}
	defer e.stop()
	header := c.bearer(time.Now())
	for _, page := range usagePages {
		reply, err := c.get(ctx, page.path, header.Clone())
		if err != nil {
			return nil
		}
		if reply.StatusCode == http.StatusOK {
			if usage := readUsage(reply.Body, page.objects, page.bytes); len(usage) > 0 {
				_ = reply.Body.Close() // it is read
				return usage
			}
		}
		_ = reply.Body.Close() // there is nothing in it
	}
	return nil
}

// bearer makes the header by which MinIO lets an access key read its metrics: a token that is good for some minutes, signed with the key's secret. A
// server whose metrics are public does not look at it.
func (c *Client) bearer(now time.Time) http.Header {
	key := c.keys.value()
	token := jwt.NewWithClaims(jwt.SigningMethodHS512, jwt.RegisteredClaims{
		Issuer: "prometheus", Subject: key.AccessKeyID, ExpiresAt: jwt.NewNumericDate(now.Add(15 * time.Minute)), // as much as clocks may differ in S3
	})
	signed, err := token.SignedString([]byte(key.SecretAccessKey))
	if err != nil {
		return http.Header{}
	}
	return http.Header{"Authorization": {"Bearer " + signed}}
}

// readUsage takes two metrics out of a page of them. A bucket that has only one of the two is not told.
func readUsage(page io.Reader, objects, bytes string) map[string]Usage {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(page)
	if err != nil {
		return nil
	}
	sizes := byBucket(families[bytes])
	usage := map[string]Usage{}
	for bucket, count := range byBucket(families[objects]) {
		if size, ok := sizes[bucket]; ok {
			usage[bucket] = Usage{Objects: int64(count), Bytes: int64(size), FromMetrics: true}
		}
	}
	return usage
}

func byBucket(family *dto.MetricFamily) map[string]float64 {
	values := map[string]float64{}
	for _, metric := range family.GetMetric() {
		for _, label := range metric.GetLabel() {
			if label.GetName() == "bucket" {
				values[label.GetValue()] = metric.GetGauge().GetValue()
			}
		}
	}
	return values
}
