package play

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

// drills returns what stands for the file of results: what the story's drills have found out by now; nil where nothing is drilled.
func (p *process) drills() func() (map[string]derive.Drilled, error) {
	if !p.told.Drilled() {
		return nil
	}
	return func() (map[string]derive.Drilled, error) {
		results := map[string]derive.Drilled{}
		for guest, drills := range p.told.DrillsOf(p.clock.Now().Sub(p.told.Start)) {
			var known derive.Drilled
			for _, drill := range drills {
				known.Last = p.result(drill)
				if drill.Result == story.DrillSucceeded {
					known.Success = known.Last
				}
			}
			results[guest] = known
		}
		return results, nil
	}
}

func (p *process) result(drill story.Drill) *derive.DrillResult {
	proof := drill.Proof
	if proof == "" {
		proof = "started"
	}
	return &derive.DrillResult{
		End: p.told.Start.Add(time.Duration(drill.In)).Unix(), Failed: drill.Result != story.DrillSucceeded, Proof: proof, Duration: time.Duration(drill.Took),
	}
}
