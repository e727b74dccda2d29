package problems

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// guestsThemselves tells what is wrong with guests whatever their storages.
func (x *examination) guestsThemselves() {
	uncovered := map[snapshot.UncoveredReason][]*snapshot.Guest{}
	locked := map[string][]*snapshot.Guest{}
	var excluded []*snapshot.Guest
	for _, guest := range x.byVMID() {
		if guest.Exempt {
			continue
		}
		covered := guest.Covered.Or(true)
		switch {
		case x.expired(guest):
			x.exemptionExpired(guest)
		case !covered && guest.Uncovered != "" && !(x.told[guest.ID] && guest.Uncovered == snapshot.UncoveredStorageUnusable):
			uncovered[guest.Uncovered] = append(uncovered[guest.Uncovered], guest)
		}
		if covered && guest.ExcludedDisks.Or(0) > 0 {
			excluded = append(excluded, guest)
		}
		if guest.Lock != "" && !x.told[guest.ID] && !x.explainsLock(guest) {
			locked[guest.Lock] = append(locked[guest.Lock], guest)
		}
	}
	x.uncovered(uncovered)
	x.excluded(excluded)
	x.lockedGuests(locked)
}

func (x *examination) byVMID() []*snapshot.Guest {
	return slices.SortedFunc(maps.Values(x.guests), func(a, b *snapshot.Guest) int { return cmp.Compare(a.VMID, b.VMID) })
}

func (x *examination) expired(guest *snapshot.Guest) bool {
	until, known := guest.ExemptUntil.Get()
	return known && until <= x.now
}

func (x *examination) exemptionExpired(guest *snapshot.Guest) {
	p := Problem{
		Severity: Warning, Kind: ExemptionExpired, Subject: Subject{Guest: guest.ID},
		Text: guestWords(guest) + ": its exemption ended " + words.When(guest.ExemptUntil.Or(x.now), x.now),
		Hint: "decide: back it up and take it out of the declared file's exempt list, or give the exemption another end",
	}
	if !guest.Covered.Or(true) {
		p.Text += ", and no job backs it up"
	}
	x.add(p)
}

const hintUnusable = "mend the storage's configuration (content backup, nodes, disable), or give the job another storage"

// uncovered gives one line for each reason: guests that nobody backs up have been forgotten together more often than one by one.
func (x *examination) uncovered(byReason map[snapshot.UncoveredReason][]*snapshot.Guest) {
	for _, reason := range []snapshot.UncoveredReason{
		snapshot.UncoveredNoJob, snapshot.UncoveredOtherNode, snapshot.UncoveredJobDisabled, snapshot.UncoveredNeverRuns, snapshot.UncoveredStorageUnusable,
	} {
		guests := byReason[reason]
		if len(guests) == 0 {
			continue
		}
		p := Problem{Severity: Warning, Kind: GuestUncovered, Subject: of(guests), Details: several(guests, nil)}
		who := list(guests)
		one := len(guests) == 1
		if !one {
			who = words.Count(len(guests), "guest", "guests")
		}
		switch reason {
		case snapshot.UncoveredOtherNode:
			p.Text = who + pick(one, " is selected", " are selected") + " only by jobs that are pinned to another node"
			p.Hint = "take the node out of the job, or move the guest back"
		case snapshot.UncoveredJobDisabled:
			p.Kind = JobDisabled
			p.Text, p.Job = x.disabled(who)
			p.Hint = "enable the job again, or declare the guests exempt"
		case snapshot.UncoveredNeverRuns:
			p.Text = who + pick(one, " is selected", " are selected") + " only by jobs whose schedule has no further run" +
				named(x.jobsThat(func(j *snapshot.Job) bool { return j.Enabled && !j.NextRun.Known() }))
			p.Hint = "give the job a schedule that comes round again"
		case snapshot.UncoveredStorageUnusable:
			p.Text = who + pick(one, " is selected", " are selected") + " only by jobs whose storage is missing, disabled, not for backups, or not on the guest's node"
			p.Hint = hintUnusable
		default:
			p.Text = who + pick(one, " is", " are") + " in no backup job"
			p.Hint = "add to a job, or declare exempt in the declared file"
		}
		if !one {
			p.Text += ": " + list(guests)
		}
		x.add(p)
	}
}

