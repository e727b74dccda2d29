package problems

import (
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// driftNouns is what objects of a kind are called, one and many.
func driftNouns(kind snapshot.DriftKind) (one, many string) {
	switch kind {
	case snapshot.DriftJob:
		return "job", "jobs"
	case snapshot.DriftStorage:
		return "storage", "storages"
	case snapshot.DriftGuestDisk:
		return "volume of a guest", "volumes of guests"
	}
	return string(kind), string(kind)
}

// drift gives one line for each kind of object that is not as the declared file says, with all of its objects in the details.
func (x *examination) drift() {
	for _, drift := range x.Drift {
		if len(drift.Objects) == 0 {
			continue
		}
		each := make([]string, 0, len(drift.Objects))
		for _, object := range drift.Objects {
			each = append(each, words.Name(object.ID)+" ("+object.What+")")
		}
		one, many := driftNouns(drift.Kind)
		is := " is"
		if len(each) > 1 {
			is = " are"
		}
		p := Problem{
			Severity: Info, Kind: ConfigDrift,
			Text: words.Count(len(each), one, many) + " of cluster " + words.Name(x.Name) + is + " not as the declared file says: " + words.List(each, few),
			Hint: "`pve-backup-exporter provision --dry-run` shows what it would change; if the cluster is right, change the file",
		}
		if len(each) > few {
			for _, line := range each {
				p.Details = append(p.Details, words.Line(line))
			}
		}
		x.add(p)
	}
}

// toldAsDrift reports whether all volumes that are left out of a guest's backups are among those that the declared file wants in.
func (x *examination) toldAsDrift(guest *snapshot.Guest) bool {
	told := 0
	for _, drift := range x.Drift {
		for _, object := range drift.Objects {
			if drift.Kind == snapshot.DriftGuestDisk && strings.HasPrefix(object.ID, guest.ID+":") {
				told++
			}
		}
	}
	return told >= guest.ExcludedDisks.Or(0)
}
