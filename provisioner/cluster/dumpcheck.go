package cluster

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// The rule of a dump is that a plan by it changes nothing. It is not enough to know the keys: the file has formats and bounds of its own, and
// Proxmox VE holds what older versions and other programs wrote. So what is to be said is written, loaded and compared.

// alone is what the comparison needs of the inventory: whom a job selects is what its section says, word for word.
func (d *dumper) alone() Inventory {
	return Inventory{Cluster: d.inv.Cluster, Version: d.inv.Version, Nodes: d.inv.Nodes, Jobs: d.inv.Jobs, Storages: d.inv.Storages}
}

// readsBack loads a file with one job alone, and says in what it differs from the job as it is.
func (d *dumper) readsBack(job *pve.Job, section config.Backup) error {
	section.Disks = disksUnmanaged
	file := config.File{Environments: []config.Environment{{Name: "one", Cluster: d.cluster.Name, Guests: selectorOf(job), Backup: &section}}}
	loaded, err := d.load(file)
	if err != nil {
		return err
	}
	wish := Desired(loaded, d.alone(), time.Unix(0, 0), nil)
	if len(wish.Problems) > 0 {
		return errors.New(wish.Problems[0].Message)
	}
	return differences(wish.Desired, JobFields(job))
}

// load writes a file and reads it.
func (d *dumper) load(file config.File) (*config.File, error) {
	file.Version, file.Clusters = config.Version, []config.Cluster{d.cluster}
	text, err := file.Redacted()
	if err != nil {
		return nil, err
	}
	loaded, err := config.LoadBytes("dump", text)
	var problem *config.Problem
	if errors.As(err, &problem) {
		return nil, errors.New(problem.Message) // its line is in no file that anybody sees
	}
	return loaded, err
}

// differences tells in which properties what is wanted of one object differs from what is there.
func differences(wanted []plan.Desired, fields map[string]string) error {
	if len(wanted) != 1 {
		return fmt.Errorf("it would be %d objects", len(wanted))
	}
	var names []string
	for _, name := range wanted[0].Managed {
		text := wanted[0].Fields[name].Text
		if slices.Contains(wanted[0].Contains, name) && slices.Contains(strings.Split(fields[name], ","), text) {
			continue
		}
		if text != fields[name] {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("this file would change its %s", strings.Join(names, ", "))
	}
	return nil
}
