package drill

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/journal"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/clientconfig"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// site is one cluster of a run.
type site struct {
	options Options
	file    *config.File
	cluster config.Cluster
	client  *pve.Client
	journal *journal.Journal
	report  *report

	results     result.File
	resultsPath string

	resources pve.Resources
	archives  []pve.Archive
}

// connect returns a client with the token of drills of a cluster. Nothing is asked yet.
func connect(cluster config.Cluster, options Options) (*pve.Client, error) {
	connection, err := cluster.Connection(options.Root)
	if err != nil {
		return nil, err
	}
	token := cluster.Drill.Token
	if _, err := token.Secret(); err != nil { // it is read for each request, but what is wrong with it is best told first
		return nil, err
	}
	logger := options.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	settings := clientconfig.Of(cluster, connection, token, logger)
	settings.Transport, settings.Wait = options.transport, options.wait
	return pve.New(settings)
}

// readArchives lists the archives of all storages that hold backups: a shared one is asked by one node, a local one by each.
func (s *site) readArchives(ctx context.Context) error {
	s.archives = nil
	asked := map[string]bool{}
	for _, storage := range s.resources.Storages {
		holds := slices.Contains(strings.Split(storage.Content, ","), "backup")
		if !storage.Active || !holds || storage.Shared && asked[storage.Storage] || !s.online(storage.Node) {
			continue
		}
		list, err := s.client.Content(ctx, storage.Node, storage.Storage)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// Another storage may hold a newer archive all the same: what is missing is told, and shows when nothing is found.
			s.report.warn("cluster %s: the archives on storage %s could not be listed: %v", s.cluster.Name, storage.Storage, err)
			continue
		}
		asked[storage.Storage] = true
		s.archives = append(s.archives, list...)
	}
	return nil
}

func (s *site) online(node string) bool {
	return slices.ContainsFunc(s.resources.Nodes, func(each pve.NodeResource) bool { return each.Node == node && each.Online })
}

// openResults reads what earlier runs left. A file that cannot be used is told of, and written anew: it holds nothing that cannot be had again.
func (s *site) openResults() error {
	s.resultsPath = s.cluster.Drill.Results
	if s.resultsPath == "" {
		s.resultsPath = resultsIn(s.options.StoragePath)
	}
	var err error
	if s.results, err = result.Load(s.resultsPath); err == nil {
		return nil
	}
	if !isUnusable(err) {
		return ui.Hint(err, "let the user that runs this read and write it, or name another file with `results` in the cluster's `drill`")
	}
	s.report.warn("%v: it is written anew, and which guests were drilled when is forgotten", err)
	return nil
}

// keep takes over the result of a drill and writes it at once.
func (s *site) keep(guest string, drill result.Drill) error {
	s.results.Add(s.cluster.Name, guest, drill)
	return s.save()
}

func (s *site) save() error {
	if err := s.results.Save(s.resultsPath); err != nil {
		return ui.Hint(err, "let the user that runs this write to the folder of %s", s.resultsPath)
	}
	return nil
}

// concerned returns the clusters that a run is about.
func concerned(file *config.File, options Options) ([]config.Cluster, error) {
	var clusters []config.Cluster
	for _, cluster := range file.Clusters {
		if cluster.Drill != nil && (options.Cluster == "" || options.Cluster == cluster.Name) {
			clusters = append(clusters, cluster)
		}
	}
	switch {
	case len(clusters) > 0:
		return clusters, nil
	case options.Cluster == "":
		return nil, ui.Hint(fmt.Errorf("%s says of no cluster where restores are drilled", file.Path()),
			"add `drill: {token_id: backup-drill@pve!drill, token_secret_file: home.drill, storage: local-lvm}` to a cluster; docs/drills.md has the rest")
	}
	if _, found := file.Cluster(options.Cluster); !found {
		return nil, ui.Hint(fmt.Errorf("%s has no cluster %q", file.Path(), options.Cluster), "--cluster takes names from the section clusters of the declared file")
	}
	return nil, ui.Hint(fmt.Errorf("cluster %s has no `drill`: nobody says where to restore to, nor with which token", options.Cluster),
		"add `drill: {token_id: backup-drill@pve!drill, token_secret_file: %s.drill, storage: local-lvm}` to it", options.Cluster)
}
