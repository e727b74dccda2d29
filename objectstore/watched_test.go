package objectstore_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/refresh"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// The tests of this file watch real MinIO servers as the exporter does: from the declared file to the metrics.

func slowServer(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow: it starts a server")
	}
}

// anyone is minio-go itself, with a server's administrator.
func anyone(t *testing.T, store *testprogram.Store) *minio.Client {
	t.Helper()
	endpoint, err := url.Parse(store.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	api, err := minio.New(endpoint.Host, &minio.Options{Creds: credentials.NewStaticV4(store.AccessKey, store.SecretKey, ""), Region: "us-east-1", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func versioned(t *testing.T, api *minio.Client, buckets ...string) {
	t.Helper()
	for _, bucket := range buckets {
		must(t, api.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}))
		must(t, api.EnableVersioning(t.Context(), bucket))
	}
}

func write(t *testing.T, api *minio.Client, bucket, key, content string) {
	t.Helper()
	_, err := api.PutObject(t.Context(), bucket, key, strings.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
	must(t, err)
}

func stateOf(serial int) string {
	return fmt.Sprintf(`{"version": 4, "terraform_version": "1.11.4", "serial": %d, "lineage": "3f9a0f6e-0000", "outputs": {"password": {"value": "hunter2-inside-the-state"}}}`, serial)
}

func file(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(content), 0o600))
}

// counting is a proxy in front of a server that counts what goes through.
type counting struct {
	*httptest.Server

	mu   sync.Mutex
	seen []string
}

func countingProxy(t *testing.T, address string) *counting {
	t.Helper()
	target, err := url.Parse(address)
	must(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := &counting{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }, Transport: transport,
	}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.seen = append(c.seen, r.Method+" "+r.URL.RequestURI())
		c.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *counting) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen
	c.seen = nil
	return seen
}

// watch is one store that is refreshed by hand.
type watch struct {
	*refresh.ObjectStoreRefresher
	store *collector.Store
	log   *bytes.Buffer
}

const twoStates = `version: 1
clusters: {home: {endpoints: [https://pve1.invalid], exporter: {token_id: a@pve!b, token_secret_file: token}}}
environments:
  prod: {guests: {vmids: [100]}, terraform_state: {store: minio, bucket: tfstate-prod, read_serial: true}}
  lab: {guests: {vmids: [101]}, terraform_state: {store: minio, bucket: tfstate-lab}}
stores:
  minio: {kind: minio, endpoint: "%s", access_key_file: minio.access, secret_key_file: minio.secret%s}
`

func watching(t *testing.T, dir, address, further string) *watch {
	t.Helper()
	declared, err := config.LoadBytes(filepath.Join(dir, "config.yml"), fmt.Appendf(nil, twoStates, address, further))
	must(t, err)
	store, _ := declared.Store("minio")
	client, err := exporter.ConnectStore(store)
	must(t, err)
	t.Cleanup(client.Close)
	w := &watch{log: &bytes.Buffer{}}
	logger := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.store = collector.NewStore(logger)
	w.ObjectStoreRefresher = refresh.NewObjectStore(refresh.ObjectStoreOptions{
		Client: client, Name: "minio", States: exporter.StatesIn(declared, "minio"), Interval: time.Minute, SlowInterval: 15 * time.Minute,
		Publish: w.store.PublishObjectStore, Logger: logger, Now: time.Now,
	})
	return w
}

// metrics refreshes and returns the metrics. None of them, nor the log, shows a secret.
func (w *watch) metrics(t *testing.T, slow bool) string {
	t.Helper()
	w.Refresh(t.Context(), slow)
	text := scrape(t, w.store.Gatherer(prometheus.NewRegistry()))
	for _, secret := range []string{"hunter2", "administrator"} {
		if strings.Contains(text, secret) || strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is shown:\n%s\n%s", secret, text, w.log.String())
		}
	}
	return text
}

func scrape(t *testing.T, gatherer prometheus.Gatherer) string {
	t.Helper()
	families, err := gatherer.Gather()
	must(t, err)
	var text bytes.Buffer
	for _, family := range families {
		_, err := expfmt.MetricFamilyToText(&text, family)
		must(t, err)
	}
	return text.String()
}

