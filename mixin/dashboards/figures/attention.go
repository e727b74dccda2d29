package figures

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
)

// Problem is a kind of trouble: a kind of row in the table of what needs attention.
type Problem struct {
	Text     string // names it
	Alert    string // the alert that fires for it, and the name of its runbook
	Severity mixin.Severity

	rank int  // orders the kinds of one severity: the greater the worse, below 100
	rows Expr // what has it: guests, guests on storages, storages, jobs, nodes, sources or clusters
	when Expr // since when, or when it was noted, for those rows of which this is known
	good Expr // the last good backup of those rows
}

// From which value on a row of the table of what needs attention is of a severity.
const (
	FromCritical = 200
	FromWarning  = 100
)

func (p Problem) value() float64 {
	switch p.Severity {
	case mixin.Critical:
		return FromCritical + float64(p.rank)
	case mixin.Warning:
		return FromWarning + float64(p.rank)
	}
	return float64(p.rank)
}

// Problems are all kinds of trouble that the table of what needs attention knows.
func (f Figures) Problems() []Problem { return append(f.guestProblems(), f.unlikeGuests()...) }

// unlikeGuests are the kinds of trouble that anything but guests has.
func (f Figures) unlikeGuests() []Problem { return append(f.otherProblems(), f.storeProblems()...) }

// The labels that tell rows of one kind of trouble apart. Reasons do not tell guests apart: two exporters may hold different ones.
func guestKey() []string { return with(pairLabels, LabelProblem) }

func otherKey() []string {
	return with(spaceLabels, collector.LabelEnvironment, LabelDetail, LabelProblem)
}

// Attention is the table of what needs attention: the weight of each trouble, with what has it as labels. Of each kind there are so many
// rows at most, for one cause may concern every guest.
func (f Figures) Attention() Expr {
	weighed := func(p Problem) (Expr, bool) {
		return p.rows.as(p.value()).label(LabelProblem, p.Text).label(LabelAlert, p.Alert), true
	}
	guests := either(each(f.guestProblems(), weighed)...).unlessOn(guestLabels, f.exempt()).join(LabelKey, "|", guestKey()...)
	others := either(each(f.unlikeGuests(), weighed)...).join(LabelKey, "|", otherKey()...)
	return either(f.names(guests), others).most(rowsPerProblem, LabelProblem)
}

// AttentionWhen is since when each trouble is there, or when it was noted.
func (f Figures) AttentionWhen() Expr {
	dated := func(row []string) func(Problem) (Expr, bool) {
		return func(p Problem) (Expr, bool) {
			return p.when.andOn(row, p.rows).label(LabelProblem, p.Text), p.when != Expr{}
		}
	}
	guests, others := each(f.guestProblems(), dated(pairLabels)), each(f.unlikeGuests(), dated(sourceLabels))
	return either(either(guests...).date().keyed(guestKey()), either(others...).date().keyed(otherKey()))
}

// AttentionGood is the last good backup of what has a trouble.
func (f Figures) AttentionGood() Expr {
	guests := each(f.guestProblems(), func(p Problem) (Expr, bool) {
		return p.good.andOn(pairLabels, p.rows).label(LabelProblem, p.Text), p.good != Expr{}
	})
	return either(guests...).date().keyed(guestKey())
}

// each makes an expression of every kind of trouble for which there is one.
func each(problems []Problem, of func(Problem) (Expr, bool)) []Expr {
	var made []Expr
	for _, p := range problems {
		if e, ok := of(p); ok {
			made = append(made, e)
		}
	}
	return made
}
