package explain

import (
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// failure says why something failed, how to confirm it, what to do and what prevents it. What was said at length of one guest is only
// referred to for the next: a full storage fails them all.
func (w *writer) failure(reason vzdump.Reason, cause, message, whose string, place Place) {
	explanation := Of(reason).For(place)
	w.paragraph("why", fmt.Sprintf("%s (%s)", explanation.Meaning, reason))
	if cause != "" {
		w.line("because of", "%s", excerpt(cause))
	}
	if message != "" {
		w.line("log says", "%s", excerpt(message))
	}
	if first, told := w.told[reason]; told {
		w.line("do", "as for %s, above", first)
		return
	}
	w.told[reason] = whose
	word := "confirm"
	for _, command := range explanation.Confirm {
		w.line(word, "%s", command)
		word = ""
	}
	w.paragraph("do", explanation.Advice)
	w.paragraph("prevent", explanation.Prevent)
}

// asked tells of the guest that was asked for, and of its newest attempts.
func (w *writer) asked() {
	guest := w.answer.Guest
	if guest == nil {
		return
	}
	name := ""
	if guest.Name != "" {
		name = " " + quoted(guest.Name)
	}
	if guest.Node == "" {
		w.line("guest", "%s, which is in no inventory", guest.ID()+name)
	} else {
		w.line("guest", "%s on node %s", guest.ID()+name, printable(guest.Node))
	}
	word := "attempts"
	for _, attempt := range guest.Attempts {
		w.line(word, "%s", w.attempt(attempt))
		word = ""
	}
	for _, node := range guest.NotAsked {
		w.line("not asked", "node %s, whose tasks could not be read: a newer attempt may be there", printable(node))
	}
	w.WriteByte('\n')
}

func (w *writer) attempt(attempt Attempt) string {
	zone := w.answer.Zone
	if zone == nil {
		zone = time.UTC
	}
	text := fmt.Sprintf("%s  on %s", time.Unix(attempt.Started, 0).In(zone).Format("2006-01-02 15:04:05 MST"), printable(attempt.Node))
	if attempt.Storage != "" {
		text += " to " + printable(attempt.Storage)
	}
	text += ": " + wordOf(attempt.Result)
	if attempt.Reason != "" {
		text += " (" + string(attempt.Reason) + ")"
	}
	if attempt.Explained {
		text += ", explained below"
	}
	return text
}
