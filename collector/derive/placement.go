package derive

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// placer turns the node-local times of a task's log into Unix seconds, in the log's order. The log names no zone; the task list gives the
// task's start and end, which stand in for a zone that is unknown. In the hour that a clock runs through twice, time goes on: what comes
// later in the log is later.
type placer struct {
	zone *time.Location
	last int64 // the time before, as far as it is certain
	end  int64 // of the task, 0 while it runs
}

// slack is how far a time of the log may lie outside of the task's own times: they are taken by different processes.
const slack = 90

func newPlacer(task pve.Task, report *vzdump.Report, zone *time.Location) *placer {
	if zone == nil {
		zone = guessZone(task, report)
	}
	return &placer{zone: zone, last: task.Start - slack, end: task.End}
}

// guessZone takes the offset at which the log's last time falls on the task's end; offsets are multiples of a quarter of an hour.
func guessZone(task pve.Task, report *vzdump.Report) *time.Location {
	const quarter = 15 * 60
	for i := len(report.Guests) - 1; i >= 0; i-- {
		ended := report.Guests[i].Ended
		if ended.IsZero() || task.End == 0 {
			continue
		}
		distance := ended.In(time.UTC).Unix() - task.End
		offset := (distance + quarter/2) / quarter
		if distance+quarter/2 < 0 {
			offset--
		}
		return time.FixedZone("guessed", int(offset*quarter))
	}
	return time.UTC
}

// at returns the moment of the next time in the log: of two that are possible the one that comes first.
func (p *placer) at(local vzdump.LocalTime) (int64, bool) { return p.near(local, p.last) }

// near returns the moment of the next time in the log: of two that are possible the one that is nearer to another moment.
func (p *placer) near(local vzdump.LocalTime, to int64) (int64, bool) {
	if local.IsZero() {
		return 0, false
	}
	moment := local.In(p.zone).Unix()
	best, found := moment, false
	for _, candidate := range []int64{moment - hour, moment, moment + hour} {
		possible := candidate >= p.last && (p.end == 0 || candidate <= p.end+slack) && sameWallClock(candidate, moment, p.zone)
		if possible && (!found || abs(candidate-to) < abs(best-to)) {
			best, found = candidate, true
		}
	}
	if found {
		p.last = best
	}
	return best, true
}

// sameWallClock reports whether both moments show the same time on the zone's clock.
func sameWallClock(a, b int64, zone *time.Location) bool {
	const layout = time.DateTime
	return time.Unix(a, 0).In(zone).Format(layout) == time.Unix(b, 0).In(zone).Format(layout)
}
