package vzdump

import (
	"fmt"
	"strings"
)

// CalendarEvent is a schedule as backup jobs carry it in their property "schedule", for example "mon..fri 22:30", "*/6:00" or "monthly".
//
// It is an immutable value: copy it and use it from several goroutines at will. The zero CalendarEvent never fires.
type CalendarEvent struct {
	text     string
	utc      bool
	weekdays weekdays
	years    calendarSpans
	months   calendarSpans
	days     calendarSpans
	hours    calendarSpans
	minutes  calendarSpans
	seconds  calendarSpans
}

// ParseCalendarEvent reads a schedule by the grammar of Proxmox VE 7.1 and newer (its library proxmox-time), oddities included: "24:00" is
// accepted and means minute 24 of every hour, because 24 is no hour and the rest reads as minutes and seconds.
//
// The error names the part that could not be read.
func ParseCalendarEvent(text string) (CalendarEvent, error) {
	event := CalendarEvent{text: text}
	rest := strings.TrimSpace(text)
	if local, ok := strings.CutSuffix(rest, "UTC"); ok {
		event.utc = true
		rest = strings.TrimRight(local, " ")
	}
	if event.readName(rest) {
		return event, nil
	}
	rest, err := event.readParts(rest)
	if err != nil {
		return CalendarEvent{}, fmt.Errorf("calendar event %q: %w", text, err)
	}
	if rest != "" {
		return CalendarEvent{}, fmt.Errorf("calendar event %q: cannot read %q", text, rest)
	}
	return event, nil
}

// String returns the text that the event was read from.
func (e CalendarEvent) String() string { return e.text }

// readName fills the event from a word that stands for a whole schedule. Such words are written in lower case only.
func (e *CalendarEvent) readName(name string) bool {
	first, midnight := calendarValues(1), calendarValues(0)
	switch name {
	case "minutely":
		e.seconds = calendarValues(0)
		return true
	case "hourly":
		e.minutes, e.seconds = calendarValues(0), calendarValues(0)
		return true
	case "daily":
	case "weekly":
		e.weekdays = monday
	case "monthly":
		e.days = first
	case "quarterly":
		e.days, e.months = first, calendarValues(1, 4, 7, 10)
	case "semiannually", "semi-annually":
		e.days, e.months = first, calendarValues(1, 7)
	case "yearly", "annually":
		e.days, e.months = first, first
	default:
		return false
	}
	e.hours, e.minutes, e.seconds = midnight, midnight, midnight
	return true
}

// readParts fills the event from "[weekdays] [date] [time]" and returns what it could not read. A missing time means midnight.
func (e *CalendarEvent) readParts(in string) (rest string, err error) {
	rest = in
	found := false
	if startsWithLetter(rest) {
		if e.weekdays, rest, err = readWeekdays(rest); err != nil {
			return "", err
		}
		found, rest = true, skipBlanks(rest)
	}
	if date, after, ok := readDate(rest); ok {
		e.years, e.months, e.days = date.years, date.months, date.days
		found, rest = true, skipBlanks(after)
	}
	if clock, after, ok := readClock(rest); ok {
		e.hours, e.minutes, e.seconds = clock.hours, clock.minutes, clock.seconds
		return after, nil
	}
	if !found {
		return "", fmt.Errorf("%q is neither a weekday nor a date nor a time", rest)
	}
	e.hours, e.minutes, e.seconds = calendarValues(0), calendarValues(0), calendarValues(0)
	return rest, nil
}
