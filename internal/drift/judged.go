package drift

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// judged lists the kinds that are declared for a cluster and that the facts suffice to judge, sorted by name. Proxmox VE leaves out of its
// lists, with status 200, what a token may not see: by such a list nothing may be called missing.
func judged(file *config.File, name string, world *derive.World, lacks []snapshot.Permission) []plan.Kind {
	if world.Permissions == nil {
		return nil
	}
	jobs, disks := backups(file, name)
	storages := storageIDs(file, name)
	seesGuests := !slices.ContainsFunc(lacks, func(each snapshot.Permission) bool {
		return each.Privilege == "VM.Audit" || each.Privilege == "Pool.Audit"
	})
	seesStorages := !slices.ContainsFunc(storages, func(id string) bool { return !world.Permissions.Has("/storage/"+id, "Datastore.Audit") })

	var kinds []plan.Kind
	if disks && world.JobsKnown && world.VolumesKnown && seesGuests {
		kinds = append(kinds, plan.GuestDisk)
	}
	if jobs && world.JobsKnown && seesGuests {
		kinds = append(kinds, plan.Job)
	}
	if len(storages) > 0 && world.StoragesKnown && seesStorages {
		kinds = append(kinds, plan.Storage)
	}
	return kinds
}

// backups reports whether the file declares jobs for a cluster, and whether it decides there which volumes are backed up.
func backups(file *config.File, name string) (jobs, disks bool) {
	for i := range file.Environments {
		environment := &file.Environments[i]
		if environment.Cluster == name && environment.Backup != nil {
			jobs = true
			disks = disks || environment.Backup.Disks != "unmanaged"
		}
	}
	return jobs, disks
}

func storageIDs(file *config.File, name string) []string {
	var ids []string
	for i := range file.Storages {
		if file.Storages[i].Cluster == name {
			ids = append(ids, file.Storages[i].Name)
		}
	}
	return ids
}
