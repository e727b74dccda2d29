package play

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/refresh"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/drift"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// clusterName is the name of every story's cluster in the declared file.
const clusterName = "home"

// process is one exporter: made of the product's own parts, put together as internal/exporter does, but refreshed by the story's clock.
type process struct {
	story.Exporter

	told  *story.Story
	dir   string // of the state file
	clock *pvesim.Clock
	file  *config.File
	token pvesim.ScenarioToken
	nodes hosts
	calls bool // whether its metrics about calls of the API are needed

	running   bool
	lastSlow  time.Time
	refresher *refresh.Refresher
	stores    []*refresh.ObjectStoreRefresher
	gatherer  prometheus.Gatherer
	restarted int // outages without a length that have happened
}

func newProcess(told *story.Story, one story.Exporter, cluster *pvesim.Cluster, clock *pvesim.Clock, rights, dir string, needed needed) (*process, error) {
	p := &process{Exporter: one, told: told, calls: needed.any(collector.Prefix + "api_"), clock: clock, nodes: hosts{}, token: tokenOf(told, rights)}
	p.dir = filepath.Join(dir, strings.NewReplacer("/", "-", ":", "-").Replace("state-"+one.Name))
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		return nil, fmt.Errorf("play: %w", err)
	}
	var endpoints []string
	for _, node := range told.Nodes {
		p.nodes[node.Name+":8006"] = wire.InProcess{Handler: cluster.HandlerAt(node.Name)}
		endpoints = append(endpoints, "https://"+node.Name+":8006")
	}
	declaration, err := told.Declaration(told.Start)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("version: 1\nclusters:\n  %s:\n    endpoints: [%s]\n    exporter: {token_id: %q, token_secret_file: none}\n    archive_details: %t\n    %s\n%s",
		clusterName, strings.Join(endpoints, ", "), p.token.ID, rights == story.Details, told.DeclaredDrill(), declaration+told.DeclaredStores())
	if p.file, err = config.LoadBytes("declared.yml", []byte(text)); err != nil {
		return nil, fmt.Errorf("what the story declares: %w", err)
	}
	return p, p.start()
}

// tokenOf is the exporter's token with these rights.
func tokenOf(told *story.Story, rights string) pvesim.ScenarioToken {
	token := pvesim.ScenarioToken{ID: pvesim.ExporterToken, Secret: pvesim.ExporterSecret}
	if rights == story.Details {
		token = pvesim.ScenarioToken{ID: pvesim.DetailsToken, Secret: pvesim.DetailsSecret}
	}
	for _, stated := range told.Tokens {
		if stated.ID == token.ID {
			return stated
		}
	}
	return token
}

// hosts carries requests to the nodes of the simulated cluster, by address.
type hosts map[string]http.RoundTripper

var errNoHost = errors.New("no such host")

// RoundTrip implements http.RoundTripper.
func (h hosts) RoundTrip(request *http.Request) (*http.Response, error) {
	if node, known := h[request.URL.Host]; known {
		return node.RoundTrip(request)
	}
	return nil, errNoHost
}

// start starts the exporter with what its state file holds.
func (p *process) start() error {
	keeper, err := state.NewKeeper(state.Open(p.dir))
	if err != nil {
		return err
	}
	memory, err := keeper.Cluster(clusterName)
	if err != nil {
		return err
	}
	cluster, _ := p.file.Cluster(clusterName)
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	api := collector.NewAPI()
	client, err := pve.New(pve.Config{
		Endpoints: cluster.Endpoints, TokenID: p.token.ID, TokenSecret: func() (string, error) { return p.token.Secret, nil },
		Transport: p.nodes, Observe: api.Observe(clusterName),
		// These would go by the real clock.
		Retries: -1, AuthPause: time.Nanosecond, ReturnAfter: time.Nanosecond,
	})
	if err != nil {
		return err
	}
	store, reload := collector.NewStore(logger), &collector.Reload{}
	reload.Succeeded(p.clock.Now())
	registry := prometheus.NewRegistry()
	registry.MustRegister(reload, collector.NewBuildInfo())
	if p.calls { // they cost more than all others
		registry.MustRegister(api)
	}
	p.gatherer = store.Gatherer(registry)
	p.refresher = refresh.New(refresh.Options{
		Client: client, Settings: exporter.SettingsOf(p.file, cluster),
		Drift: func(world *derive.World, lacks []snapshot.Permission) []snapshot.Drift {
			return drift.Of(p.file, clusterName, world, lacks)
		},
		Drills:   p.drills(),
		Interval: cluster.RefreshInterval, SlowInterval: cluster.SlowRefreshInterval,
		Memory: memory, Publish: store.Publish, Logger: logger, Now: p.clock.Now,
	})
	p.watchStores(store.PublishObjectStore, logger)
	p.refresher.Restore()
	p.running, p.lastSlow = true, time.Time{}
	return nil
}

// watchStores begins to watch the object stores of the story.
func (p *process) watchStores(publish func(*snapshot.ObjectStore), logger *slog.Logger) {
	p.stores = nil
	for i := range p.told.ObjectStores {
		declared, _ := p.file.Store(p.told.ObjectStores[i].Name)
		p.stores = append(p.stores, refresh.NewObjectStore(refresh.ObjectStoreOptions{
			Client: newObjectStore(p.told, i, p.clock), Name: declared.Name, States: exporter.StatesIn(p.file, declared.Name),
			Interval: declared.RefreshInterval, SlowInterval: declared.SlowRefreshInterval, Publish: publish, Logger: logger, Now: p.clock.Now,
		}))
	}
}

// stop ends the exporter. Its state file stays behind, unless it is lost.
func (p *process) stop(lose bool) error {
	p.running = false
	if lose {
		if err := os.RemoveAll(p.dir); err != nil {
			return err
		}
		return os.Mkdir(p.dir, 0o700)
	}
	keeper, err := state.NewKeeper(state.Open(p.dir))
	if err != nil {
		return err
	}
	return keeper.Put(clusterName, p.refresher.Memory)
}

// step lets the exporter refresh once, or go down, or come back, as the story wants it so long after its beginning.
func (p *process) step(ctx context.Context, since time.Duration) error {
	down, lose := p.outage(since)
	if p.running && down {
		if err := p.stop(lose); err != nil {
			return err
		}
	}
	for i, one := range p.Down {
		if i >= p.restarted && one.For == 0 && time.Duration(one.In) <= since && p.running {
			p.restarted = i + 1
			if err := errors.Join(p.stop(one.LoseState), p.start()); err != nil {
				return err
			}
		}
	}
	if down {
		return nil
	}
	if !p.running {
		if err := p.start(); err != nil {
			return err
		}
	}
	now := p.clock.Now()
	slow := p.lastSlow.IsZero() || now.Sub(p.lastSlow) >= p.refresher.SlowInterval-p.refresher.Interval/2
	if slow {
		p.lastSlow = now
	}
	p.refresher.Refresh(ctx, slow)
	for _, store := range p.stores {
		store.Refresh(ctx, slow)
	}
	return ctx.Err()
}

// outage reports whether the exporter is down, and whether its state file is lost by that.
func (p *process) outage(since time.Duration) (down, lose bool) {
	for _, one := range p.Down {
		if one.For != 0 && time.Duration(one.In) <= since && since < time.Duration(one.In+one.For) {
			return true, one.LoseState
		}
	}
	return false, false
}

// gather returns the series that a scrape would get, and whether it got any.
func (p *process) gather() (families []*dto.MetricFamily, up bool, err error) {
	if !p.running {
		return nil, false, nil
	}
	families, err = p.gatherer.Gather()
	return families, err == nil, err
}
