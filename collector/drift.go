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
	"token's rights do not suffice to judge, has no series. While a source is down, the last figure stays."

var drift = group[snapshot.Drift]{
	labels:   []string{LabelKind},
	identity: func(d *snapshot.Drift) []string { return []string{string(d.Kind)} },
	families: []family[snapshot.Drift]{
		{
			name:    Drift,
			meaning: "Number of objects of this kind that are not as the declared file says; 0 when all are. The exporter's own page lists them.",
			origin:  "the declared file, compared with GET /cluster/backup, /storage and /cluster/backup/{id}/included_volumes",
			value:   func(d *snapshot.Drift) (float64, bool) { return float64(len(d.Objects)), true },
		},
	},
}
