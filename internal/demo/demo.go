// Package demo runs the exporter on a simulated cluster and object store, so that it can be seen without a Proxmox VE and a MinIO.
//
// Nothing of the exporter is simulated: it reads a declared file, asks an API over HTTPS with a token, and serves what it finds. Only the
// cluster behind that API is not real; its history ends at the wall clock and goes on at normal speed.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/server"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

// Options is what a demo works with.
type Options struct {
	// Scenario is the name of a built-in scenario, or the path of a scenario file.
	Scenario string
	// ConfigOut is where the declared file is written; empty for a temporary one.
	ConfigOut string
	Web       *web.FlagConfig
	// Talk gets the words for the person at the terminal.
	Talk    io.Writer
	Logger  *slog.Logger
	Version string
	Now     func() time.Time
}

// Run shows the demo until the context ends.
func Run(ctx context.Context, options Options) (err error) {
	scenario, err := load(options.Scenario)
	if err != nil {
		return err
	}
	begin := scenario.Begin(options.Now())
	cluster := scenario.BuildAt(begin, pvesim.Options{Now: options.Now})
	cluster.Build(letDrill)
	nodes, stop, err := startNodes(cluster, scenario)
	if err != nil {
		return err
	}
	defer stop()
	part, err := guestsOf(scenario, begin)
	if err != nil {
		return err
	}
	states, err := statesIn(part)
	if err != nil {
		return err
	}
	stores, err := startStores(states, options.Now, troubled(scenario))
	defer closeAll(stores)
	if err != nil {
		return err
	}
	path, remove, err := write(options.ConfigOut, declare(scenario, part, nodes, stores), drilled(scenario, begin, options.Now()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	watching, err := exporter.New(exporter.Options{ConfigFile: path, Root: os.DevNull, Logger: options.Logger, Now: options.Now})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	pages, err := server.New(server.Options{Exporter: watching, TelemetryPath: "/metrics", Version: options.Version, Logger: options.Logger, Now: options.Now})
	if err != nil {
		return err
	}
	introduce(options, scenario, path)
	return serve(ctx, watching, pages, options)
}

func closeAll(servers map[string]*wire.Server) {
	for _, server := range servers {
		server.Close()
	}
}

// load reads a scenario or a story, which may expect the alerts of this project.
func load(nameOrFile string) (*story.Story, error) {
	scenario, err := story.Load(nameOrFile)
	if err != nil {
		return nil, err
	}
	families, err := rules.Families(mixin.Default())
	if err != nil {
		return nil, err
	}
	var alerts []string
	for _, family := range families {
		for _, alert := range family.Alerts {
			alerts = append(alerts, alert.Name)
		}
	}
	return scenario, scenario.CheckAlerts(alerts)
}

// serve refreshes and answers until the context ends or one of the two fails.
func serve(ctx context.Context, watching *exporter.Exporter, pages *server.Server, options Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	refreshing := make(chan error, 1)
	go func() { refreshing <- watching.Run(ctx) }()
	err := server.Listen(ctx, pages, options.Web, options.Logger)
	cancel()
	return errors.Join(err, <-refreshing)
}

// startNodes lets the first two nodes answer, each at an address of its own, so that one can stand in for the other.
func startNodes(cluster *pvesim.Cluster, scenario *story.Story) (nodes []*wire.Server, stop func(), err error) {
	stop = func() {
		for _, node := range nodes {
			node.Close()
		}
	}
	for _, node := range scenario.Nodes[:min(2, len(scenario.Nodes))] {
		one, err := cluster.Start(node.Name)
		if err != nil {
			stop()
			return nil, nil, fmt.Errorf("demo: node %s: %w", node.Name, err)
		}
		nodes = append(nodes, one)
	}
	return nodes, stop, nil
}
