package spec

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const vmidRangePattern = `^[1-9][0-9]{2,8}-[1-9][0-9]{2,8}$`

var vmidRangeShape = regexp.MustCompile(`^([1-9][0-9]{2,8})-([1-9][0-9]{2,8})$`)

// mostScratchIDs is how many ids a range may have: one is in use at a time, and what an accident leaves is cleared by the next run.
const mostScratchIDs = 100

func parseVMIDRange(text string) (string, error) {
	match := vmidRangeShape.FindStringSubmatch(text)
	if match == nil {
		return "", ui.Hint(fmt.Errorf("`%s` is not a range of guest ids", text), "write the first and the last id, such as 990000-990004")
	}
	first, _ := strconv.Atoi(match[1])
	last, _ := strconv.Atoi(match[2])
	switch {
	case first > last:
		return "", ui.Hint(fmt.Errorf("`%s` holds no id", text), "write the smaller id first: %d-%d", last, first)
	case last-first >= mostScratchIDs:
		return "", ui.Hint(fmt.Errorf("`%s` holds %d ids", text, last-first+1), "a few are enough, and no other guest may have one of them: up to %d", mostScratchIDs)
	}
	return text, nil
}
