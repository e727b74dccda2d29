package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// LabelProof says what a drill saw of the restored guest: started, agent or command. It is empty where a drill failed before that was decided.
const LabelProof = "proof"

// Names of the metrics about restore drills.
const (
	DrillLastRun      = Prefix + "drill_last_run_timestamp_seconds"
	DrillLastFailed   = Prefix + "drill_last_failed"
	DrillLastSuccess  = Prefix + "drill_last_success_timestamp_seconds"
	DrillLastDuration = Prefix + "drill_last_duration_seconds"
	DrillDue          = Prefix + "drill_due_timestamp_seconds"
)

const drillsIntro = "What `pve-backup-exporter drill` found out by restoring backups, for the guests that were drilled or have to be. [drills.md](drills.md) says what a drill does. " +
	"The label `" + LabelProof + "` says what it saw: `agent` (the guest agent in a virtual machine answered), `command` (a declared command succeeded in a container), or " +
	"`started`, which is less: the guest was seen running, and what ran may be a boot loader without a disk. A drill that came to no end, because there was no room for it or a node was lost, " +
	"says nothing about the backup and changes none of these. A guest that need not be drilled has no due time; that of a guest without a success counts from the moment on when it had " +
	"to be drilled and had a backup."

const drillsOrigin = "the results file of `pve-backup-exporter drill`"

var drills = group[snapshot.Drill]{
	labels:   []string{LabelEnvironment, LabelID},
	identity: func(d *snapshot.Drill) []string { return []string{d.Environment, d.Guest} },
	families: []family[snapshot.Drill]{
		{
			name:          DrillLastRun,
			meaning:       "When the last drill of the guest ended, well or not, in Unix seconds.",
			origin:        drillsOrigin,
			value:         func(d *snapshot.Drill) (float64, bool) { return number(d.LastRun) },
			further:       []string{LabelProof},
			furtherValues: func(d *snapshot.Drill) []string { return []string{d.Proof} },
		},
		{
			name:    DrillLastFailed,
			meaning: "1 when the last drill of the guest failed: its archive could not be restored, or what was restored gave no proof in time. Else 0.",
			origin:  drillsOrigin,
			value: func(d *snapshot.Drill) (float64, bool) {
				value, _ := yesNo(d.Failed)
				return value, d.LastRun.Known()
			},
			further:       []string{LabelProof},
			furtherValues: func(d *snapshot.Drill) []string { return []string{d.Proof} },
		},
		{
			name:          DrillLastSuccess,
			meaning:       "When the last successful drill of the guest had its proof, in Unix seconds.",
			origin:        drillsOrigin,
			value:         func(d *snapshot.Drill) (float64, bool) { return number(d.LastSuccess) },
			further:       []string{LabelProof},
			furtherValues: func(d *snapshot.Drill) []string { return []string{d.SuccessProof} },
		},
		{
			name:          DrillLastDuration,
			meaning:       "How long the last successful drill of the guest took from the beginning of the restore until the proof, in seconds: the measured time to restore it.",
			origin:        drillsOrigin,
			value:         func(d *snapshot.Drill) (float64, bool) { return number(d.Duration) },
			further:       []string{LabelProof},
			furtherValues: func(d *snapshot.Drill) []string { return []string{d.SuccessProof} },
		},
		{
			name:    DrillDue,
			meaning: "When the next successful drill of the guest must exist, in Unix seconds: the declared period after the last one, or after the first backup.",
			origin:  "the results file and the declared file",
			value:   func(d *snapshot.Drill) (float64, bool) { return number(d.Due) },
		},
	},
}
