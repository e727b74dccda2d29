package panels

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// NoData is what stands in the place of a figure that is not known.
const NoData = "NO DATA"

// Stat shows one figure, large, on a ground of the colour that its value has.
func Stat(title, description string, colours cog.Builder[dashboard.ThresholdsConfig]) *stat.PanelBuilder {
	return stat.NewPanelBuilder().Title(title).Description(description).Datasource(Datasource()).
		Unit(units.NoUnit).Thresholds(colours).NoValue(NoData).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		ColorMode(common.BigValueColorModeBackground).GraphMode(common.BigValueGraphModeNone).JustifyMode(common.BigValueJustifyModeCenter).
		TextMode(common.BigValueTextModeValue).WideLayout(true).Orientation(common.VizOrientationAuto).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}).Fields("").Values(false))
}

// ToPanel is a link to another panel of the same dashboard, which keeps the chosen time and variables.
func ToPanel(title, dashboardUID string, panel uint32) []cog.Builder[dashboard.DashboardLink] {
	url := "/d/" + dashboardUID + "?${__url_time_range}&${__all_variables}&viewPanel=" + number(panel)
	return []cog.Builder[dashboard.DashboardLink]{dashboard.NewDashboardLinkBuilder(title).Type(dashboard.DashboardLinkTypeLink).Url(url)}
}
