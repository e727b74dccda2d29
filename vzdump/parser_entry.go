package vzdump

import "bytes"

// level is what a line begins with.
type level uint8

const (
	levelNone level = iota // output of programs that vzdump started, TASK lines, empty lines
	levelInfo
	levelWarn
	levelError
)

// splitLine takes the level off a line and whatever stands before it, of which "YYYY-MM-DD HH:MM:SS" is returned as stamp:
//
//	INFO: message                             task log
//	2024-11-20 01:30:58 INFO: message         log file beside an archive
//	106: 2024-11-20 01:30:58 INFO: message    e-mail
//	106: Nov 20 01:30:58 INFO: message        e-mail of PVE 4 and older
//
// Blanks at the end are the output programs' padding or a line end of another system.
func splitLine(line []byte) (found level, message, stamp []byte) {
	for len(line) > 0 && line[len(line)-1] <= ' ' {
		line = line[:len(line)-1]
	}
	if found, message = splitLevel(line); found != levelNone || len(line) == 0 {
		return found, message, nil
	}
	rest := bytes.TrimPrefix(line, []byte("\ufeff"))
	if _, behind, ok := leadingInt(rest); ok && hasPrefix(behind, ": ") {
		rest = behind[len(": "):]
	}
	stamp, rest = splitStamp(rest)
	if found, message = splitLevel(rest); found != levelNone {
		return found, message, stamp
	}
	return levelNone, line, nil
}

func splitLevel(line []byte) (level, []byte) {
	if len(line) < len("INFO:") {
		return levelNone, line
	}
	var found level
	var name string
	switch line[0] {
	case 'I':
		found, name = levelInfo, "INFO:"
	case 'W':
		found, name = levelWarn, "WARN:"
	case 'E':
		found, name = levelError, "ERROR:"
	default:
		return levelNone, line
	}
	if !hasPrefix(line, name) {
		return levelNone, line
	}
	message := line[len(name):]
	if len(message) > 0 && message[0] == ' ' {
		message = message[1:]
	}
	return found, message
}

// splitStamp takes a timestamp off a line; only one with a year is worth keeping.
func splitStamp(line []byte) (stamp, rest []byte) {
	const clock = len("15:04:05 ")
	if len(line) > localTimeLength && line[localTimeLength] == ' ' && line[4] == '-' && line[7] == '-' && line[10] == ' ' {
		return line[:localTimeLength], line[localTimeLength+1:]
	}
	if month := len("Jan _2 "); len(line) > month+clock && line[3] == ' ' && line[month-1] == ' ' && isClock(line[month:]) {
		return nil, line[month+clock:]
	}
	if len(line) > clock && isClock(line) {
		return nil, line[clock:]
	}
	return nil, line
}

func isClock(text []byte) bool {
	return isDecimal(text[0]) && text[2] == ':' && text[5] == ':' && text[8] == ' '
}
