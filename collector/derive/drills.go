package derive

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// noteDrill is the reason why scratch guests of drills are exempt.
const noteDrill = "drill"

// Drilled is what a results file says of the drills of one guest: the last one with a verdict, and the last that succeeded. Times are Unix
// seconds.
type Drilled struct {
	Last, Success *DrillResult
}

// DrillResult is one drill.
type DrillResult struct {
	End           int64
	Failed        bool
	Proof         string
	Stage, Reason string
	Duration      time.Duration // from the beginning of the restore until the proof
}

// drillSnapshots describes the drills of the guests that were drilled or have to be, in the order of the guests.
func drillSnapshots(memory *state.Cluster, w *World, settings Settings, guests []snapshot.Guest) []snapshot.Drill {
	var result []snapshot.Drill
	for i := range guests {
		guest := &guests[i]
		remembered := memory.Guests[guest.ID]
		described := snapshot.Drill{Guest: guest.ID, Environment: guest.Environment}
		if results := w.Drills[guest.ID]; results.Last != nil && results.Last.End > remembered.Born { // else of a former guest of this id
			described.LastRun, described.Failed, described.Proof = optional.Some(results.Last.End), results.Last.Failed, results.Last.Proof
			described.Stage, described.Reason = results.Last.Stage, results.Last.Reason
			if success := results.Success; success != nil && success.End > remembered.Born {
				described.LastSuccess, described.SuccessProof = optional.Some(success.End), success.Proof
				described.Duration = optional.Some(success.Duration.Seconds())
			}
		}
		described.Due = drillDue(remembered, w.Now, settings, guest, described.LastSuccess.Or(0))
		if described.LastRun.Known() || described.Due.Known() {
			result = append(result, described)
		}
	}
	return result
}

// drillDue works out when the next successful drill of a guest must exist. The period begins when the guest has to be drilled and has
// something to be drilled with; that moment is remembered.
func drillDue(remembered *state.Guest, now int64, settings Settings, guest *snapshot.Guest, success int64) snapshot.Seconds {
	period, declared := time.Duration(0), false
	if settings.DrillPeriod != nil {
		period, declared = settings.DrillPeriod(guest.Environment, guest.VMID)
	}
	if !declared || guest.Exempt {
		remembered.DrillSince = 0
		return snapshot.Seconds{}
	}
	if remembered.DrillSince == 0 {
		if !backedUp(remembered) {
			return snapshot.Seconds{}
		}
		remembered.DrillSince = now
	}
	return optional.Some(max(success, remembered.DrillSince) + int64(period/time.Second))
}

// backedUp reports whether a good backup of the guest is known on any storage.
func backedUp(guest *state.Guest) bool {
	for _, target := range guest.Targets {
		if target.Success != nil {
			return true
		}
	}
	return false
}
