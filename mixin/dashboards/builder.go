package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
)

// UID is the identity of the dashboard in Grafana. Links lead to it.
const UID = "pve-backup-overview"

// screen is how many units of the grid are seen without scrolling on a screen of 1920 x 1080: what the first rows must fit into.
const screen = 21

// Overview is the dashboard: is everything backed up, and if not, what is wrong?
//
// The first screen answers that for twenty guests and for thousands: figures, and tables with the worst on top. What follows are the details.
// A row for further metrics is a function that returns its panels, put before the freshness of the data; where the metrics are optional, it
// is repeated by a variable that lists their subjects, so that it is not there without them.
func Overview(cfg mixin.Config) (dashboard.Dashboard, error) {
	f, err := figures.New(cfg)
	if err != nil {
		return dashboard.Dashboard{}, fmt.Errorf("dashboard %s: %w", UID, err)
	}
	o := overview{f, cfg}
	board, err := o.frame().
		// The first screen.
		WithPanel(o.answer().Span(4).Height(4)).
		WithPanel(o.protected().Span(6).Height(4)).
		WithPanel(o.failing().Span(3).Height(4)).
		WithPanel(o.overdue().Span(3).Height(4)).
		WithPanel(o.uncovered().Span(3).Height(4)).
		WithPanel(o.lost().Span(3).Height(4)).
		WithPanel(o.stale().Span(2).Height(4)).
		WithPanel(o.attention().Span(24).Height(10)).
		WithPanel(o.trouble().Span(12).Height(7)).
		WithPanel(o.storages().Span(12).Height(7)).
		WithRow(row(idGuestsRow, "Last backup of each guest on each storage")).
		WithPanel(o.guests().Span(24).Height(15)).
		WithRow(row(idHistoryRow, "History of success and failure")).
		WithPanel(o.timeline().Span(14).Height(12)).
		WithPanel(o.results().Span(10).Height(12)).
		WithRow(row(idRunsRow, "Running backups and jobs")).
		WithPanel(o.running().Span(15).Height(7)).
		WithPanel(o.tasks().Span(9).Height(7)).
		WithPanel(o.jobs().Span(24).Height(10)).
		WithRow(row(idSizeRow, "Size and space")).
		WithPanel(o.size().Span(12).Height(9)).
		WithPanel(o.environments().Span(12).Height(9)).
		WithPanel(o.space().Span(12).Height(9)).
		WithPanel(o.orphans().Span(12).Height(9)).
		WithRow(o.drillsRow()).
		WithPanel(o.drills().Span(16).Height(9)).
		WithPanel(o.drillHistory().Span(8).Height(9)).
		WithRow(o.declaredRow()).
		WithPanel(o.drift().Span(10).Height(7)).
		WithPanel(o.driftHistory().Span(14).Height(7)).
		WithRow(o.storesRow()).
		WithPanel(o.objectStores().Span(9).Height(7)).
		WithPanel(o.buckets().Span(15).Height(7)).
		WithPanel(o.states().Span(24).Height(8)).
		WithRow(row(idFreshnessRow, "Freshness of the data")).
		WithPanel(o.sources().Span(14).Height(10)).
		WithPanel(o.exporters().Span(10).Height(10)).
		WithPanel(o.permissions().Span(7).Height(8)).
		WithPanel(o.endpoints().Span(6).Height(8)).
		WithPanel(o.clocks().Span(4).Height(8)).
		WithPanel(o.requests().Span(7).Height(8)).
		Build()
	if err != nil {
		return dashboard.Dashboard{}, fmt.Errorf("dashboard %s: %w", UID, err)
	}
	return board, nil
}

// overview holds what the panels are made from.
type overview struct {
	figures.Figures
	cfg mixin.Config
}

// frame is the dashboard without panels.
func (o overview) frame() *dashboard.DashboardBuilder {
	return dashboard.NewDashboardBuilder("Proxmox VE backups").Uid(UID).
		Description("Is every guest backed up? What is not, why, since when, and what to do.").
		Tags([]string{"proxmox", "backup", "pve-backup-exporter"}).
		Time("now-14d", "now").Refresh("5m").Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Variables(o.variables())
}

func row(id uint32, title string) cog.Builder[dashboard.RowPanel] {
	return dashboard.NewRowBuilder(title).Id(id)
}
