package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/scenarios/play"
)

// Verdict is how a rule set did in one story, or in several together.
type Verdict struct {
	Expected int // alerts
	InTime   int
	Late     int // by more than one evaluation
	Missed   int
	False    int // alerts that nothing explains
	Broken   int // alerts that stopped while their trouble went on
	Stuck    int // alerts that did not stop in time
	Delays   []time.Duration
	Findings []string
}

// Good reports whether everything was as expected.
func (v *Verdict) Good() bool {
	return v.Late+v.Missed+v.False+v.Broken+v.Stuck == 0 && len(v.Findings) == 0
}

// Add adds the figures of another verdict.
func (v *Verdict) Add(other Verdict) {
	v.Expected += other.Expected
	v.InTime += other.InTime
	v.Late += other.Late
	v.Missed += other.Missed
	v.False += other.False
	v.Broken += other.Broken
	v.Stuck += other.Stuck
	v.Delays = append(v.Delays, other.Delays...)
}

// Recall is the part of the expected alerts that fired in time; 1 where none is expected.
func (v *Verdict) Recall() float64 {
	if v.Expected == 0 {
		return 1
	}
	return float64(v.InTime) / float64(v.Expected)
}

// Median is the middle of the delays, Worst the longest; 0 without any.
func (v *Verdict) Median() time.Duration {
	if len(v.Delays) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(v.Delays))[len(v.Delays)/2]
}

// Worst is the longest delay; 0 without any.
func (v *Verdict) Worst() time.Duration {
	if len(v.Delays) == 0 {
		return 0
	}
	return slices.Max(v.Delays)
}

func (v *Verdict) find(format string, args ...any) {
	v.Findings = append(v.Findings, fmt.Sprintf(format, args...))
}

// window is when an expectation holds.
type window struct {
	since, after, by, until, clear time.Duration
	cleared                        bool // it must clear at all
}

// windowOf fills in what an expectation leaves out.
func windowOf(e *story.Expectation, length time.Duration) window {
	w := window{
		since: time.Duration(e.Since), after: time.Duration(e.After), by: time.Duration(e.By), until: time.Duration(e.Until),
		clear: time.Duration(e.Clear), cleared: e.Clear != 0,
	}
	if w.after == 0 {
		w.after = w.since
	}
	if !w.cleared {
		w.clear, w.until = length, max(w.until, length)
	}
	w.until = max(w.until, w.by)
	return w
}

// text writes an alert with the labels that tell it from others.
func text(alert string, labels map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if name != "severity" && name != "cluster" {
			parts = append(parts, name+"="+labels[name])
		}
	}
	return alert + "{" + strings.Join(parts, ", ") + "}"
}

// since writes a time since the beginning as stories do, "3d1h15m".
func since(d time.Duration) string { return model.Duration(d).String() }

// carries reports whether labels contain all that is wanted.
func carries(labels, wanted map[string]string) bool {
	for name, want := range wanted {
		if labels[name] != want {
			return false
		}
	}
	return true
}

// of lists the episodes of one alert with these labels.
func of(list []play.Episode, e *story.Expectation) []int {
	var found []int
	for i := range list {
		if list[i].Alert == e.Alert && carries(list[i].Labels, e.Labels) {
			found = append(found, i)
		}
	}
	return found
}

// Text writes an episode for people.
func Text(episode play.Episode) string {
	return fmt.Sprintf("%s from %s to %s", text(episode.Alert, episode.Labels), since(episode.From), ending(episode))
}
