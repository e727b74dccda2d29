package vzdump

// parseClock reads a duration as vzdump prints it, HH:MM:SS, as seconds. There is no field for days: a backup of five days has 120 hours.
func parseClock(text []byte) (seconds int64, ok bool) {
	hours, rest, ok := leadingInt(text)
	const mostHours = 1e9
	if !ok || hours > mostHours || len(rest) != len(":00:00") || len(text) < len("00:00:00") {
		return 0, false
	}
	if rest[0] != ':' || rest[3] != ':' {
		return 0, false
	}
	minutes, tail, ok := leadingInt(rest[1:3])
	if !ok || len(tail) > 0 || minutes > 59 {
		return 0, false
	}
	secs, tail, ok := leadingInt(rest[4:6])
	if !ok || len(tail) > 0 || secs > 59 {
		return 0, false
	}
	return hours*3600 + minutes*60 + secs, true
}

// parseDelay reads "12 seconds", or "<1 seconds" as 0.
func parseDelay(text []byte) (seconds int64, ok bool) {
	if hasPrefix(text, "<1 second") {
		return 0, true
	}
	seconds, rest, ok := leadingInt(text)
	return seconds, ok && hasPrefix(rest, " second")
}