func wants(t *testing.T, when, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if absent, is := strings.CutPrefix(line, "!"); is == strings.Contains(text, absent) {
			t.Errorf("%s: %s", when, line)
		}
	}
	if t.Failed() {
		t.Fatal(text)
	}
}

const (
	ofProd = `{bucket="tfstate-prod",environment="prod",key="terraform.tfstate",store="minio"} `
	ofLab  = `{bucket="tfstate-lab",environment="lab",key="terraform.tfstate",store="minio"} `
)

func TestTheExporterWatchesMinIO(t *testing.T) {
	slowServer(t)
	store := testprogram.MinIO(t, "")
	api, proxy, dir := anyone(t, store), countingProxy(t, store.URL), t.TempDir()
	versioned(t, api, "tfstate-prod", "tfstate-lab")
	for serial := range 3 {
		write(t, api, "tfstate-prod", "terraform.tfstate", stateOf(serial+1))
	}
	write(t, api, "tfstate-lab", "terraform.tfstate", stateOf(1))
	file(t, filepath.Join(dir, "minio.access"), store.AccessKey)
	file(t, filepath.Join(dir, "minio.secret"), store.SecretKey)
	w := watching(t, dir, proxy.URL, "")

	wants(t, "all is well", w.metrics(t, true),
		`pve_backup_s3_up{store="minio"} 1`, `pve_backup_s3_bucket_up{bucket="tfstate-lab",store="minio"} 1`,
		`pve_backup_s3_bucket_versioning_enabled{bucket="tfstate-prod",store="minio"} 1`, `pve_backup_s3_bucket_objects{bucket="tfstate-prod",store="minio"} 1`,
		"pve_backup_terraform_state_versions"+ofProd+"3", "pve_backup_terraform_state_serial"+ofProd+"3", "!pve_backup_terraform_state_serial"+ofLab,
		"!pve_backup_terraform_state_locked_since", "!pve_backup_s3_tls_not_after", `pve_backup_source_up{cluster="",node="",source="usage",storage="",store="minio"} 1`)

	write(t, api, "tfstate-prod", "terraform.tfstate.tflock", "{}")
	must(t, api.SuspendVersioning(t.Context(), "tfstate-lab"))
	wants(t, "a lock and a suspended bucket", w.metrics(t, false), "pve_backup_terraform_state_locked_since_timestamp_seconds"+ofProd,
		"!pve_backup_terraform_state_locked_since_timestamp_seconds"+ofLab, `pve_backup_s3_bucket_versioning_enabled{bucket="tfstate-lab",store="minio"} 0`)

	must(t, api.RemoveObject(t.Context(), "tfstate-prod", "terraform.tfstate.tflock", minio.RemoveObjectOptions{}))
	must(t, api.RemoveObject(t.Context(), "tfstate-prod", "terraform.tfstate", minio.RemoveObjectOptions{}))
	wants(t, "released and deleted", w.metrics(t, false), "!pve_backup_terraform_state_locked_since", "!pve_backup_terraform_state_last_modified_timestamp_seconds"+ofProd,
		"!pve_backup_terraform_state_serial", "pve_backup_terraform_state_versions"+ofProd+"3", "pve_backup_terraform_state_bytes"+ofLab)

	file(t, filepath.Join(dir, "minio.secret"), "hunter2-is-wrong")
	wants(t, "a wrong key", w.metrics(t, false), `pve_backup_s3_up{store="minio"} 1`, "!pve_backup_s3_bucket_up", "pve_backup_terraform_state_versions"+ofProd+"3",
		`pve_backup_source_up{cluster="",node="",source="states",storage="",store="minio"} 0`)

	file(t, filepath.Join(dir, "minio.secret"), store.SecretKey)
	must(t, api.RemoveBucketWithOptions(t.Context(), "tfstate-prod", minio.RemoveBucketOptions{ForceDelete: true}))
	wants(t, "a bucket that is gone", w.metrics(t, false), `pve_backup_s3_bucket_up{bucket="tfstate-prod",store="minio"} 0`, `pve_backup_s3_bucket_up{bucket="tfstate-lab",store="minio"} 1`,
		"!pve_backup_terraform_state_versions"+ofProd, `pve_backup_source_up{cluster="",node="",source="states",storage="",store="minio"} 1`)

	proxy.CloseClientConnections()
	store.Stop()
	wants(t, "stopped", w.metrics(t, false), `pve_backup_s3_up{store="minio"} 0`, `pve_backup_s3_bucket_up{bucket="tfstate-lab",store="minio"} 0`,
		"pve_backup_terraform_state_bytes"+ofLab)
}

