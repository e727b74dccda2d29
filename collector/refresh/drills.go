package refresh

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// readDrills reads the results of drills: a local file, which needs no cluster.
func (r *Refresher) readDrills() {
	if r.Drills == nil {
		return
	}
	began := r.Now()
	results, err := r.Drills()
	r.sources.record(sourceKey{kind: snapshot.SourceDrills}, began, r.Now(), err)
	if err == nil {
		r.world.Drills = results
	}
}
