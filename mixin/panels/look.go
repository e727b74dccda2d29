package panels

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// Colours of Grafana's palette. None of them is the only sign of what it says: there is a word or a number with it.
const (
	Good     = "green"
	Warning  = "orange"
	Critical = "red"
	Neutral  = "blue"
	Muted    = "text"    // for what is written
	Unknown  = "#6e6e6e" // for the ground of what says neither good nor bad
)

// Step is from which value on a colour holds.
type Step struct {
	From   float64
	Colour string
}

// Steps are the colours of values: the first one below all steps.
func Steps(below string, steps ...Step) cog.Builder[dashboard.ThresholdsConfig] {
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(thresholds(below, steps))
}

func thresholds(below string, steps []Step) []dashboard.Threshold {
	all := []dashboard.Threshold{{Color: below}}
	for _, step := range steps {
		all = append(all, dashboard.Threshold{Value: ptr(step.From), Color: step.Colour})
	}
	return all
}

// Word is what is written instead of a value.
type Word struct {
	Value  float64
	Text   string
	Colour string
}

// Words writes words instead of values, and colours them.
func Words(words ...Word) []dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for i, word := range words {
		options[strconv.FormatFloat(word.Value, 'f', -1, 64)] = dashboard.ValueMappingResult{
			Text: ptr(word.Text), Color: ptr(word.Colour), Index: ptr(int32(i)),
		}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}}
}

// Look is how a column of a table is shown.
type Look []dashboard.DynamicConfigValue

// And adds to a look.
func (l Look) And(further Look) Look { return append(append(Look{}, l...), further...) }

// Width is the width of a column in pixels.
func Width(pixels int) Look { return Look{override("custom.width", pixels)} }

// Number shows a number without a unit.
func Number() Look { return unit(units.Short) }

// Duration shows seconds.
func Duration() Look { return unit(units.Seconds).And(Look{override("decimals", 1)}) }

// Bytes shows a size.
func Bytes() Look { return unit(units.BytesIEC).And(Look{override("decimals", 1)}) }

// Percent shows a part of a whole.
func Percent() Look { return unit(units.PercentUnit).And(Look{override("decimals", 0)}) }

// FromNow shows a time by its distance: 3 hours ago, in 2 days.
func FromNow() Look { return unit(units.DateTimeFromNow) }

// Date shows the day of a time.
func Date() Look { return unit("time:YYYY-MM-DD") }

func unit(name string) Look { return Look{override("unit", name)} }

// Coloured colours the text of a column by its values.
func Coloured(below string, steps ...Step) Look {
	return Look{
		override("thresholds", dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: thresholds(below, steps)}),
		override("custom.cellOptions", common.TableColorTextCellOptions{Type: common.TableCellDisplayModeColorText}),
	}
}

// Worded writes words instead of the values of a column, on a coloured ground.
func Worded(words ...Word) Look { return grounded(Words(words...)) }

// Ranged writes words instead of the values of a column: each from its value up to that of the word before it, the greatest first.
func Ranged(words ...Word) Look {
	var upper *float64
	mappings := make([]dashboard.ValueMapping, len(words))
	for i, word := range words {
		mappings[i] = dashboard.ValueMapping{RangeMap: &dashboard.RangeMap{Type: dashboard.MappingTypeRangeToText, Options: dashboard.DashboardRangeMapOptions{
			From: ptr(word.Value), To: upper,
			Result: dashboard.ValueMappingResult{Text: ptr(word.Text), Color: ptr(word.Colour), Index: ptr(int32(i))},
		}}}
		upper = ptr(word.Value)
	}
	return grounded(mappings)
}

func grounded(mappings []dashboard.ValueMapping) Look {
	return Look{
		override("mappings", mappings),
		override("custom.cellOptions", common.TableColoredBackgroundCellOptions{
			Type: common.TableCellDisplayModeColorBackground, Mode: ptr(common.TableCellBackgroundDisplayModeBasic),
		}),
	}
}

// Bar shows a part of a whole as a bar from 0 to 1, with the colours of its steps.
func Bar(below string, steps ...Step) Look {
	return Percent().And(Look{
		override("min", 0), override("max", 1),
		override("thresholds", dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: thresholds(below, steps)}),
		override("custom.cellOptions", common.TableBarGaugeCellOptions{
			Type: common.TableCellDisplayModeGauge, Mode: ptr(common.BarGaugeDisplayModeBasic), ValueDisplayMode: ptr(common.BarGaugeValueModeText),
		}),
	})
}

// Link makes the cells of a column links.
func Link(title, url string) Look {
	return Look{override("links", []map[string]string{{"title": title, "url": url}})}
}