// disabled words that a disabled job leaves guests without cover. With several disabled jobs it is not known which guest belongs to which.
func (x *examination) disabled(who string) (text, job string) {
	disabled := x.jobsThat(func(j *snapshot.Job) bool { return !j.Enabled && j.Guests > 0 })
	if len(disabled) == 1 {
		return "Job " + disabled[0] + " is disabled and leaves " + who + " without any cover", disabled[0]
	}
	return "Disabled jobs leave " + who + " without any cover" + named(disabled), ""
}

func named(jobs []string) string {
	if len(jobs) == 0 {
		return ""
	}
	return " (" + words.List(jobs, few) + ")"
}

func (x *examination) excluded(guests []*snapshot.Guest) {
	guests = slices.DeleteFunc(guests, x.toldAsDrift)
	if len(guests) == 0 {
		return
	}
	disks := func(g *snapshot.Guest) string { return words.Count(g.ExcludedDisks.Or(0), "volume", "volumes") }
	p := Problem{
		Severity: Info, Kind: GuestPartlyCovered, Subject: of(guests), Details: several(guests, disks),
		Hint: "flagged with backup=0 in the guest's configuration: an archive of it cannot restore them",
	}
	if len(guests) == 1 {
		p.Text = guestWords(guests[0]) + ": " + disks(guests[0]) + pick(guests[0].ExcludedDisks.Or(0) == 1, " is", " are") + " left out of its backups"
	} else {
		p.Text = words.Count(len(guests), "guest has", "guests have") + " volumes that are left out of their backups: " + list(guests)
	}
	x.add(p)
}

// lockBackup is the lock that a backup puts on a guest. Others belong to operations that this program does not follow.
const lockBackup = "backup"

// explainsLock reports whether a running task may hold a guest's lock.
func (x *examination) explainsLock(guest *snapshot.Guest) bool {
	if guest.Running {
		return true
	}
	for _, node := range x.Nodes {
		if node.Name == guest.Node && guest.Lock == lockBackup && node.TaskRunningSince.Known() {
			return true
		}
	}
	return false
}

func (x *examination) lockedGuests(byLock map[string][]*snapshot.Guest) {
	for _, lock := range slices.Sorted(maps.Keys(byLock)) {
		guests := byLock[lock]
		p := Problem{Severity: Info, Kind: GuestLocked, Subject: of(guests), Details: several(guests, nil), Hint: hintUnlock(guests[0])}
		who, holder := list(guests), "and backups fail while that lasts"
		if len(guests) > 1 {
			who = words.Count(len(guests), "guest", "guests")
			p.Hint = "if no task runs for them, remove the locks with qm unlock or pct unlock"
		}
		if lock == lockBackup {
			p.Severity, holder = Warning, "although no backup runs: further ones fail"
		}
		p.Text = who + pick(len(guests) == 1, " is locked", " are locked") + " ('" + words.Name(lock) + "'), " + holder
		if len(guests) > 1 {
			p.Text += ": " + list(guests)
		}
		x.add(p)
	}
}

// hintUnlock says how to remove a lock by hand.
func hintUnlock(guest *snapshot.Guest) string {
	command := "qm unlock "
	if guest.Type == "lxc" {
		command = "pct unlock "
	}
	return "if no task runs for it, remove the lock: " + command + strconv.Itoa(guest.VMID)
}

// of is the subject of guests: the guest where there is only one.
func of(guests []*snapshot.Guest) Subject {
	if len(guests) == 1 {
		return Subject{Guest: guests[0].ID}
	}
	return Subject{}
}

func list(guests []*snapshot.Guest) string {
	all := make([]string, 0, len(guests))
	for _, guest := range guests {
		all = append(all, guestWords(guest))
	}
	return words.List(all, few)
}

// several has a line for each of several guests; a single one is told in the text.
func several(guests []*snapshot.Guest, more func(*snapshot.Guest) string) []string {
	if len(guests) == 1 {
		return nil
	}
	all := make([]string, 0, len(guests))
	for _, guest := range guests {
		line := guestWords(guest)
		if more != nil {
			line += ": " + more(guest)
		}
		all = append(all, line)
	}
	return all
}

func pick(one bool, singular, plural string) string {
	if one {
		return singular
	}
	return plural
}
