package panels

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// points is into how many moments the shown time is cut at the most, so that a month of thousands of guests costs no more than a day.
const points = 150

// TimeSeries shows lines over the shown time, with the newest value of each in the legend.
func TimeSeries(title, description, unit string) *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().Title(title).Description(description).Datasource(Datasource()).
		Unit(unit).Min(0).MaxDataPoints(points).
		LineWidth(2).FillOpacity(10).ShowPoints(common.VisibilityModeNever).LineInterpolation(common.LineInterpolationStepAfter).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassicByName)).
		Legend(legend("lastNotNull")).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
}

// Stacked puts the values of lines upon each other.
func Stacked(panel *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return panel.FillOpacity(40).Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
}

// Bars shows a bar for each step, upon each other.
func Bars(panel *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return Stacked(panel).DrawStyle(common.GraphDrawStyleBars).FillOpacity(80).LineWidth(0)
}

// Timeline shows how states follow each other, one line for each thing.
func Timeline(title, description string, states ...Word) *statetimeline.PanelBuilder {
	return statetimeline.NewPanelBuilder().Title(title).Description(description).Datasource(Datasource()).
		MaxDataPoints(points).Mappings(Words(states...)).FillOpacity(80).LineWidth(0).RowHeight(0.85).MergeValues(true).
		ShowValue(common.VisibilityModeNever).AlignValue(common.TimelineValueAlignmentLeft).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).Thresholds(Steps(Unknown)).
		Legend(legend()).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeSingle).Sort(common.SortOrderNone))
}

func legend(calculations ...string) *common.VizLegendOptionsBuilder {
	return common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true).Calcs(append([]string{}, calculations...))
}

// FixedColour gives the line of this name a colour.
func FixedColour(colour string) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{override("color", map[string]string{"mode": "fixed", "fixedColor": colour})}
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
