package derive

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// placer turns the node-local times of a task's log into Unix seconds. The log names no zone; the task list gives the task's start and
// end, which decide in the hour that a clock runs through twice, and stand in for a zone that is unknown.
type placer struct {
	zone       *time.Location
	start, end int64
}

// slack is how far a time of the log may lie outside of the task's own times: they are taken by different processes.
const slack = 90

func newPlacer(task pve.Task, report *vzdump.Report, zone *time.Location) placer {
	p := placer{zone: zone, start: task.Start, end: task.End}
	if zone == nil {
		p.zone = guessZone(task, report)
	}
	return p
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

// at returns the moment of a time in the log.
func (p placer) at(local vzdump.LocalTime) (int64, bool) {
	if local.IsZero() {
		return 0, false
	}
	moment := local.In(p.zone).Unix()
	for _, candidate := range []int64{moment, moment + hour, moment - hour} {
		if candidate >= p.start-slack && (p.end == 0 || candidate <= p.end+slack) && sameWallClock(candidate, moment, p.zone) {
			return candidate, true
		}
	}
	return moment, true
}

// sameWallClock reports whether both moments show the same time on the zone's clock.
func sameWallClock(a, b int64, zone *time.Location) bool {
	const layout = time.DateTime
	return time.Unix(a, 0).In(zone).Format(layout) == time.Unix(b, 0).In(zone).Format(layout)
}
