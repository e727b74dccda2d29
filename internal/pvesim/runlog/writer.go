package runlog

import (
	"fmt"
	"strings"
	"time"
)

// writer collects lines up to a moment of the cluster's clock. Everything later than that is dropped: it has not happened yet.
type writer struct {
	buf   []byte
	until int64
	now   int64
	loc   *time.Location
}

// at moves to a moment; the lines that follow are printed then.
func (w *writer) at(t int64) { w.now = t }

// past reports whether the present moment has come.
func (w *writer) past() bool { return w.now <= w.until }

// raw prints a line as it is.
func (w *writer) raw(line string) {
	if w.now <= w.until {
		w.buf = append(append(w.buf, line...), '\n')
	}
}

// prefixed prints a message with a prefix on each of its lines, as vzdump's own logger does.
func (w *writer) prefixed(prefix, message string) {
	if w.now > w.until {
		return
	}
	for line := range strings.SplitSeq(message, "\n") {
		w.buf = append(append(append(w.buf, prefix...), line...), '\n')
	}
}

func (w *writer) info(message string)    { w.prefixed("INFO: ", message) }
func (w *writer) warn(message string)    { w.prefixed("WARN: ", message) }
func (w *writer) failure(message string) { w.prefixed("ERROR: ", message) }

func (w *writer) infof(format string, args ...any) {
	if w.now > w.until {
		return
	}
	w.info(fmt.Sprintf(format, args...))
}

// local writes a moment as the log does: the node's wall clock, without a zone.
func (w *writer) local(t int64) string {
	return time.Unix(t, 0).In(w.loc).Format("2006-01-02 15:04:05")
}

// hash mixes numbers into one that looks random and is always the same (splitmix64's finisher over a running sum).
func hash(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h += p + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// uuid writes a task's UUID from a number.
func uuid(seed uint64) string {
	a, b := hash(seed, 1), hash(seed, 2)
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a>>32), uint16(a>>16), a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}
