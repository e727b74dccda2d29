package problems

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// pair is a guest on a storage, with all that is known of both.
type pair struct {
	*snapshot.Target
	guest *snapshot.Guest
}

// groups collects pairs that have a cause in common, in the order in which they came.
type groups struct {
	byKey map[string][]pair
	keys  []string
}

func (g *groups) add(key string, p pair) {
	if g.byKey == nil {
		g.byKey = map[string][]pair{}
	}
	if g.byKey[key] == nil {
		g.keys = append(g.keys, key)
	}
	g.byKey[key] = append(g.byKey[key], p)
}

// each calls tell for every group.
func (g *groups) each(tell func(group []pair)) {
	for _, key := range g.keys {
		tell(g.byKey[key])
	}
}

// targets tells what is wrong with the backups of guests on storages.
func (x *examination) targets() {
	var failed, missing, awaited, lost, excess, unverified groups
	for _, p := range x.pairs() {
		switch {
		case p.LastAttemptFailed:
			failed.add(causeOf(p), p)
		case p.missing():
			missing.add(p.Storage, p)
		case p.awaited():
			awaited.add(p.Storage, p)
		}
		if p.lost() > 0 {
			lost.add(p.Storage, p)
		}
		if p.excess() > 0 {
			excess.add(p.Storage, p)
		}
		if p.unverified() > 0 {
			unverified.add(p.Storage, p)
		}
	}
	failed.each(x.failed)
	missing.each(x.missing)
	awaited.each(x.awaited)
	lost.each(x.lost)
	excess.each(x.excess)
	unverified.each(x.unverified)
}

// pairs returns the pairs of guests that are not exempt, by VMID.
func (x *examination) pairs() []pair {
	all := make([]pair, 0, len(x.Targets))
	for i := range x.Targets {
		if guest := x.guests[x.Targets[i].Guest]; guest != nil && !guest.Exempt {
			all = append(all, pair{&x.Targets[i], guest})
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(a.guest.VMID, b.guest.VMID) })
	return all
}

// missing reports a backup that is due and was looked for in vain.
func (p pair) missing() bool {
	due, known := p.Due.Get()
	return known && due < p.Observed.Or(0)
}

// awaited reports a guest that was never backed up, and whose first backup is still to come.
func (p pair) awaited() bool {
	return p.Targeted && !p.LastSuccess.Known() && p.Due.Known()
}

// lost counts the archives that should be there and are not.
func (p pair) lost() int {
	archives, known := p.Archives.Get()
	if !known {
		return 0
	}
	return p.Expected.Or(0) - (archives.Count - archives.Protected)
}

// excess counts the archives that retention should have removed. While a backup runs there is one more for a moment.
func (p pair) excess() int {
	if p.guest.Running || p.LastAttemptFailed && p.FailureReason == vzdump.ReasonPruneFailed {
		return 0
	}
	return p.Excess.Or(0)
}

func (p pair) unverified() int {
	archives, _ := p.Archives.Get()
	details, _ := archives.Details.Get()
	return details.VerifyFailed
}

// good says how old the last good backup is.
func (p pair) good(now int64) string {
	text := "no good one is known"
	if last, known := p.LastSuccess.Get(); known {
		text = "the last good one is " + words.Span(now-last) + " old"
	}
	if p.guest.Running {
		text += ", one runs now"
	}
	return text
}

// on names the storage with a preposition; a failure may not tell where it happened.
func (p pair) on(preposition string) string {
	if p.Storage == "" {
		return ""
	}
	return " " + preposition + " " + words.Name(p.Storage)
}

// subject is what a group is about: the guest where there is only one.
func subject(group []pair) Subject {
	s := Subject{Storage: group[0].Storage}
	if len(group) == 1 {
		s.Guest = group[0].guest.ID
	}
	return s
}

// guestWords names a guest: VM 104 'db' (prod), CT 101.
func guestWords(g *snapshot.Guest) string {
	text := "VM "
	if g.Type == "lxc" {
		text = "CT "
	}
	text += strconv.Itoa(g.VMID)
	if g.Name != "" {
		text += " '" + words.Name(g.Name) + "'"
	}
	if g.Environment != "" && g.Environment != snapshot.Unassigned {
		text += " (" + words.Name(g.Environment) + ")"
	}
	return text
}

// names lists the guests of a group, the first few by name.
func names(group []pair) string {
	all := make([]string, 0, len(group))
	for _, p := range group {
		all = append(all, guestWords(p.guest))
	}
	return words.List(all, few)
}

// details has a line for each guest of a group; none for a group of one, which is told in the text.
func details(group []pair, line func(pair) string) []string {
	if len(group) == 1 {
		return nil
	}
	all := make([]string, 0, len(group))
	for _, p := range group {
		all = append(all, guestWords(p.guest)+": "+line(p))
	}
	return all
}

func sum(group []pair, count func(pair) int) int {
	total := 0
	for _, p := range group {
		total += count(p)
	}
	return total
}
