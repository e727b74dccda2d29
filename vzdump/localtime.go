package vzdump

import "time"

// LocalTime is a reading of a node's wall clock, to the second. Logs name no zone, so it is no moment until somebody who knows the node's
// zone calls In. The zero LocalTime is a time that the log does not state.
type LocalTime struct{ wall time.Time } // as if it were UTC

// IsZero reports that the log states no time.
func (t LocalTime) IsZero() bool { return t.wall.IsZero() }

// In returns the moment at which clocks of the zone show the time. Of an hour that the clock runs through twice, or skips, it returns what
// time.Date returns: one of the two that are possible.
func (t LocalTime) In(zone *time.Location) time.Time {
	year, month, day := t.wall.Date()
	hour, minute, second := t.wall.Clock()
	return time.Date(year, month, day, hour, minute, second, 0, zone)
}

// Sub returns how far the clock's hands moved since an earlier reading; when the clocks changed in between, that is an hour off.
func (t LocalTime) Sub(earlier LocalTime) time.Duration { return t.wall.Sub(earlier.wall) }

// String writes the time as logs do, "2026-11-23 00:19:08", or nothing for the zero LocalTime.
func (t LocalTime) String() string {
	if t.IsZero() {
		return ""
	}
	return t.wall.Format(time.DateTime)
}

const localTimeLength = len("2006-01-02 15:04:05")

// parseLocalTime reads "YYYY-MM-DD HH:MM:SS" and nothing else. It does not allocate, as time.Parse would for a line of no interest.
func parseLocalTime(text []byte) (LocalTime, bool) {
	if len(text) != localTimeLength {
		return LocalTime{}, false
	}
	for i, layout := range []byte("0000-00-00 00:00:00") {
		if layout == '0' && !isDecimal(text[i]) || layout != '0' && text[i] != layout {
			return LocalTime{}, false
		}
	}
	number := func(from, to int) (n int) {
		for _, digit := range text[from:to] {
			n = 10*n + int(digit-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(5, 7), number(8, 10)
	hour, minute, second := number(11, 13), number(14, 16), number(17, 19)
	wall := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if wall.Day() != day || wall.Month() != time.Month(month) || hour > 23 || minute > 59 || second > 59 || year == 0 {
		return LocalTime{}, false
	}
	return LocalTime{wall}, true
}

func isDecimal(b byte) bool { return '0' <= b && b <= '9' }
