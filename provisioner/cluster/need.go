package cluster

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// NeedOf says what has to be read of a cluster for a plan by the declared file. With names of environments, volumes of other environments'
// guests are not looked at. The result is for one call of [Read] at a time.
func NeedOf(file *config.File, cluster string, environments []string) Need {
	need := Need{Cluster: cluster}
	for _, environment := range file.Environments {
		if environment.Cluster == cluster && environment.Backup != nil && len(environment.Guests.Pools) > 0 {
			need.Pools = true
		}
	}
	known := map[int]*config.Environment{}
	flagsOf := func(guest Guest) *config.Environment {
		environment, found := known[guest.VMID]
		if !found {
			environment = flagsOf(file, cluster, guest)
			known[guest.VMID] = environment
		}
		return environment
	}
	need.Volumes = func(guest Guest) bool {
		environment := flagsOf(guest)
		return environment != nil && chosen(environments, environment.Name)
	}
	need.Wanted = func(guest Guest, volume string) bool {
		environment := flagsOf(guest)
		return environment != nil && !leftOut(environment.Backup, guest.VMID, volume)
	}
	return need
}

// NeedForDump says what has to be read to print a cluster as a declared file.
func NeedForDump(cluster string) Need {
	return Need{Cluster: cluster, Volumes: func(Guest) bool { return true }}
}

// flagsOf finds the environment that decides which volumes of a guest are backed up; nil where none does.
func flagsOf(file *config.File, cluster string, guest Guest) *config.Environment {
	for i := range file.Environments {
		environment := &file.Environments[i]
		if environment.Cluster != cluster || !environment.Guests.Matches(guest.Identity()) {
			continue
		}
		if environment.Backup == nil || environment.Backup.Disks == disksUnmanaged {
			return nil
		}
		return environment
	}
	return nil
}

// The words by which an environment wants every volume of its guests in the backup, or leaves them as they are.
const (
	disksIncluded  = "include"
	disksUnmanaged = "unmanaged"
)

// leftOut reports whether an environment names a volume among those that stay out of backups.
func leftOut(backup *config.Backup, vmid int, volume string) bool {
	return slices.ContainsFunc(backup.ExcludedDisks, func(excluded config.ExcludedDisk) bool {
		return excluded.VMID == vmid && slices.Contains(excluded.Disks, volume)
	})
}

// chosen reports whether an environment is among those that were named; all are where none was.
func chosen(environments []string, name string) bool {
	return len(environments) == 0 || slices.Contains(environments, name)
}
