package cluster

import (
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// FlagField is the one property of a volume that is planned: whether backups contain it, "1" or "0".
const FlagField = "backup"

// Current puts what was read into the form that plans are made from: every job and storage, and the volumes that were looked at. Jobs with a
// marker of the file's owner are this tool's own.
func Current(file *config.File, inv Inventory) []plan.Current {
	var list []plan.Current
	for i := range inv.Storages {
		list = append(list, CurrentStorage(inv.Cluster, &inv.Storages[i]))
	}
	for i := range inv.Jobs {
		list = append(list, CurrentJob(file.Provision.Owner, inv, &inv.Jobs[i]))
	}
	for _, guest := range inv.Guests {
		for _, volume := range inv.Volumes[guest.VMID] {
			if volume.NotVolume || volume.Key == rootfs {
				continue
			}
			var pending *bool
			if later, waits := inv.Pending[guest.VMID][volume.Key]; waits {
				pending = &later
			}
			list = append(list, CurrentDisk(inv.Cluster, guest, volume.Key, volume.Included, pending))
		}
	}
	return list
}

// CurrentJob puts a job into canonical form. The owner is the one of the declared file. Whom the job covers is judged by the inventory.
func CurrentJob(owner string, inv Inventory, job *pve.Job) plan.Current {
	current := plan.Current{Key: plan.Key{Scope: inv.Cluster, Kind: plan.Job, ID: job.ID}, Fields: JobFields(job)}
	if marker, marked := ParseMarker(job.Comment); marked && marker.Owner == owner {
		current.Owned, current.Environment = true, marker.Environment
	}
	current.Guests = covered(inv, job, job.NextRun > 0, inv.takes)
	return current
}

// CurrentStorage puts a storage into canonical form. Scope is the configured name of its cluster. Secrets are never among its fields.
func CurrentStorage(scope string, storage *pve.StorageConfig) plan.Current {
	return plan.Current{Key: plan.Key{Scope: scope, Kind: plan.Storage, ID: storage.ID}, Fields: StorageFields(storage)}
}

// CurrentDisk puts a volume of a guest into canonical form. Pending is nil where nothing waits for the guest's next start.
func CurrentDisk(scope string, guest Guest, volume string, included bool, pending *bool) plan.Current {
	current := plan.Current{Key: diskKeyOf(scope, guest, volume), Fields: map[string]string{FlagField: flag(included)}}
	if pending != nil {
		current.Pending = map[string]string{FlagField: flag(*pending)}
	}
	return current
}

func diskKeyOf(scope string, guest Guest, volume string) plan.Key {
	return plan.Key{Scope: scope, Kind: plan.GuestDisk, ID: guest.Type + "/" + strconv.Itoa(guest.VMID) + ":" + volume}
}

// covered lists the guests that a job backs up: those that it selects, if it is enabled, runs again, and can write to its storage.
func covered(inv Inventory, job *pve.Job, runsAgain bool, takes func(storage, node string) bool) []int {
	if !job.Enabled || !runsAgain {
		return nil
	}
	selection := job.Selection()
	var ids []int
	for _, guest := range inv.Guests {
		if selection.Names(guest.VMID, guest.Pool) && selection.Reaches(guest.Node) && (job.Dumpdir != "" || takes(job.Storage, guest.Node)) {
			ids = append(ids, guest.VMID)
		}
	}
	slices.Sort(ids)
	return ids
}

// takes reports whether backups of a node can go to a storage as it is configured now. A job without a storage leaves it to each node's
// vzdump.conf, which counts as usable.
func (inv *Inventory) takes(storage, node string) bool {
	if storage == "" {
		return true
	}
	config, exists := inv.Storage(storage)
	return exists && config.TakesBackups(node)
}
