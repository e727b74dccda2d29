package provisioner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
)

// DumpOptions is what a dump works with.
type DumpOptions struct {
	// ConfigFile is the path of a declared file that names the cluster and its provisioner's token.
	ConfigFile string
	// Cluster is the cluster's name in it; empty for the only one.
	Cluster string
	// Store is the name of an object store in it, for [DumpStore].
	Store string
	// Root is where /etc/pve is looked for: "/" but for tests.
	Root string
	// Data gets the declared file; Talk what to do with it.
	Data, Talk io.Writer
	Logger     *slog.Logger
}

// Dump prints what a cluster has as a declared file. It only reads.
func Dump(ctx context.Context, options DumpOptions) error {
	file, err := config.Load(options.ConfigFile)
	if err != nil {
		return err
	}
	chosen, err := chooseCluster(file, options.Cluster)
	if err != nil {
		return err
	}
	client, err := connect(chosen, options.Root, options.Logger, nil, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	inventory, err := cluster.Read(ctx, client, cluster.NeedForDump(chosen.Name))
	if ctx.Err() != nil {
		return errors.New("interrupted before the cluster was read")
	}
	if err != nil {
		return fmt.Errorf("cluster %s: %w", chosen.Name, err)
	}
	text, err := cluster.Dump(chosen, inventory)
	if err != nil {
		return fmt.Errorf("cluster %s: %w", chosen.Name, err)
	}
	if _, err := options.Data.Write(text); err != nil {
		return fmt.Errorf("print the declared file: %w", err)
	}
	fmt.Fprintf(options.Talk, "this is what cluster %s has. Secrets cannot be read, and are not in it. Save it beside the secret files of %s,"+
		" read its comments, and try it: provision --dry-run finds nothing to do\n", chosen.Name, options.ConfigFile)
	return nil
}

func chooseCluster(file *config.File, name string) (config.Cluster, error) {
	var names []string
	for _, each := range file.Clusters {
		names = append(names, each.Name)
	}
	if name == "" && len(file.Clusters) == 1 {
		return file.Clusters[0], nil
	}
	if name == "" {
		return config.Cluster{}, ui.Hint(fmt.Errorf("%s has %d clusters", file.Path(), len(names)), "choose one: --cluster=NAME, of %s", strings.Join(names, ", "))
	}
	if chosen, found := file.Cluster(name); found {
		return chosen, nil
	}
	err := fmt.Errorf("%s has no cluster %q", file.Path(), name)
	if guess, ok := nearest.Word(name, names); ok {
		return config.Cluster{}, ui.Hint(err, "did you mean --cluster=%s?", guess)
	}
	return config.Cluster{}, ui.Hint(err, "its clusters are %s", strings.Join(names, ", "))
}
