package cluster

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Wish is what the declared file wants of a cluster.
type Wish struct {
	// Desired are all objects that the file declares there, whatever environments were chosen.
	Desired []plan.Desired
	// Problems must be solved before anything is sent: Proxmox VE would refuse it, or worse, take it.
	Problems []Problem
	// Warnings are what the cluster will do otherwise than one may think.
	Warnings []Problem
}

// Desired puts what the file declares for a cluster into the form that plans are made from, and checks what Proxmox VE does not check itself.
// With names of environments, only those (and the storages) are complained about. Now decides which exemptions have expired.
//
// What the cluster holds already is complained about by a warning only: nothing of it would be sent.
func Desired(file *config.File, inv Inventory, now time.Time, environments []string) Wish {
	return Wish{}
}
