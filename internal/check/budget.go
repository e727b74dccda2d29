package check

import (
	"time"

	"github.com/prometheus/common/model"
)

// checkBudget compares how long the calls of a fast cycle took with how often they are made.
func checkBudget(f *facts) []Finding {
	if !f.resources.read() {
		return nil
	}
	took, interval := f.cycle.Round(time.Millisecond), f.cluster.RefreshInterval
	what := "a fast cycle's five calls took %s, one begins every %s"
	if f.cycle <= interval/2 {
		return []Finding{found(Info, what, took, model.Duration(interval))}
	}
	return []Finding{found(Warning, what, took, model.Duration(interval)).
		because("that is more than half of the time: with news to read, cycles would come late").
		advise("raise `refresh_interval`, or look why the node is slow: a storage that hangs slows every answer down")}
}
