package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// LabelKind names a kind of object that the declared file describes: job, storage, guest_disk.
const LabelKind = "kind"

// Drift is the name of the metric about what is not as the declared file says.
const Drift = Prefix + "drift"

const driftIntro = "One series per kind of object that the declared file describes for the cluster: `storage`, `job`, `guest_disk` (whether a volume is part of " +
	"its guest's backups). It is worked out on the slow cycle, by the plan that `provision --dry-run` shows, from what that cycle has read anyway. " +
	"A change that waits for the restart of a guest counts until it is true, and an object in the way that provisioning refuses to take over counts, too. " +
	"Secrets, which cannot be read back, do not count, nor do jobs that only the policy `sync` would remove. A kind that is not declared, or that the " +
	"token's rights do not suffice to judge, has no series. While a source is down, the last figure stays. Of an object store, with the label `" +
	LabelStore + "` and an empty `" + LabelCluster + "`, there is `bucket`: buckets that are missing, or whose versioning is not on."

// driftOf is a drift of a cluster, or of an object store, which belongs to none.
type driftOf struct {
	store string
	snapshot.Drift
}

var drift = group[driftOf]{
	labels:   []string{LabelKind, LabelStore},
	identity: func(d *driftOf) []string { return []string{string(d.Kind), d.store} },
	families: []family[driftOf]{
		{
			name:    Drift,
			meaning: "Number of objects of this kind that are not as the declared file says; 0 when all are. The exporter's own page lists them.",
			origin:  "the declared file, compared with GET /cluster/backup, /storage and /cluster/backup/{id}/included_volumes",
			value:   func(d *driftOf) (float64, bool) { return float64(len(d.Objects)), true },
		},
	},
}

func driftsOf(store string, drifts []snapshot.Drift) []driftOf {
	all := make([]driftOf, len(drifts))
	for i, each := range drifts {
		all[i] = driftOf{store, each}
	}
	return all
}