// bucketSize is how many objects the large bucket has: a few more than are ever listed. With TEST_OBJECTS=100000 it takes four minutes to fill it.
func bucketSize(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("TEST_OBJECTS"); text != "" {
		size, err := strconv.Atoi(text)
		must(t, err)
		return size
	}
	return 12_000
}

// TestCallsStayBounded fills a bucket with more objects than are listed, and looks at what one refresh asks then.
func TestCallsStayBounded(t *testing.T) {
	slowServer(t)
	store := testprogram.MinIO(t, "")
	api, proxy, dir := anyone(t, store), countingProxy(t, store.URL), t.TempDir()
	versioned(t, api, "tfstate-prod", "tfstate-lab")
	write(t, api, "tfstate-prod", "terraform.tfstate", stateOf(1))
	file(t, filepath.Join(dir, "minio.access"), store.AccessKey)
	file(t, filepath.Join(dir, "minio.secret"), store.SecretKey)
	const perArchive = 6_000
	for n := range bucketSize(t) / perArchive {
		stream := make(chan minio.SnowballObject)
		go func() {
			defer close(stream)
			for i := range perArchive {
				select {
				case stream <- minio.SnowballObject{Key: fmt.Sprintf("small/%02d/%05d", n, i), Size: 1, Content: strings.NewReader("x")}:
				case <-t.Context().Done():
					return
				}
			}
		}()
		must(t, api.PutObjectsSnowball(t.Context(), "tfstate-prod", minio.SnowballOptions{InMemory: true}, stream))
	}
	w := watching(t, dir, proxy.URL, "")
	for _, slow := range []bool{true, false} {
		text := w.metrics(t, slow)
		seen := proxy.take()
		// Of docs/object-stores.md: health 4, each of two buckets 2, each of two states 12, one serial; of a slow one 2 and 11 for each bucket.
		most := 4 + 2*2 + 2*12 + 1
		if slow {
			most += 2 + 2*11
		}
		if len(seen) > most {
			t.Errorf("%d requests, at most %d are promised:\n%s", len(seen), most, strings.Join(seen, "\n"))
		}
		if !slow && len(seen) > 4+2+2*2 { // nothing lies beside the states but locks that never were
			t.Errorf("a fast refresh sent %d requests:\n%s", len(seen), strings.Join(seen, "\n"))
		}
		wants(t, "a large bucket", text, `pve_backup_s3_bucket_up{bucket="tfstate-prod",store="minio"} 1`, "pve_backup_terraform_state_versions"+ofProd+"1",
			`!pve_backup_s3_bucket_objects{bucket="tfstate-prod",store="minio"} 1000`) // what was counted until the bound is no number
	}
}

