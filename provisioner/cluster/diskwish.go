package cluster

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// disks wants every volume of a declared guest in its backups, but for those that the file leaves out. What no backup can contain is not
// wanted either: folders and devices of the node, and the firmware's disk of a machine without that firmware. A container's root volume is
// always in.
func (w *wisher) disks() {
	for i := range w.file.Environments {
		if environment := &w.file.Environments[i]; environment.Cluster == w.inv.Cluster && environment.Backup != nil {
			w.silent = !chosen(w.chosen, environment.Name)
			w.excludedDisks(environment)
		}
	}
	for _, guest := range w.inv.Guests {
		environment := flagsOf(w.file, w.inv.Cluster, guest)
		if environment == nil || w.exempt(guest.VMID) {
			continue
		}
		w.silent = !chosen(w.chosen, environment.Name)
		var stuck []string
		for _, volume := range w.inv.Volumes[guest.VMID] {
			if volume.NotVolume || volume.Key == rootfs || isFirmware(volume.Key) && !volume.Included && !w.inv.Firmware[guest.VMID] {
				continue
			}
			wanted := w.disk(environment, guest, volume.Key)
			if node, known := w.inv.node(guest.Node); (!known || !node.Online) && wanted.Fields[FlagField].Text != flag(volume.Included) {
				stuck = append(stuck, volume.Key)
				continue
			}
			w.wish.Desired = append(w.wish.Desired, wanted)
		}
		if len(stuck) > 0 {
			w.warn([]string{"environments", environment.Name, "backup"}, "run this again when the node is back",
				"guest %d cannot be changed while node %s is offline: %s", guest.VMID, guest.Node, strings.Join(stuck, ", "))
		}
	}
}

func (w *wisher) disk(environment *config.Environment, guest Guest, volume string) plan.Desired {
	path := []string{"environments", environment.Name, "backup"}
	include := !leftOut(environment.Backup, guest.VMID, volume)
	if i := slices.IndexFunc(environment.Backup.ExcludedDisks, func(one config.ExcludedDisk) bool { return one.VMID == guest.VMID }); i >= 0 && !include {
		path = below(path, "excluded_disks", strconv.Itoa(i))
	}
	at := w.at(path...)
	return plan.Desired{
		Key: diskKeyOf(w.inv.Cluster, guest, volume), Environment: environment.Name, At: at,
		Fields: map[string]plan.Field{FlagField: {Text: flag(include), At: at}}, Managed: []string{FlagField},
	}
}

// excludedDisks tells which volumes the file leaves out in vain.
func (w *wisher) excludedDisks(environment *config.Environment) {
	if environment.Backup.Disks == disksUnmanaged {
		return
	}
	for i, excluded := range environment.Backup.ExcludedDisks {
		path := []string{"environments", environment.Name, "backup", "excluded_disks", strconv.Itoa(i)}
		guest, exists := w.inv.Guest(excluded.VMID)
		if !exists || w.belongs[guest.VMID] != environment.Name {
			w.warn(path, "take it out, or move it to the guest's environment", "guest %d does not belong to environment %s: nothing is left out of its backups here",
				excluded.VMID, environment.Name)
			continue
		}
		volumes, known := w.inv.Volumes[excluded.VMID]
		for _, key := range excluded.Disks {
			if known && !slices.ContainsFunc(volumes, func(volume pve.IncludedVolume) bool { return volume.Key == key }) {
				w.warn(path, "correct it, or take it out", "guest %d has no volume %s", excluded.VMID, key)
			}
		}
	}
}
