package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const now = int64(1790000000)

// fake is an exporter without clusters to ask: what it shows is published by the test.
type fake struct {
	*collector.Store
	file      *config.File
	broken    prometheus.Collector
	mu        sync.Mutex
	reloads   int
	reloadErr error
}

func (f *fake) Gatherer(others ...prometheus.Collector) prometheus.Gatherer {
	registry := prometheus.NewRegistry()
	registry.MustRegister(others...)
	if f.broken != nil {
		registry.MustRegister(f.broken)
	}
	return f.Store.Gatherer(registry)
}

func (f *fake) File() *config.File { return f.file }

func (f *fake) Reload() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reloads++
	return f.reloadErr
}

const oneCluster = `
version: 1
clusters:
  home:
    endpoints: [https://pve1:8006]
    exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: home.exporter}
`

const twoClusters = oneCluster + `
  office:
    endpoints: [https://office1:8006]
    exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: office.exporter}
  unwatched:
    endpoints: [https://other:8006]
    provisioner: {token_id: backup-admin@pve!provision, token_secret_file: other.provisioner}
`

func newFake(t testing.TB, file string) *fake {
	t.Helper()
	declared, err := config.LoadBytes("config.yml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return &fake{Store: collector.NewStore(slog.New(slog.DiscardHandler)), file: declared}
}

func newServer(t testing.TB, exporter Exporter, change func(*Options)) *Server {
	t.Helper()
	options := Options{
		Exporter: exporter, TelemetryPath: "/metrics", Version: "1.2.3", Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Unix(now, 0) },
	}
	if change != nil {
		change(&options)
	}
	server, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// ask makes one request without a network.
func ask(server http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "http://exporter.example:10221"+path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	reply := httptest.NewRecorder()
	server.ServeHTTP(reply, request)
	return reply
}

// cluster is a picture with guests of which the first failed for want of space.
func cluster(name string, guests int) *snapshot.Cluster {
	c := &snapshot.Cluster{
		Name: name, Taken: now, Up: true,
		Sources: []snapshot.Source{
			{Kind: snapshot.SourceResources, Up: true, LastSuccess: optional.Some(now - 20), Duration: optional.Some(0.125), Interval: 60},
			{Kind: snapshot.SourceTasks, Node: "pve1", Up: true, LastSuccess: optional.Some(now - 20), Interval: 60},
			{Kind: snapshot.SourceTasks, Node: "pve2", Up: true, LastSuccess: optional.Some(now - 30), Interval: 60},
		},
		Nodes: []snapshot.Node{{Name: "pve1", Online: true}, {Name: "pve2", Online: true}},
		Jobs: []snapshot.Job{
			{
				ID: "nightly", Storage: "nas", Schedule: "01:00", Enabled: true, Guests: guests, NextRun: optional.Some(now + 7200),
				LastRun: optional.Some(now - 79200), LastRunFailed: optional.Some(true), LastRunDuration: optional.Some(int64(300)),
				Retention: []snapshot.Keep{{Keep: "keep-daily", Count: 7}},
			},
			{ID: "old", Storage: "nas", Schedule: "sat 03:00"},
		},
		Storages: []snapshot.Storage{{
			ID: "nas", Type: "nfs", Shared: true, Nodes: []snapshot.StorageNode{{Node: "pve1", Up: true, Needed: true}, {Node: "pve2", Up: true}},
			Usage:            []snapshot.StorageUsage{{Size: 4 << 40, Used: 1 << 40, Available: 3 << 40}},
			OrphanedArchives: optional.Some(2), OrphanedBytes: optional.Some(int64(5 << 30)),
		}},
	}
	for i := range guests {
		id := fmt.Sprintf("qemu/%d", 100+i)
		c.Guests = append(c.Guests, snapshot.Guest{
			ID: id, VMID: 100 + i, Name: fmt.Sprintf("guest-%d", i), Type: "qemu", Node: "pve1", Environment: "prod", Covered: optional.Some(true),
		})
		c.Targets = append(c.Targets, snapshot.Target{
			Key: snapshot.Key{Guest: id, Storage: "nas"}, VMID: 100 + i, Environment: "prod", Targeted: true,
			LastSuccess: optional.Some(now - 79000), LastAttempt: optional.Some(now - 79000), Due: optional.Some(now + 86400), Observed: optional.Some(now - 20),
			Archives: optional.Some(snapshot.Archives{Count: 7}),
		})
	}
	if guests > 0 {
		c.Targets[0].LastAttemptFailed, c.Targets[0].FailureReason = true, vzdump.ReasonStorageFull
	}
	return c
}
