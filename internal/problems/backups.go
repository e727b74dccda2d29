package problems

import (
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

// causeOf tells which failures have one cause: those of the same reason on the same storage, where the reason lies outside of the guest.
func causeOf(p pair) string {
	cause := p.Storage + "\x00" + string(p.FailureReason)
	switch p.FailureReason {
	case vzdump.ReasonStorageFull, vzdump.ReasonStorageUnavailable, vzdump.ReasonPermission, vzdump.ReasonNetwork, vzdump.ReasonHookFailed,
		vzdump.ReasonLockTimeout, vzdump.ReasonPruneFailed:
		return cause
	case vzdump.ReasonInterrupted, vzdump.ReasonCrashed:
		return cause + "\x00" + p.guest.Node
	}
	return cause + "\x00" + p.guest.ID
}

func (x *examination) failed(group []pair) {
	first := group[0]
	ago := func(p pair) string { return words.When(p.LastAttempt.Or(x.now), x.now) }
	perGuest := details(group, func(p pair) string { return "failed " + ago(p) + "; " + p.good(x.now) })
	if at, isCause := x.storageBehind(first); isCause {
		if len(group) == 1 {
			x.append(at, "; the last backup of "+guestWords(first.guest)+" failed for it "+ago(first), nil)
		} else {
			x.append(at, "; the last backups of "+words.Count(len(group), "guest", "guests")+" failed for it", perGuest)
		}
		return
	}
	reason := explain.Of(first.FailureReason)
	cause := fmt.Sprintf("%s (%s)", reason.Meaning, first.FailureReason)
	p := Problem{Severity: Critical, Kind: BackupFailed, Hint: reason.Advice, Details: perGuest, Subject: subject(group)}
	if len(group) == 1 {
		p.Text = guestWords(first.guest) + ": the last backup" + first.on("to") + " failed " + ago(first) + ", " + first.good(x.now) + ": " + cause
		if first.FailureReason == vzdump.ReasonGuestLocked && first.guest.Lock != "" {
			x.told[first.guest.ID] = true
			p.Text += ": lock '" + words.Name(first.guest.Lock) + "'"
			p.Hint = hintUnlock(first.guest)
		}
	} else {
		p.Text = "The last backups of " + words.Count(len(group), "guest", "guests") + first.on("to") + " failed: " + cause + ": " + names(group)
	}
	if first.FailureReason == vzdump.ReasonStorageUnavailable && first.guest.Uncovered == snapshot.UncoveredStorageUnusable {
		p.Hint = hintUnusable
		for _, each := range group {
			x.told[each.guest.ID] = true
		}
	}
	x.add(p)
}

// storageBehind finds the line of the storage that is the cause of a failure.
func (x *examination) storageBehind(p pair) (at int, found bool) {
	switch p.FailureReason {
	case vzdump.ReasonStorageFull:
		at, found = x.full[p.Storage]
	case vzdump.ReasonStorageUnavailable:
		at, found = x.down[p.Storage]
	}
	return at, found
}

func (x *examination) missing(group []pair) {
	first := group[0]
	due := func(p pair) string { return "one was due " + words.When(p.Due.Or(x.now), x.now) + ", " + p.good(x.now) }
	perGuest := details(group, due)
	if at, isCause := x.down[first.Storage]; isCause {
		if len(group) == 1 {
			x.append(at, "; "+guestWords(first.guest)+" has no fresh one there: "+due(first), nil)
		} else {
			x.append(at, "; "+words.Count(len(group), "guest has", "guests have")+" no fresh one there", perGuest)
		}
		return
	}
	p := Problem{
		Severity: Warning, Kind: BackupMissing, Details: perGuest, Subject: subject(group),
		Hint: "no attempt was seen: look whether the job ran (was the node off or the scheduler stopped at that time?) and whether it still selects the guest",
	}
	if len(group) == 1 {
		p.Text = guestWords(first.guest) + ": no fresh backup" + first.on("on") + "; " + due(first)
	} else {
		p.Text = words.Count(len(group), "guest has", "guests have") + " no fresh backup" + first.on("on") + ": " + names(group)
	}
	x.add(p)
}

func (x *examination) awaited(group []pair) {
	first := group[0]
	due := func(p pair) string { return "the first must exist " + words.When(p.Due.Or(x.now), x.now) }
	p := Problem{Severity: Info, Kind: BackupAwaited, Details: details(group, due), Subject: subject(group)}
	if len(group) == 1 {
		p.Text = guestWords(first.guest) + ": no backup" + first.on("on") + " yet; " + due(first)
	} else {
		p.Text = words.Count(len(group), "guest has", "guests have") + " no backup" + first.on("on") + " yet: " + names(group)
	}
	x.add(p)
}

func (x *examination) lost(group []pair) {
	first := group[0]
	gone := func(p pair) string {
		return fmt.Sprintf("%d of %s that should be there", p.lost(), words.Count(p.Expected.Or(0), "archive", "archives"))
	}
	p := Problem{
		Severity: Critical, Kind: ArchivesLost, Details: details(group, gone), Subject: subject(group),
		Hint: "find out what removed them: tasks of the type imgdel or prunebackups, another job's retention, or somebody with access to the storage itself",
	}
	if len(group) == 1 {
		p.Text = guestWords(first.guest) + ": " + gone(first) + first.on("on") + " are gone"
	} else {
		p.Text = words.Count(sum(group, pair.lost), "archive", "archives") + " of " + words.Count(len(group), "guest", "guests") + first.on("on") +
			" are gone, although schedule and retention would have kept them: " + names(group)
	}
	x.add(p)
}

func (x *examination) excess(group []pair) {
	first := group[0]
	count := words.Count(sum(group, pair.excess), "archive", "archives")
	p := Problem{
		Severity: Warning, Kind: RetentionExceeded, Subject: subject(group),
		Details: details(group, func(p pair) string { return words.Count(p.excess(), "archive", "archives") }),
		Hint:    "look for `error pruning` in the job's last log, and whether the job may prune at all (remove=0 keeps all)",
	}
	if len(group) == 1 {
		p.Text = guestWords(first.guest) + ": " + count + first.on("on") + " should have been removed by the retention rule, and stay"
	} else {
		p.Text = count + " of " + words.Count(len(group), "guest", "guests") + first.on("on") +
			" should have been removed by the retention rule, and stay: " + names(group)
	}
	x.add(p)
}

func (x *examination) unverified(group []pair) {
	first := group[0]
	count := words.Count(sum(group, pair.unverified), "archive", "archives")
	p := Problem{
		Severity: Critical, Kind: VerificationFailed, Subject: subject(group),
		Details: details(group, func(p pair) string { return words.Count(p.unverified(), "archive", "archives") }),
		Hint:    "verify them again on the backup server: what stays bad cannot be restored, so make a new backup and look at the server's disks",
	}
	if len(group) == 1 {
		p.Text = guestWords(first.guest) + ": the verification of " + count + first.on("on") + " failed"
	} else {
		p.Text = "The verification of " + count + " of " + words.Count(len(group), "guest", "guests") + first.on("on") + " failed: " + names(group)
	}
	x.add(p)
}
