package play

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// recorder turns what fires at each evaluation into episodes.
type recorder struct {
	begin time.Time
	open  map[firing]*Episode
	done  map[string][]Episode
	now   time.Duration
	last  map[firing]time.Duration // when each open one fired last
}

// firing is an alert of a rule set, by its labels.
type firing struct {
	set    string
	labels string
}

func newRecorder(begin time.Time) *recorder {
	return &recorder{begin: begin, open: map[firing]*Episode{}, done: map[string][]Episode{}, last: map[firing]time.Duration{}}
}

// note begins an evaluation: it ends the episodes that did not go on in the one before, and returns what notes those of this one.
func (r *recorder) note(at time.Time) func(set string, alert *rules.Alert) {
	r.close()
	r.now = at.Sub(r.begin)
	return func(set string, alert *rules.Alert) {
		key := firing{set, alert.Labels.String()}
		if r.open[key] == nil {
			r.open[key] = &Episode{Alert: alert.Labels.Get(labels.AlertName), Labels: withoutName(alert.Labels), From: r.now}
		}
		r.last[key] = r.now
	}
}

// close ends the episodes that did not fire at the present evaluation.
func (r *recorder) close() {
	for key, episode := range r.open {
		if r.last[key] != r.now {
			episode.To = r.now
			r.done[key.set] = append(r.done[key.set], *episode)
			delete(r.open, key)
		}
	}
}

// end closes what is open and returns all episodes, in the order in which they began.
func (r *recorder) end(at time.Time) map[string][]Episode {
	r.close()
	for key, episode := range r.open {
		episode.To, episode.Open = at.Sub(r.begin), true
		r.done[key.set] = append(r.done[key.set], *episode)
	}
	for _, list := range r.done {
		slices.SortFunc(list, func(a, b Episode) int {
			return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Alert, b.Alert), cmp.Compare(a.To, b.To), cmp.Compare(a.Labels["id"], b.Labels["id"]))
		})
	}
	return r.done
}

func withoutName(set labels.Labels) map[string]string {
	result := map[string]string{}
	set.Range(func(l labels.Label) {
		if l.Name != labels.AlertName {
			result[l.Name] = l.Value
		}
	})
	return result
}
