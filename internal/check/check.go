package check

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
)

// Options is what [Run] works with.
type Options struct {
	// ConfigFile is the path of the declared file.
	ConfigFile string
	// Root is where /etc/pve is looked for: "/" but for tests.
	Root string
	// Timeout is how long all checks may take together; 0 for no limit.
	Timeout time.Duration
	// Logger gets a debug line for each request. It never gets a secret.
	Logger *slog.Logger
	Now    func() time.Time
	// Connect returns a client for a cluster with an exporter token. Nil connects as the exporter does.
	Connect func(config.Cluster) (Client, error)
}

// Run looks at the declared file, at all its clusters and at all its object stores, side by side. It never fails: what cannot be looked at is a finding.
func Run(ctx context.Context, options Options) Report {
	report := Report{File: options.ConfigFile}
	file, err := config.Load(options.ConfigFile)
	if err != nil {
		report.Findings = fileErrors(err)
		return report
	}
	if options.Connect == nil {
		options.Connect = func(cluster config.Cluster) (Client, error) {
			return exporter.Connect(cluster, options.Root, options.Logger, nil)
		}
	}
	if options.Timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, options.Timeout)
		defer cancel()
		ctx = limited
	}
	report.Findings = checkFile(file)
	clusters := make([][]Finding, len(file.Clusters))
	var group sync.WaitGroup
	for i, cluster := range file.Clusters {
		group.Go(func() { clusters[i] = gather(ctx, options, file, cluster).findings() })
	}
	var stores []Finding
	group.Go(func() { stores = checkStores(ctx, options, file) })
	group.Wait()
	for _, findings := range clusters {
		report.Findings = append(report.Findings, findings...)
	}
	report.Findings = append(report.Findings, stores...)
	return report
}
