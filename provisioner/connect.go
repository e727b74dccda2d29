package provisioner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/clientconfig"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/backend"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// connect returns a client with the provisioner's token of a cluster. Nothing is asked yet. A nil transport means the network, a nil wait that
// real time passes.
func connect(cluster config.Cluster, root string, logger *slog.Logger, transport http.RoundTripper, wait func(context.Context, time.Duration) error) (*pve.Client, error) {
	connection, err := cluster.Connection(root)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", cluster.Name, err)
	}
	if cluster.Provisioner == nil {
		return nil, ui.Hint(fmt.Errorf("cluster %s has no provisioner token", cluster.Name),
			"add to the declared file: provisioner: {token_id: backup-admin@pve!provision, token_secret_file: %s.provisioner}", cluster.Name)
	}
	token := *cluster.Provisioner
	if _, err := token.Secret(); err != nil { // it is read for each request, but what is wrong with it is best told first
		return nil, fmt.Errorf("cluster %s: %w", cluster.Name, err)
	}
	settings := clientconfig.Of(cluster, connection, token, logger)
	settings.Transport, settings.Wait = transport, wait
	client, err := pve.New(settings)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", cluster.Name, err)
	}
	return client, nil
}

// checkEnvironments refuses names of environments that the file does not have.
func checkEnvironments(file *config.File, names []string) error {
	var known []string
	for _, environment := range file.Environments {
		known = append(known, environment.Name)
	}
	var failures []error
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		err := fmt.Errorf("%s has no environment %q", file.Path(), name)
		if guess, ok := nearest.Word(name, known); ok {
			err = ui.Hint(err, "did you mean --environment=%s?", guess)
		} else {
			err = ui.Hint(err, "--environment takes names from the section environments of the declared file")
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// concerned returns the clusters that a run reads: those for which the file declares backups or storages, and, where jobs may be removed, all
// that it may change.
func concerned(file *config.File, options Options) ([]config.Cluster, error) {
	declares := map[string]bool{}
	for _, environment := range file.Environments {
		if len(options.Environments) == 0 || slices.Contains(options.Environments, environment.Name) {
			onlyState := environment.TerraformState != nil && options.Policy != plan.Sync
			declares[environment.Cluster] = declares[environment.Cluster] || environment.Backup != nil || len(options.Environments) > 0 && !onlyState
		}
	}
	for _, storage := range file.Storages {
		declares[storage.Cluster] = declares[storage.Cluster] || len(options.Environments) == 0
	}
	for _, store := range containersConcerned(file, options.Environments) {
		declares[store.Container.Cluster] = true
	}
	var clusters []config.Cluster
	for _, cluster := range file.Clusters {
		sweeps := options.Policy == plan.Sync && len(options.Environments) == 0 && cluster.Provisioner != nil
		if declares[cluster.Name] || sweeps {
			clusters = append(clusters, cluster)
		}
	}
	if len(clusters) == 0 && !backend.Declared(file, options.Environments) && len(storesConcerned(file, options.Environments)) == 0 {
		return nil, ui.Hint(fmt.Errorf("%s declares nothing that could be provisioned", file.Path()),
			"give an environment its backup: {profile: prod, storage: ...}, or declare storages, or its terraform_state")
	}
	return clusters, nil
}
