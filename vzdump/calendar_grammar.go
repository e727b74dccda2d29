package vzdump

import (
	"fmt"
	"strconv"
	"strings"
)

// Every read function takes the text that is left and returns what it read, the text after that, and whether it could read anything.
// One that fails leaves its input for another reading: this backtracking decides what odd schedules mean.

type calendarDate struct{ years, months, days calendarSpans }

// readDate reads "years-months-days" or "months-days".
func readDate(in string) (date calendarDate, rest string, ok bool) {
	if years, rest, ok := readSpans(in, 0, 2200); ok {
		if monthDay, rest, ok := readAfter(rest, "-", readMonthDay); ok {
			monthDay.years = years
			return monthDay, rest, true
		}
	}
	return readMonthDay(in)
}

func readMonthDay(in string) (date calendarDate, rest string, ok bool) {
	if date.months, rest, ok = readSpans(in, 1, 13); !ok {
		return calendarDate{}, in, false
	}
	date.days, rest, ok = readAfter(rest, "-", func(in string) (calendarSpans, string, bool) { return readSpans(in, 1, 32) })
	if !ok {
		return calendarDate{}, in, false
	}
	return date, rest, true
}

type calendarClock struct{ hours, minutes, seconds calendarSpans }

// readClock reads "[hours:]minutes[:seconds]". A lone number is minutes.
func readClock(in string) (clock calendarClock, rest string, ok bool) {
	rest = in
	if hours, after, ok := readSpans(in, 0, 24); ok && strings.HasPrefix(after, ":") {
		clock.hours, rest = hours, after[1:]
	}
	if clock.minutes, rest, ok = readSpans(rest, 0, 60); !ok {
		return calendarClock{}, in, false
	}
	clock.seconds = calendarValues(0)
	if seconds, after, ok := readAfter(rest, ":", readSixty); ok {
		clock.seconds, rest = seconds, after
	}
	return clock, rest, true
}

func readSixty(in string) (calendarSpans, string, bool) { return readSpans(in, 0, 60) }

// readAfter reads a separator and then what read reads.
func readAfter[T any](in, separator string, read func(string) (T, string, bool)) (value T, rest string, ok bool) {
	after, ok := strings.CutPrefix(in, separator)
	if !ok {
		return value, in, false
	}
	return read(after)
}

// readSpans reads "*", "*/step" or a list of "first", "first..last", "first/step" and "first..last/step". All numbers, steps too, lie below
// limit; "*/step" counts from lowest.
func readSpans(in string, lowest, limit int) (spans calendarSpans, rest string, ok bool) {
	if rest, ok := strings.CutPrefix(in, "*"); ok {
		if !strings.HasPrefix(rest, "/") {
			return nil, rest, true
		}
		step, after, ok := readNumber(rest[1:], limit)
		if ok && step == 0 {
			return nil, rest, true
		}
		return calendarSpans{newCalendarSpan(lowest, noLast, step)}, after, ok
	}
	span, rest, ok := readSpan(in, limit)
	if !ok {
		return nil, in, false
	}
	for spans = append(spans, span); ; spans = append(spans, span) {
		next, after, ok := readAfter(rest, ",", func(in string) (calendarSpan, string, bool) { return readSpan(in, limit) })
		if !ok {
			return spans, rest, true
		}
		span, rest = next, after
	}
}

func readSpan(in string, limit int) (span calendarSpan, rest string, ok bool) {
	readLimited := func(in string) (int, string, bool) { return readNumber(in, limit) }
	first, rest, ok := readLimited(in)
	if !ok {
		return calendarSpan{}, in, false
	}
	last, step := first, 1
	if end, after, ok := readAfter(rest, "..", readLimited); ok {
		if end < first {
			return calendarSpan{}, in, false
		}
		last, rest = end, after
	} else if strings.HasPrefix(rest, "/") {
		last = noLast
	}
	if strings.HasPrefix(rest, "/") {
		if step, rest, ok = readLimited(rest[1:]); !ok {
			return calendarSpan{}, in, false
		}
	}
	return newCalendarSpan(first, last, step), rest, true
}

func readNumber(in string, limit int) (number int, rest string, ok bool) {
	end := strings.IndexFunc(in, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(in)
	}
	number, err := strconv.Atoi(in[:end])
	if err != nil || number >= limit {
		return 0, in, false
	}
	return number, in[end:], true
}

// readWeekdays reads a list of days and ranges of days in any case, full names or three letters: "mon,wed..FRI". A range may wrap: "fri..mon".
func readWeekdays(in string) (days weekdays, rest string, err error) {
	days, rest, ok := readWeekdayRange(in)
	if !ok {
		return 0, in, fmt.Errorf("%q is not a weekday", leadingLetters(in))
	}
	for {
		more, after, ok := readAfter(rest, ",", readWeekdayRange)
		if !ok {
			return days, rest, nil
		}
		days, rest = days|more, after
	}
}

func readWeekdayRange(in string) (days weekdays, rest string, ok bool) {
	first, rest, ok := readWeekday(in)
	if !ok {
		return 0, in, false
	}
	last, after, ok := readAfter(rest, "..", readWeekday)
	if !ok {
		return weekdaysBetween(first, first), rest, true
	}
	return weekdaysBetween(first, last), after, true
}

// readWeekday returns the days since Monday.
func readWeekday(in string) (day int, rest string, ok bool) {
	name := leadingLetters(in)
	rest = in[len(name):]
	for day, full := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			return day, rest, true
		}
	}
	return 0, in, false
}

func leadingLetters(in string) string {
	end := 0
	for end < len(in) && isLetter(in[end]) {
		end++
	}
	return in[:end]
}

func startsWithLetter(in string) bool { return in != "" && isLetter(in[0]) }

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

func skipBlanks(in string) string { return strings.TrimLeft(in, " \t") }
