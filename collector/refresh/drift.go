package refresh

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"

// compare finds out how far the cluster is from the declared file. It asks the cluster for nothing.
func (r *Refresher) compare() {
	if r.Drift != nil {
		r.drift = r.Drift(r.world, derive.MissingPermissions(r.Memory, r.world, r.Settings))
	}
}
