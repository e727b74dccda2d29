package objectstore

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	newMetrics = `# HELP minio_cluster_usage_buckets_objects_count Total objects count in bucket
# TYPE minio_cluster_usage_buckets_objects_count gauge
minio_cluster_usage_buckets_objects_count{bucket="tfstate-lab"} 100000
minio_cluster_usage_buckets_objects_count{bucket="half"} 1
# TYPE minio_cluster_usage_buckets_total_bytes gauge
minio_cluster_usage_buckets_total_bytes{bucket="tfstate-lab"} 1.5e+06
minio_cluster_usage_buckets_since_last_update_seconds 3
`
	oldMetrics = `# TYPE minio_bucket_usage_object_total gauge
minio_bucket_usage_object_total{bucket="tfstate-lab",server="127.0.0.1:9000"} 7
# TYPE minio_bucket_usage_total_bytes gauge
minio_bucket_usage_total_bytes{bucket="tfstate-lab",server="127.0.0.1:9000"} 70
`
	twoObjects = `<ListVersionsResult><Name>b</Name><Version><Key>a</Key><IsLatest>true</IsLatest><Size>5</Size></Version>` +
		`<Version><Key>a</Key><IsLatest>false</IsLatest><Size>4</Size></Version><DeleteMarker><Key>b</Key><IsLatest>true</IsLatest></DeleteMarker>` +
		`<Version><Key>b</Key><IsLatest>false</IsLatest><Size>3</Size></Version></ListVersionsResult>`
)

// minioWith serves metrics by path, and a listing for everything else.
func minioWith(t *testing.T, metrics map[string]string) *counted {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := metrics[r.URL.Path]
		switch {
		case ok:
			fmt.Fprint(w, text)
		case strings.HasPrefix(r.URL.Path, "/minio/"):
			refuse(http.StatusForbidden, s3Error("AccessDenied", "")).ServeHTTP(w, r)
		default:
			fmt.Fprint(w, twoObjects)
		}
	}))
}

func TestUsageComesFromTheServersMetrics(t *testing.T) {
	const newPage, oldPage = "/minio/metrics/v3/cluster/usage/buckets", "/minio/v2/metrics/bucket"
	listed := Usage{Objects: 2, Bytes: 12}
	big := Usage{Objects: 100000, Bytes: 1500000, FromMetrics: true}
	for _, tt := range []struct {
		name    string
		kind    Kind
		metrics map[string]string
		buckets []string
		want    map[string]Usage
		most    int
	}{
		{name: "new", kind: MinIO, metrics: map[string]string{newPage: newMetrics}, buckets: []string{bucketName}, want: map[string]Usage{bucketName: big}, most: 1},
		{
			name: "old", kind: MinIO, metrics: map[string]string{oldPage: oldMetrics}, buckets: []string{bucketName},
			want: map[string]Usage{bucketName: {Objects: 7, Bytes: 70, FromMetrics: true}}, most: 2,
		},
		{
			name: "new, and empty still", kind: MinIO, metrics: map[string]string{newPage: "", oldPage: ""}, buckets: []string{bucketName},
			want: map[string]Usage{bucketName: listed}, most: 3,
		},
		{name: "may not read them", kind: MinIO, buckets: []string{bucketName}, want: map[string]Usage{bucketName: listed}, most: 3},
		{name: "no metrics but a page", kind: MinIO, metrics: map[string]string{newPage: "<html>"}, buckets: []string{bucketName}, want: map[string]Usage{bucketName: listed}, most: 3},
		{
			name: "a new bucket, and half told", kind: MinIO, metrics: map[string]string{newPage: newMetrics}, buckets: []string{bucketName, "new", "half"},
			want: map[string]Usage{bucketName: big, "new": listed, "half": listed}, most: 3,
		},
		{name: "another server", kind: S3, metrics: map[string]string{newPage: newMetrics}, buckets: []string{bucketName}, want: map[string]Usage{bucketName: listed}, most: 1},
		{name: "no bucket", kind: MinIO, want: map[string]Usage{}, most: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := minioWith(t, tt.metrics)
			usage, err := connect(t, Config{Endpoint: s.URL, Kind: tt.kind}).Usage(t.Context(), tt.buckets...)
			if err != nil || !maps.Equal(usage, tt.want) {
				t.Errorf("got %+v, %v; want %+v", usage, err, tt.want)
			}
			wantRequests(t, s, tt.most)
		})
	}
}

// One bucket that cannot be read does not hide the others.
func TestOneBucketFailsAlone(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/gone/") {
			refuse(http.StatusNotFound, s3Error("NoSuchBucket", "")).ServeHTTP(w, r)
			return
		}
		fmt.Fprint(w, twoObjects)
	}))
	usage, err := connect(t, Config{Endpoint: s.URL}).Usage(t.Context(), "gone", bucketName)
	wantReason(t, err, BucketMissing, "create it")
	if len(usage) != 1 || usage[bucketName].Objects != 2 {
		t.Errorf("%+v", usage)
	}
}

// The metrics' token is what MinIO checks, names the key, and does not hold its secret.
func TestTheTokenForMetrics(t *testing.T) {
	s := minioWith(t, nil)
	c := connect(t, Config{Endpoint: s.URL, Kind: MinIO})
	if _, err := c.Usage(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	text, ok := strings.CutPrefix(s.headers[0].Get("Authorization"), "Bearer ")
	s.mu.Unlock()
	if !ok || strings.Contains(text, testSecret) {
		t.Fatalf("token %q", text)
	}
	var claims jwt.RegisteredClaims
	if _, err := jwt.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return []byte(testSecret), nil }, jwt.WithValidMethods([]string{"HS512"})); err != nil {
		t.Error(err)
	}
	if left := time.Until(claims.ExpiresAt.Time); claims.Subject != testAccess || claims.Issuer != "prometheus" || left <= 0 || left > time.Hour {
		t.Errorf("claims %+v", claims)
	}
}