// selfSigned writes a certificate for 127.0.0.1 as MinIO wants to find it.
func selfSigned(t *testing.T, until time.Time) (folder string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "store"}, NotBefore: until.AddDate(-1, 0, 0), NotAfter: until, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	key, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	folder = t.TempDir()
	file(t, filepath.Join(folder, "public.crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	file(t, filepath.Join(folder, "private.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	return folder
}

func TestACertificateThatExpiresTomorrowAndAWrongAuthority(t *testing.T) {
	slowServer(t)
	tomorrow := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	own, other := selfSigned(t, tomorrow), selfSigned(t, tomorrow)
	store, dir := testprogram.MinIO(t, own), t.TempDir()
	file(t, filepath.Join(dir, "minio.access"), store.AccessKey)
	file(t, filepath.Join(dir, "minio.secret"), store.SecretKey)
	end := fmt.Sprintf(`pve_backup_s3_tls_not_after_timestamp_seconds{store="minio"} %g`, float64(tomorrow.Unix()))
	trusted := watching(t, dir, store.URL, ", ca_file: "+filepath.Join(own, "public.crt"))
	wants(t, "trusted", trusted.metrics(t, true), `pve_backup_s3_up{store="minio"} 1`, end)
	wrong := watching(t, dir, store.URL, ", ca_file: "+filepath.Join(other, "public.crt"))
	wants(t, "another authority", wrong.metrics(t, true), `pve_backup_s3_up{store="minio"} 0`, end)
}

// TestTheRestGoesOn watches two clusters and two stores, one of each out of reach, and then stops the other store.
func TestTheRestGoesOn(t *testing.T) {
	slowServer(t)
	store, dir := testprogram.MinIO(t, ""), t.TempDir()
	versioned(t, anyone(t, store), "tfstate-prod")
	write(t, anyone(t, store), "tfstate-prod", "terraform.tfstate", stateOf(1))
	node, err := pvesim.Scale(pvesim.Options{Now: time.Now, Seed: 1}, 2, 8).Start("pve1")
	must(t, err)
	t.Cleanup(node.Close)
	for name, content := range map[string]string{"ca.pem": string(node.CAPEM), "token": pvesim.ExporterSecret, "minio.access": store.AccessKey, "minio.secret": store.SecretKey} {
		file(t, filepath.Join(dir, name), content)
	}
	path, nobody := filepath.Join(dir, "config.yml"), testprogram.FreeAddress(t)
	file(t, path, fmt.Sprintf(`version: 1
clusters:
  home: {endpoints: [%[1]q], ca_file: ca.pem, exporter: {token_id: %[2]q, token_secret_file: token}, refresh_interval: 10s}
  away: {endpoints: ["https://%[3]s"], exporter: {token_id: %[2]q, token_secret_file: token}, refresh_interval: 10s}
environments:
  prod: {cluster: home, guests: {vmids: [100]}, terraform_state: {store: minio, bucket: tfstate-prod}}
  lab: {cluster: home, guests: {vmids: [101]}, terraform_state: {store: gone, bucket: tfstate-lab}}
stores:
  minio: {kind: minio, endpoint: %[4]q, access_key_file: minio.access, secret_key_file: minio.secret, refresh_interval: 10s}
  gone: {kind: minio, endpoint: "http://%[3]s", access_key_file: minio.access, secret_key_file: minio.secret, refresh_interval: 10s}
`, node.URL, pvesim.ExporterToken, nobody, store.URL))
	watched, err := exporter.New(exporter.Options{ConfigFile: path, Root: os.DevNull, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- watched.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
	})
	var text string
	shows := func(lines ...string) {
		t.Helper()
		testprogram.Eventually(t, func(context.Context) bool {
			text = scrape(t, watched.Gatherer())
			return !slices.ContainsFunc(lines, func(line string) bool { return !strings.Contains(text, line) })
		}, func() string { return "never shown:\n" + strings.Join(lines, "\n") + "\n" + text })
	}
	shows(`pve_backup_up{cluster="home"} 1`, `pve_backup_up{cluster="away"} 0`, `pve_backup_s3_up{store="minio"} 1`, `pve_backup_s3_up{store="gone"} 0`,
		`pve_backup_guest_observed_timestamp_seconds{cluster="home"`, `pve_backup_terraform_state_versions{bucket="tfstate-prod",environment="prod",key="terraform.tfstate",store="minio"} 1`)
	before := guestsIn(text)
	store.Stop()
	shows(`pve_backup_s3_up{store="minio"} 0`, `pve_backup_up{cluster="home"} 1`)
	if after := guestsIn(text); !slices.Equal(before, after) || len(before) == 0 {
		t.Errorf("the guests' series changed from\n%s\nto\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	wants(t, "stopped", text, `pve_backup_terraform_state_versions{bucket="tfstate-prod",environment="prod",key="terraform.tfstate",store="minio"} 1`)
}

// guestsIn returns the series of guests, without when they were looked at.
func guestsIn(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "pve_backup_guest_") && !strings.HasPrefix(line, "pve_backup_guest_observed_") {
			all = append(all, line)
		}
	}
	return all
}
