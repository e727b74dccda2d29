package figures

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// What is wrong with a guest on a storage, as one exporter sees it. The alerts judge in the same way.

func (f Figures) succeeded() Expr { return f.guest(collector.TargetLastSuccess) }
func (f Figures) uncovered() Expr { return f.guest(collector.GuestUncovered) }

// failed leaves out storages that no job writes to any more, once the guest has been backed up elsewhere.
func (f Figures) failed() Expr {
	newest := f.succeeded().maxBy(with(guestLabels, targetLabels...)...)
	superseded := Expr{f.guest(collector.TargetLastAttempt).Is("<", query.On(with(guestLabels, targetLabels...)...).Left(), newest.Expr)}.
		unless(f.guest(collector.TargetDue))
	return f.guest(collector.TargetLastAttemptFailed).equals(1).unless(superseded)
}

func (f Figures) overdue() Expr {
	return f.guest(collector.TargetDue).less(f.guest(collector.TargetObserved))
}

// lacking is how many archives there are fewer than schedule and retention would have left. Protected ones are kept on top of those.
func (f Figures) lacking() Expr {
	return f.guest(collector.ArchivesExpected).minus(f.guest(collector.Archives).minus(f.guest(collector.ArchivesProtected)))
}

// lost leaves out storages that no job of the guest writes to any more. Where all archives are kept, only having none is a loss.
func (f Figures) lost() Expr {
	archives := f.guest(collector.Archives)
	none := archives.equals(0).and(f.succeeded()).unless(f.guest(collector.ArchivesExpected))
	abandoned := archives.andOn(with(guestLabels, targetLabels...), f.guest(collector.GuestCovered).equals(1)).unless(f.guest(collector.TargetDue))
	return either(f.lacking().above(0), none).unless(abandoned)
}

func (f Figures) unverified() Expr { return f.guest(collector.ArchivesVerifyFailed).above(0) }

// Guests, each once.

func (f Figures) guests() Expr { return f.guest(collector.GuestInfo).maxBy(guestLabels...) }
func (f Figures) exempt() Expr { return f.guest(collector.GuestExempt).maxBy(guestLabels...) }

// each is what holds by any exporter, once for each combination of the labels. An exporter that cannot read the cluster while another one can
// does not count: what it last saw is out of date.
func (f Figures) each(labels []string, what Expr) Expr {
	up := f.cluster(collector.Up)
	outdated := up.equals(0).andOn(clusterLabels, up.equals(1))
	return what.unlessOn(with(clusterLabels, targetLabels...), outdated).maxBy(labels...)
}

// affected are the guests for which something holds, without those that are left out of backups on purpose.
func (f Figures) affected(what ...Expr) Expr {
	return f.each(guestLabels, either(what...)).unless(f.exempt())
}

// unprotected are the guests with any trouble.
func (f Figures) unprotected() Expr {
	return f.affected(f.failed(), f.overdue(), f.uncovered(), f.lost(), f.unverified())
}

// Protected counts the guests that have a good backup and no trouble.
func (f Figures) Protected() Expr {
	return f.orNone(f.affected(f.succeeded()).unless(f.unprotected()).count())
}

// Failing counts the guests whose last backup on some storage failed.
func (f Figures) Failing() Expr { return f.orNone(f.affected(f.failed()).count()) }

// Overdue counts the guests that should have a newer backup on some storage, and have not although it was looked for.
func (f Figures) Overdue() Expr { return f.orNone(f.affected(f.overdue()).count()) }

// Uncovered counts the guests that no job backs up.
func (f Figures) Uncovered() Expr { return f.orNone(f.affected(f.uncovered()).count()) }

// Lost counts the guests with archives that are missing or that failed their verification.
func (f Figures) Lost() Expr { return f.orNone(f.affected(f.lost(), f.unverified()).count()) }

// Waiting counts the guests without trouble whose first backup is still to come.
func (f Figures) Waiting() Expr {
	return f.orNone(f.guests().unless(f.exempt()).unless(f.unprotected()).unless(f.succeeded().maxBy(guestLabels...)).count())
}

// Exempt counts the guests that are left without backups on purpose.
func (f Figures) Exempt() Expr { return f.orNone(f.exempt().count()) }

// Guests counts all guests.
func (f Figures) Guests() Expr { return f.guests().count() }

// Values of [Figures.Answer].
const (
	AnswerYes     = 0
	AnswerNotSure = 1
	AnswerNo      = 2
)

// Answer says whether everything is backed up: no when a guest is in trouble, else not sure when the data are too old to say so.
// It is absent when no guest is known.
func (f Figures) Answer() Expr {
	return either(f.unprotected().count().as(AnswerNo), f.doubts().count().as(AnswerNotSure), f.guests().count().as(AnswerYes))
}

// names adds the name and the node of a guest to series of guests.
func (f Figures) names(e Expr) Expr {
	further := []string{LabelName, collector.LabelNode}
	info := f.guest(collector.GuestInfo).maxBy(with(guestLabels, further...)...).most(1, guestLabels...)
	return e.taking(guestLabels, info, further...)
}
