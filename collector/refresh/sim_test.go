package refresh

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// bench is a simulated cluster with an exporter's refresher on top of it, through the real HTTP client.
type bench struct {
	t         testing.TB
	clock     *pvesim.Clock
	cluster   *pvesim.Cluster
	refresher *Refresher
	memory    *state.Cluster
	picture   *snapshot.Cluster
	published int
	token     string
	secret    string
}

var start = time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)

// newBench makes a cluster with thirty days of history.
func newBench(t testing.TB, nodes, guests int) *bench {
	t.Helper()
	clock := pvesim.NewClock(start)
	b := &bench{t: t, clock: clock, token: pvesim.ExporterToken, secret: pvesim.ExporterSecret}
	b.cluster = pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, nodes, guests)
	b.connect()
	return b
}

// connect makes a new refresher, as after a restart; the memory stays as it is.
func (b *bench) connect() {
	b.t.Helper()
	server := httptest.NewServer(b.cluster.HandlerAt("pve1")) // without TLS, whose handshakes are a third of the work
	b.t.Cleanup(server.Close)
	client, err := pve.New(pve.Config{
		Endpoints: []string{server.URL}, TokenID: b.token, TokenSecret: func() (string, error) { return b.secret, nil },
		Retries: -1,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(client.Close)
	b.refresher = New(Options{
		Client: client, Settings: derive.Settings{Cluster: "home", Checksum: "a"},
		Interval: time.Minute, SlowInterval: 15 * time.Minute, Memory: b.memory,
		Publish: func(picture *snapshot.Cluster) { b.picture = picture; b.published++ },
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)), Now: b.clock.Now,
	})
	b.memory = b.refresher.Memory
}

// fast and slow are one cycle each, a minute later than the last.
func (b *bench) fast() *snapshot.Cluster { return b.cycle(false) }
func (b *bench) slow() *snapshot.Cluster { return b.cycle(true) }

func (b *bench) cycle(slow bool) *snapshot.Cluster {
	b.t.Helper()
	b.clock.Advance(time.Minute)
	b.cluster.Requests.Reset()
	b.refresher.Refresh(context.Background(), slow)
	return b.picture
}

func (b *bench) target(guest, storage string) snapshot.Target {
	b.t.Helper()
	for _, one := range b.picture.Targets {
		if one.Guest == guest && one.Storage == storage {
			return one
		}
	}
	b.t.Fatalf("no series for %s on %s", guest, storage)
	return snapshot.Target{}
}
