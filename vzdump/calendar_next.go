package vzdump

import "time"

// maxCalendarSteps bounds the search. It is Proxmox VE's own bound, so that "never" is answered for the same schedules.
const maxCalendarSteps = 1001

// Next returns the first run strictly after a moment, in that moment's location, which must be the zone of the node that runs the job. False
// means that there is none: the year has passed, or the date does not exist.
//
// It takes Proxmox VE's own steps (proxmox-time's compute_next_event), which shows on three occasions. A time that the clocks leave out in
// spring is skipped: no run at 02:30 that night. Of an hour that comes twice in autumn the runs of the first pass count. And a step that
// leaves its field is not wrapped: "*/5:00" goes from 20:00 to 05:00, since 25:00 is 01:00, which is not a multiple of five hours.
func (e CalendarEvent) Next(after time.Time) (time.Time, bool) {
	if e.text == "" {
		return time.Time{}, false
	}
	zone := after.Location()
	if e.utc {
		zone = time.UTC
	}
	at := newCalendarCursor(after.Unix()+1, zone)
	for range maxCalendarSteps {
		moved, possible := e.step(&at)
		if !possible {
			break
		}
		if !moved {
			next := at.now.In(after.Location())
			return next, next.After(after)
		}
	}
	return time.Time{}, false
}

// step moves the cursor towards the next run: to the next value of the largest field that does not fit, with all smaller fields at their
// start. It does not move where all fields fit; the search is impossible once no year is left.
func (e CalendarEvent) step(at *calendarCursor) (moved, possible bool) {
	year, month, day := at.now.Date()
	hour, minute, second := at.now.Clock()
	weekday := (int(at.now.Weekday()) + 6) % 7 // Monday is 0 here
	switch {
	case !e.years.contains(year):
		next, ok := e.years.next(year)
		if !ok {
			return false, false
		}
		at.move(next, 1, 1, 0, 0, 0)
	case !e.months.contains(int(month)):
		at.move(year, e.months.nextOr(int(month), 13), 1, 0, 0, 0)
	case !e.days.contains(day):
		if next, ok := e.days.next(day); ok {
			at.move(year, int(month), next, 0, 0, 0)
		} else {
			at.move(year, int(month)+1, 1, 0, 0, 0)
		}
	case !e.weekdays.contains(weekday):
		at.move(year, int(month), day+e.weekdays.daysToNext(weekday), 0, 0, 0)
	case !e.hours.contains(hour):
		at.move(year, int(month), day, e.hours.nextOr(hour, 24), 0, 0)
	case !e.minutes.contains(minute):
		at.move(year, int(month), day, hour, e.minutes.nextOr(minute, 60), 0)
	case !e.seconds.contains(second):
		at.move(year, int(month), day, hour, minute, e.seconds.nextOr(second, 60))
	default:
		return false, true
	}
	return true, true
}

// calendarCursor is a moment that is moved by what a wall clock shows.
type calendarCursor struct {
	now  time.Time
	zone *time.Location
}

func newCalendarCursor(unix int64, zone *time.Location) calendarCursor {
	return calendarCursor{now: time.Unix(unix, 0).In(zone), zone: zone}
}

// move sets the cursor to a wall clock reading. Values beyond their field overflow into the next one.
func (c *calendarCursor) move(year, month, day, hour, minute, second int) {
	_, offset := c.now.Zone()
	c.now = instantOf(time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), c.zone, offset)
}
