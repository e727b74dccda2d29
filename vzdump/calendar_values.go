package vzdump

import "math"

// noLast is the end of a span that has none, such as "12/2".
const noLast = math.MaxInt

// calendarSpan is the values first, first+step, first+2*step and so on up to last.
type calendarSpan struct{ first, last, step int }

// newCalendarSpan returns the span; a step of 0 leaves the first value alone.
func newCalendarSpan(first, last, step int) calendarSpan {
	if step == 0 {
		return calendarSpan{first: first, last: first, step: 1}
	}
	return calendarSpan{first: first, last: last, step: step}
}

func (s calendarSpan) contains(value int) bool {
	return value >= s.first && value <= s.last && (value-s.first)%s.step == 0
}

// next returns the least member above value. A span without end has one for every value, which may lie beyond what the field can hold: the
// caller lets it overflow into the next larger field, as Proxmox VE does.
func (s calendarSpan) next(value int) (int, bool) {
	if value < s.first {
		return s.first, true
	}
	next := s.first + ((value-s.first)/s.step+1)*s.step
	return next, next <= s.last
}

// calendarSpans is the union of its spans, and every value when it has none.
type calendarSpans []calendarSpan

func calendarValues(values ...int) calendarSpans {
	spans := make(calendarSpans, len(values))
	for i, value := range values {
		spans[i] = newCalendarSpan(value, value, 1)
	}
	return spans
}

func (s calendarSpans) contains(value int) bool {
	for _, span := range s {
		if span.contains(value) {
			return true
		}
	}
	return len(s) == 0
}

// next returns the least member above value.
func (s calendarSpans) next(value int) (next int, found bool) {
	for _, span := range s {
		if candidate, ok := span.next(value); ok && (!found || candidate < next) {
			next, found = candidate, true
		}
	}
	return next, found
}

// nextOr returns the least member above value, or overflow where there is none.
func (s calendarSpans) nextOr(value, overflow int) int {
	if next, ok := s.next(value); ok {
		return next
	}
	return overflow
}

// weekdays has a bit for each day, Monday the lowest. None set means every day.
type weekdays uint8

const monday weekdays = 1

// weekdaysBetween returns the days from first to last, both counted from Monday = 0; it wraps over Sunday when last lies before first.
func weekdaysBetween(first, last int) weekdays {
	var days weekdays
	for day := first; ; day = (day + 1) % 7 {
		days |= monday << day
		if day == last {
			return days
		}
	}
}

func (w weekdays) contains(day int) bool { return w == 0 || w&(monday<<day) != 0 }

// daysToNext counts the days from day to the next member in the same week, or to the next Monday where the week has none left.
func (w weekdays) daysToNext(day int) int {
	for ahead := 1; day+ahead < 7; ahead++ {
		if w.contains(day + ahead) {
			return ahead
		}
	}
	return 7 - day
}
