package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/stat"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// answer is what the dashboard is opened for, in one word.
func (o overview) answer() *stat.PanelBuilder {
	return panels.Stat("Is every guest backed up?", "YES: each guest that is not exempt has a good backup on every storage that it should be on, none is overdue, "+
		"and its archives are there. NOT SURE: nothing is known to be wrong, but some of the data are too old to tell. NO: see what needs attention.",
		panels.Steps(panels.Unknown)).Id(idAnswer).
		Mappings(panels.Words(
			panels.Word{Value: figures.AnswerYes, Text: "YES", Colour: panels.Good},
			panels.Word{Value: figures.AnswerNotSure, Text: "NOT SURE", Colour: panels.Warning},
			panels.Word{Value: figures.AnswerNo, Text: "NO", Colour: panels.Critical},
		)).
		WithTarget(panels.Now("A", "", o.Answer())).
		DataLinks(panels.ToPanel("What needs attention", UID, idAttention))
}

// protected shows the good ones among all, with those that count neither as good nor as bad, so that the figures add up.
func (o overview) protected() *stat.PanelBuilder {
	return panels.Stat("Protected", "Guests with a good backup and no trouble, of all guests. Waiting: the first backup is still to come and not yet due. Exempt: left "+
		"without backups on purpose, by the declared file or because it is a template.", panels.Steps(panels.Unknown, panels.Step{From: 0, Colour: panels.Neutral})).Id(idProtected).
		TextMode(common.BigValueTextModeValueAndName).
		WithTarget(panels.Now("A", "protected", o.Protected())).
		WithTarget(panels.Now("B", "of", o.Guests())).
		WithTarget(panels.Now("C", "waiting", o.Waiting())).
		WithTarget(panels.Now("D", "exempt", o.Exempt())).
		DataLinks(panels.ToPanel("All guests", UID, idGuests))
}

func (o overview) failing() *stat.PanelBuilder {
	return counter(idFailing, "Failing", "Guests whose last backup failed, on at least one storage.", panels.Critical, o.Failing())
}

func (o overview) overdue() *stat.PanelBuilder {
	return counter(idOverdue, "Overdue", "Guests without the newer backup that their jobs should have made by now. Known only once it was looked for: a guest of a "+
		"node that is down is not overdue.", panels.Warning, o.Overdue())
}

func (o overview) uncovered() *stat.PanelBuilder {
	return counter(idUncovered, "Uncovered", "Guests that no enabled job backs up, and that are not exempt.", panels.Warning, o.Uncovered())
}

func (o overview) lost() *stat.PanelBuilder {
	return counter(idLost, "Lost archives", "Guests with fewer archives than schedule and retention would have left, or with archives whose verification failed.",
		panels.Critical, o.Lost())
}

func (o overview) stale() *stat.PanelBuilder {
	return counter(idStale, "Stale data", "Sources of data that were not read for too long, and clusters that cannot be read. What they would show is not known.",
		panels.Warning, o.Stale()).
		DataLinks(panels.ToPanel("Sources of the data", UID, idSources))
}

// counter is a figure that should be 0. Without data it has the colour below all steps, which must not be that of a good figure.
func counter(id uint32, title, description, colour string, query figures.Expr) *stat.PanelBuilder {
	return panels.Stat(title, description, panels.Steps(panels.Unknown, panels.Step{From: 0, Colour: panels.Good}, panels.Step{From: 1, Colour: colour})).Id(id).
		WithTarget(panels.Now("A", "", query)).
		DataLinks(panels.ToPanel("What needs attention", UID, idAttention))
}
