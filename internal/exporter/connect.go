package exporter

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/clientconfig"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Connect returns a client with the exporter's token of a cluster. Nothing is asked yet; the token's secret is read when it is needed.
func Connect(cluster config.Cluster, root string, logger *slog.Logger, observe func(endpoint, code string, took time.Duration)) (*pve.Client, error) {
	connection, err := cluster.Connection(root)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", cluster.Name, err)
	}
	if cluster.Exporter == nil {
		return nil, ui.Hint(fmt.Errorf("cluster %s has no exporter token", cluster.Name),
			"add to the declared file: exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: %s.exporter}", cluster.Name)
	}
	settings := clientconfig.Of(cluster, connection, *cluster.Exporter, logger)
	settings.Observe = observe
	client, err := pve.New(settings)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", cluster.Name, err)
	}
	return client, nil
}

// SettingsOf returns what judging one cluster needs of the declared file.
func SettingsOf(file *config.File, cluster config.Cluster) derive.Settings {
	settings := derive.Settings{
		Cluster: cluster.Name, Checksum: file.Checksum(), ArchiveDetails: cluster.ArchiveDetails,
		Environment: func(vmid int, node, pool string, tags []string) string {
			return file.Environment(cluster.Name, config.GuestIdentity{VMID: vmid, Node: node, Pool: pool, Tags: tags})
		},
		Exemptions: map[int]derive.Exemption{}, DrillPeriod: file.DrillPeriod,
	}
	if cluster.Drill != nil {
		settings.Scratch = cluster.Drill.VMIDs.Contains
	}
	for _, exempt := range file.Exempt {
		if exempt.Cluster != cluster.Name {
			continue
		}
		exemption := derive.Exemption{Note: exempt.Note}
		if !exempt.Until.IsZero() {
			exemption.Until = exempt.Until.End(time.Local).Unix()
		}
		settings.Exemptions[exempt.VMID] = exemption
	}
	for _, external := range file.ExternalBackups {
		if external.Cluster == cluster.Name {
			settings.External = append(settings.External, derive.External{VMID: external.VMID, Storage: external.Storage, Interval: external.Interval})
		}
	}
	for _, environment := range file.Environments {
		settings.UsesPools = settings.UsesPools || environment.Cluster == cluster.Name && len(environment.Guests.Pools) > 0
	}
	return settings
}

// errNoClusters is a declared file without anything to watch.
var errNoClusters = errors.New("the declared file names no cluster with an exporter token")

// watched returns the clusters that have an exporter token.
func watched(file *config.File) ([]config.Cluster, error) {
	var clusters []config.Cluster
	for _, cluster := range file.Clusters {
		if cluster.Exporter != nil {
			clusters = append(clusters, cluster)
		}
	}
	if len(clusters) == 0 {
		return nil, ui.Hint(errNoClusters, "give a cluster its exporter: {token_id: ..., token_secret_file: ...}")
	}
	return clusters, nil
}
