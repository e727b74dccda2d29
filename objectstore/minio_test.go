package objectstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow: it starts a server")
	}
}

func TestMinIOThatIsStopped(t *testing.T) {
	slow(t)
	store := testprogram.MinIO(t, "")
	c := connect(t, Config{Endpoint: store.URL, Kind: MinIO, Credentials: key(store.AccessKey, store.SecretKey)})
	health, err := c.Health(t.Context())
	if err != nil || !health.Up() {
		t.Fatalf("%+v, %v", health, err)
	}
	store.Stop()
	health, err = c.Health(t.Context())
	wantReason(t, err, Refused, "is the server running")
	if health != (Health{}) {
		t.Errorf("%+v", health)
	}
	_, err = c.State(t.Context(), bucketName, stateKey)
	wantReason(t, err, Refused, "is the server running")
}

// The health of MinIO needs no key: with a wrong one the server is well, and nothing can be seen of its buckets.
func TestMinIOWithAWrongKey(t *testing.T) {
	slow(t)
	store := testprogram.MinIO(t, "")
	c := connect(t, Config{Endpoint: store.URL, Kind: MinIO})
	health, err := c.Health(t.Context())
	if err != nil || !health.Up() {
		t.Errorf("%+v, %v", health, err)
	}
	_, err = c.Bucket(t.Context(), bucketName)
	wantReason(t, err, WrongKey, "compare the two secret files")
	_, err = c.Usage(t.Context(), bucketName)
	wantReason(t, err, WrongKey, "compare the two secret files")
}

func TestMinIOWithACertificateThatExpiresTomorrow(t *testing.T) {
	slow(t)
	tomorrow := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	folder, _ := certificateFiles(t, tomorrow)
	other, _ := certificateFiles(t, tomorrow)
	store := testprogram.MinIO(t, folder)
	for _, ca := range []string{folder, other} {
		c := connect(t, Config{Endpoint: store.URL, Kind: MinIO, CAFile: filepath.Join(ca, "public.crt"), Credentials: key(store.AccessKey, store.SecretKey)})
		certificate, err := c.Certificate(t.Context())
		if err != nil || !certificate.NotAfter.Equal(tomorrow) {
			t.Errorf("%+v, %v", certificate, err)
		}
		health, err := c.Health(t.Context())
		_, bucket := c.Bucket(t.Context(), bucketName)
		if ca == other {
			wantReason(t, err, Untrusted, "set ca_file")
			wantReason(t, bucket, Untrusted, "set ca_file")
			continue
		}
		if err != nil || !health.Up() {
			t.Errorf("%+v, %v", health, err)
		}
		wantReason(t, bucket, BucketMissing, "create it")
	}
	if said := store.Server.Said(); strings.Contains(said, "handshake") {
		t.Errorf("looking at the certificate makes the server complain:\n%s", said)
	}
}

// fill writes empty objects, several at a time.
func fill(t *testing.T, api *minio.Client, bucket string, count int) {
	t.Helper()
	const writers = 8
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for n := writer; n < count; n += writers {
				if _, err := api.PutObject(t.Context(), bucket, fmt.Sprintf("object-%06d", n), strings.NewReader("x"), 1, minio.PutObjectOptions{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// A bucket with more than may be listed is known through MinIO's own metrics, whether these are public or the key may read them.
func TestALargeBucketOnMinIO(t *testing.T) {
	slow(t)
	const objects = 2500
	for name, environment := range map[string][]string{"public": {"MINIO_PROMETHEUS_AUTH_TYPE=public"}, "token": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // MinIO may count a minute after it was started
			store := testprogram.MinIO(t, "", append(environment, "MINIO_SCANNER_SPEED=fastest")...)
			s := newStand(t, store.URL, MinIO, store.AccessKey, store.SecretKey)
			if err := s.api.EnableVersioning(t.Context(), bucketName); err != nil {
				t.Fatal(err)
			}
			fill(t, s.api, bucketName, objects)
			put(t, s.api, bucketName, "object-000000", "another")
			remove(t, s.api, bucketName, "object-000001")
			s.seen()
			c := connect(t, Config{Endpoint: s.URL, Kind: S3, Credentials: key(s.access, s.secret), MaxPages: 2})
			usage, err := c.Usage(t.Context(), bucketName)
			if err != nil || len(usage) != 0 {
				t.Errorf("listed: %+v, %v", usage, err)
			}
			wantRequests(t, s.counted, 3)
			want := Usage{Objects: objects, Bytes: objects + int64(len("another")), FromMetrics: true}
			c = connect(t, Config{Endpoint: s.URL, Kind: MinIO, Credentials: key(s.access, s.secret), MaxPages: 2})
			testprogram.Eventually(t, func(ctx context.Context) bool {
				usage, err = c.Usage(ctx, bucketName)
				wantRequests(t, s.counted, 5)
				return err == nil && usage[bucketName] == want
			}, func() string { return fmt.Sprintf("got %+v, %v, want %+v", usage, err, want) })
		})
	}
}

// observer is what the exporter's key may do, as docs/object-stores.md says.
const observer = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": ["arn:aws:s3:::*"]},
    {"Effect": "Allow", "Action": ["s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"], "Resource": ["arn:aws:s3:::tfstate-*"]},
    {"Effect": "Allow", "Action": ["admin:Prometheus"]}
  ]
}`

// prober is what a probe of a bucket needs, as docs/object-stores.md says.
const prober = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetBucketVersioning", "s3:PutBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"], "Resource": ["arn:aws:s3:::tfstate-*"]},
    {"Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"], "Resource": ["arn:aws:s3:::tfstate-*/.pve-backup-exporter/*"]}
  ]
}`

