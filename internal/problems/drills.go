package problems

import (
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// drills tells of guests whose backup could not be restored for a trial, and in one line of those whose trial is overdue.
func (x *examination) drills() {
	var overdue []string
	for i := range x.Drills {
		drill := &x.Drills[i]
		guest := x.guests[drill.Guest]
		if guest == nil {
			continue
		}
		due, known := drill.Due.Get()
		switch {
		case drill.Failed:
			x.add(Problem{
				Severity: Critical, Kind: DrillFailed, Subject: Subject{Guest: drill.Guest},
				Text: "The backup of " + guestWords(guest) + " could not be restored for a trial " + words.When(drill.LastRun.Or(0), x.now) + ": " + strings.TrimSuffix(drill.Reason, "."),
				Hint: "once the cause is gone: `pve-backup-exporter drill --guest=" + drill.Guest + "`",
			})
		case known && due < x.now:
			overdue = append(overdue, guestWords(guest))
		}
	}
	if len(overdue) == 0 {
		return
	}
	p := Problem{
		Severity: Warning, Kind: DrillMissing,
		Text: "Nobody has tried for longer than declared whether " + words.List(overdue, few) + " of cluster " + words.Name(x.Name) + " can be restored",
		Hint: "`pve-backup-exporter drill` has to run every night: look at its timer and its log",
	}
	if len(overdue) > few {
		p.Details = overdue
	}
	x.add(p)
}
