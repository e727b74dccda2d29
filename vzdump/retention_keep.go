package vzdump

import (
	"cmp"
	"slices"
	"time"
)

// Keep tells for each of a guest's archives whether a prune by this rule would keep it, in the order given. The times are the archives' own
// ("ctime" of a listing); their location decides what a day or a week is, and has to be the zone of the node that prunes.
//
// Leave out protected and renamed archives: a prune neither removes nor counts them. The algorithm is prune_mark_backup_group of Proxmox VE.
// Of several archives of the same second one is kept.
func (r Retention) Keep(times []time.Time) []bool {
	keep := make([]bool, len(times))
	if r.KeepsAll() {
		for i := range keep {
			keep[i] = true
		}
		return keep
	}
	for _, archive := range newPruning(r, times).survivors(newestFirst(times)) {
		keep[archive] = true
	}
	return keep
}

// newestFirst returns the indexes of times, the newest first.
func newestFirst(times []time.Time) []int {
	order := make([]int, len(times))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(times[b].Unix(), times[a].Unix()) })
	return order
}

// pruning applies a rule to selections of a fixed list of archives, which are known by their index.
type pruning struct {
	parts []prunePart
	marks []pruneMark // by archive
}

// prunePart is one count of a rule.
type prunePart struct {
	count  int
	period []int // by archive: archives of the same hour, day and so on have the same number, from 0 up
	// By period, the number of the walk that found it to have an archive kept by an earlier part, or by this one. Numbers instead of
	// flags save clearing them before every walk.
	earlier, own []int
	walk         int
}

type pruneMark uint8

const (
	pruneOpen pruneMark = iota
	pruneKept
	pruneRemoved
)

func newPruning(rule Retention, times []time.Time) *pruning {
	p := &pruning{marks: make([]pruneMark, len(times))}
	add := func(count int, identify func(time.Time) int64) {
		if count > 0 {
			p.parts = append(p.parts, newPrunePart(count, times, identify))
		}
	}
	add(rule.Last, time.Time.Unix)
	add(rule.Hourly, hourOf)
	add(rule.Daily, dayOf)
	add(rule.Weekly, weekOf)
	add(rule.Monthly, monthOf)
	add(rule.Yearly, yearOf)
	return p
}

func newPrunePart(count int, times []time.Time, identify func(time.Time) int64) prunePart {
	part := prunePart{count: count, period: make([]int, len(times))}
	numbers := map[int64]int{}
	for i, t := range times {
		id := identify(t)
		number, ok := numbers[id]
		if !ok {
			number = len(numbers)
			numbers[id] = number
		}
		part.period[i] = number
	}
	part.earlier, part.own = make([]int, len(numbers)), make([]int, len(numbers))
	return part
}

// survivors returns the archives that a prune would keep of the given ones, which are sorted from the newest to the oldest and stay so.
func (p *pruning) survivors(candidates []int) []int {
	for _, archive := range candidates {
		p.marks[archive] = pruneOpen
	}
	for i := range p.parts {
		p.parts[i].mark(candidates, p.marks)
	}
	kept := candidates[:0:0]
	for _, archive := range candidates {
		if p.marks[archive] == pruneKept {
			kept = append(kept, archive)
		}
	}
	return kept
}

// mark keeps the newest archive of each of the latest periods that have none kept by an earlier part. An older archive of such a period is
// removed for good; one of a period that an earlier part serves is left to the later parts.
func (p *prunePart) mark(candidates []int, marks []pruneMark) {
	p.walk++
	for _, archive := range candidates {
		if marks[archive] == pruneKept {
			p.earlier[p.period[archive]] = p.walk
		}
	}
	found := 0
	for _, archive := range candidates {
		period := p.period[archive]
		switch {
		case marks[archive] != pruneOpen || p.earlier[period] == p.walk:
		case p.own[period] == p.walk:
			marks[archive] = pruneRemoved
		case found == p.count:
			return
		default:
			p.own[period] = p.walk
			marks[archive] = pruneKept
			found++
		}
	}
}

func hourOf(t time.Time) int64 { return dayOf(t)*24 + int64(t.Hour()) }

func dayOf(t time.Time) int64 { return int64(t.Year())*366 + int64(t.YearDay()) }

// weekOf numbers ISO weeks, whose year is not always the calendar's.
func weekOf(t time.Time) int64 {
	year, week := t.ISOWeek()
	return int64(year)*54 + int64(week)
}

func monthOf(t time.Time) int64 { return int64(t.Year())*12 + int64(t.Month()) }

func yearOf(t time.Time) int64 { return int64(t.Year()) }
