package dashboards

import (
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
)

// Query is a query of a panel as the dashboard holds it.
type Query struct {
	Panel string // the panel's title
	RefID string
	// Expr is PromQL with variables of Grafana in it.
	Expr string
	// Instant tells a query for the present from one for the shown time.
	Instant bool
}

// Queries returns every query of every panel, in the order of the dashboard.
func Queries(cfg mixin.Config) ([]Query, error) {
	board, err := Overview(cfg)
	if err != nil {
		return nil, err
	}
	var all []Query
	for _, each := range board.Panels {
		if each.Panel == nil {
			continue
		}
		found, err := queriesOf(*each.Panel)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func queriesOf(panel dashboard.Panel) ([]Query, error) {
	all := make([]Query, 0, len(panel.Targets))
	for _, target := range panel.Targets {
		query, ok := target.(prometheus.Dataquery)
		if !ok || query.RefId == nil || panel.Title == nil {
			return nil, fmt.Errorf("panel %d: a query without name or title, or for another data source", *panel.Id)
		}
		all = append(all, Query{*panel.Title, *query.RefId, query.Expr, query.Instant != nil && *query.Instant})
	}
	return all, nil
}

// PromQL is the query as Grafana sends it when everything is chosen and a time of this span is shown in this step.
func (q Query) PromQL(span, step time.Duration) string {
	everything := ".*"
	return strings.NewReplacer(
		"$"+figures.VarCluster, everything, "$"+figures.VarDrilled, everything, "$"+figures.VarDeclared, everything, "$"+figures.VarStore, everything, "$"+figures.VarEnvironment, everything, "$"+figures.VarGuest, everything,
		"$__range", model.Duration(span).String(), "$__interval", model.Duration(step).String(),
		"$__rate_interval", model.Duration(max(4*step, time.Minute)).String(),
	).Replace(q.Expr)
}