// as makes a client with the rights of a policy.
func as(t *testing.T, store *testprogram.Store, policy string) *Client {
	t.Helper()
	role, err := credentials.NewSTSAssumeRole(store.URL, credentials.STSAssumeRoleOptions{AccessKey: store.AccessKey, SecretKey: store.SecretKey, Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	carrier := &http.Transport{}
	t.Cleanup(carrier.CloseIdleConnections)
	value, err := role.GetWithContext(&credentials.CredContext{Client: &http.Client{Transport: carrier}, Context: t.Context()})
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, Config{Endpoint: store.URL, Credentials: key(value.AccessKeyID, value.SecretAccessKey)})
	c.keys.current.SessionToken = value.SessionToken
	return c
}

// metricsStatus asks for MinIO's metrics: whether they tell anything yet is another matter.
func metricsStatus(t *testing.T, c *Client) int {
	t.Helper()
	ctx, e, err := c.beginSigned(t.Context(), 1, "read the metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer e.stop()
	header := c.bearer(time.Now())
	header.Set("X-Amz-Security-Token", c.keys.value().SessionToken)
	reply, err := c.get(ctx, usagePages[0].path, header)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	return reply.StatusCode
}

func TestAnObserversRightsAreEnoughAndNoMore(t *testing.T) {
	slow(t)
	store := testprogram.MinIO(t, "")
	s := newStand(t, store.URL, MinIO, store.AccessKey, store.SecretKey)
	if err := s.api.EnableVersioning(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	put(t, s.api, bucketName, stateKey, stateText)
	c := as(t, store, observer)
	health, err := c.Health(t.Context())
	if err != nil || !health.Up() {
		t.Errorf("%+v, %v", health, err)
	}
	bucket, err := c.Bucket(t.Context(), bucketName)
	if err != nil || bucket.Versioning != VersioningEnabled {
		t.Errorf("%+v, %v", bucket, err)
	}
	state, err := c.State(t.Context(), bucketName, stateKey)
	if err != nil || state.Versions != 1 || !state.Counted {
		t.Errorf("%+v, %v", state, err)
	}
	usage, err := c.Usage(t.Context(), bucketName)
	if err != nil || usage[bucketName].Objects != 1 {
		t.Errorf("%+v, %v", usage, err)
	}
	if got := metricsStatus(t, c); got != http.StatusOK {
		t.Errorf("with the right to read the metrics: %d", got)
	}
	_, err = c.StateHead(t.Context(), bucketName, stateKey)
	wantReason(t, err, Denied, "docs/object-stores.md")
	wantReason(t, c.EnableVersioning(t.Context(), bucketName), Denied, "docs/object-stores.md")
	wantReason(t, c.ProbeState(t.Context(), bucketName), Denied, "docs/object-stores.md")

	without := strings.Replace(observer, `"admin:Prometheus"`, `"admin:ServerInfo"`, 1)
	if got := metricsStatus(t, as(t, store, without)); got != http.StatusForbidden {
		t.Errorf("without the right to read the metrics: %d", got)
	}
	probe := as(t, store, prober)
	if err := errors.Join(probe.EnableVersioning(t.Context(), bucketName), probe.ProbeState(t.Context(), bucketName)); err != nil {
		t.Errorf("with the rights of a probe: %v", err)
	}
	reader := strings.Replace(observer, `{"Effect": "Allow", "Action": ["admin:Prometheus"]}`, `{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::tfstate-lab/terraform.tfstate"]}`, 1)
	if head, err := as(t, store, reader).StateHead(t.Context(), bucketName, stateKey); err != nil || head.Serial != 7 {
		t.Errorf("with the right to read it: %+v, %v", head, err)
	}

	less := strings.Replace(observer, `"s3:GetBucketVersioning", `, "", 1)
	if bucket, err = as(t, store, less).Bucket(t.Context(), bucketName); err != nil || bucket.Versioning != VersioningUnknown {
		t.Errorf("without the right to see the versioning: %+v, %v", bucket, err)
	}
	less = strings.Replace(observer, `"s3:ListBucket", `, "", 1)
	_, err = as(t, store, less).State(t.Context(), bucketName, stateKey)
	wantReason(t, err, Denied, "docs/object-stores.md")
}

func TestTheRightsAreInTheDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/object-stores.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range []string{observer, prober} {
		if !strings.Contains(string(page), "```json\n"+policy+"\n```") {
			t.Errorf("docs/object-stores.md lacks\n%s", policy)
		}
	}
}
