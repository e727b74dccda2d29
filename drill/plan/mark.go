package plan

import (
	"fmt"
	"regexp"
	"strconv"
)

// Tag is what a scratch guest is tagged with, for people. What a drill trusts is the mark in its description.
const Tag = "pve-backup-drill"

// Mark says, in the description of a scratch guest, which run made it and when that run must be over.
type Mark struct {
	Run   string // a random number in hexadecimal
	Until int64  // Unix seconds: later than this the run is not at work any more
}

var markShape = regexp.MustCompile(`\[pve-backup-exporter drill run=([0-9a-f]{16}) until=([0-9]{1,12})\]`)

// Description is the whole description of a scratch guest. It takes the place of the source's own.
func (m Mark) Description(archive string) string {
	return fmt.Sprintf("Scratch guest of a restore drill: it was restored from %s and is removed when the drill ends, or by the next one.\n\n"+
		"[pve-backup-exporter drill run=%s until=%d]", archive, m.Run, m.Until)
}

// FindMark finds the mark in a guest's description.
func FindMark(description string) (Mark, bool) {
	match := markShape.FindStringSubmatch(description)
	if match == nil {
		return Mark{}, false
	}
	until, err := strconv.ParseInt(match[2], 10, 64)
	return Mark{Run: match[1], Until: until}, err == nil
}
