package collector_test

import (
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

// What serves or prints metrics needs a store for the clusters and a registry for everything else.
func Example() {
	store := collector.NewStore(slog.New(slog.DiscardHandler))
	others := prometheus.NewRegistry()
	others.MustRegister(collector.NewAPI(), &collector.Reload{}, collector.NewBuildInfo())
	gatherer := store.Gatherer(others)

	store.Publish(&snapshot.Cluster{Name: "home", Up: true}) // at the end of every refresh

	families, err := gatherer.Gather() // at every scrape
	if err != nil {
		fmt.Println(err)
	}
	for _, family := range families {
		fmt.Println(family.GetName(), len(family.Metric))
	}
	// Output:
	// pve_backup_exporter_build_info 1
	// pve_backup_up 1
}
