// Package result is what drills leave for those who ask later: a file with the last drill of each guest. The command writes it, the exporter
// reads it. It holds no secrets and no history.
package result

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
)

// FileName is the name of the file inside the storage path, where the declared file names no other.
const FileName = "drills.json"

// Verdict is what came of a drill.
type Verdict string

// The verdicts. Only the first two say something about the backup.
const (
	Success      Verdict = "success"
	Failed       Verdict = "failed"       // the archive could not be restored, or what was restored gave no proof in time
	Inconclusive Verdict = "inconclusive" // the drill itself came to no end: no room, no rights, a node lost half-way, interrupted
)

// Stage is a part of a drill.
type Stage string

// The stages, in their order.
const (
	Prepare Stage = "prepare" // find the archive, and where there is room for it
	Restore Stage = "restore"
	Isolate Stage = "isolate" // mark it, take network and devices out of it
	Start   Stage = "start"
	Prove   Stage = "prove"
	Remove  Stage = "remove" // stop and destroy it
)

// Stages lists all stages in their order.
func Stages() []Stage { return []Stage{Prepare, Restore, Isolate, Start, Prove, Remove} }

// Timing is how long a stage took.
type Timing struct {
	Stage   Stage   `json:"stage"`
	Seconds float64 `json:"seconds"`
}

// Drill is one drill of a guest. Times are Unix seconds.
type Drill struct {
	Run     string     `json:"run"`
	Start   int64      `json:"start"`
	End     int64      `json:"end"` // of the proof, or of what failed
	Verdict Verdict    `json:"verdict"`
	Proof   plan.Proof `json:"proof,omitempty"` // that was taken, or was to be
	Archive string     `json:"archive,omitempty"`
	// ArchiveCreated is when the backup that was restored began.
	ArchiveCreated int64  `json:"archive_created,omitempty"`
	Node           string `json:"node,omitempty"`
	VMID           int    `json:"vmid,omitempty"` // of the scratch guest
	// Stage and Reason say where and why it ended before its proof.
	Stage  Stage    `json:"stage,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Stages []Timing `json:"stages,omitempty"`
	// Left tells that the scratch guest could not be removed; the next run tries again.
	Left string `json:"left,omitempty"`
}

// Restored is how long it took from the call that restores the archive until the proof: what a person would have waited for.
func (d Drill) Restored() time.Duration {
	var sum float64
	for _, each := range d.Stages {
		if each.Stage != Prepare && each.Stage != Remove {
			sum += each.Seconds
		}
	}
	return time.Duration(sum * float64(time.Second))
}

// Guest is what is known of the drills of one guest.
type Guest struct {
	// Since is when it was first known that the guest has to be drilled, in Unix seconds.
	Since int64 `json:"since,omitempty"`
	// Tried is the last drill that was begun, whatever came of it.
	Tried *Drill `json:"tried,omitempty"`
	// Last is the last one with a verdict about the backup; Success the last that succeeded. They may be the same as Tried.
	Last    *Drill `json:"last,omitempty"`
	Success *Drill `json:"success,omitempty"`
}

// Add takes a drill over.
func (g *Guest) Add(drill Drill) {
	g.Tried = &drill
	if drill.Verdict != Inconclusive {
		g.Last = &drill
	}
	if drill.Verdict == Success {
		g.Success = &drill
	}
}
