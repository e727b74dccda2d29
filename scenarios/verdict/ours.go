package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/scenarios/play"
)

// Ours judges the rule set whose alerts the story names.
func Ours(told *story.Story, rights string, recording *play.Recording, set string) Verdict {
	j := &judge{list: recording.Episodes[set], used: map[int]bool{}, step: recording.Step, length: recording.End.Sub(recording.Begin)}
	for i := range told.Expect {
		if e := &told.Expect[i]; e.Holds(rights) {
			j.expect(e)
		}
	}
	for i, episode := range j.list {
		if !j.used[i] {
			j.False++
			j.find("false alarm: %s from %s to %s", text(episode.Alert, episode.Labels), since(episode.From), ending(episode))
		}
	}
	for _, fault := range recording.Faults {
		j.find("wrong rule: %s", fault)
	}
	return j.Verdict
}

// ending writes when an episode ended.
func ending(episode play.Episode) string {
	if episode.Open {
		return "the end"
	}
	return since(episode.To)
}

// judge works through the expectations of a story.
type judge struct {
	Verdict
	list   []play.Episode
	used   map[int]bool
	step   time.Duration
	length time.Duration
}

// expect judges one expectation: it takes the episodes within its time, grouped by their labels.
func (j *judge) expect(e *story.Expectation) {
	w := windowOf(e, j.length)
	wanted := e.Alerts()
	j.Expected += wanted
	var keys []string
	groups := map[string][]int{}
	for _, i := range of(j.list, e) {
		if j.used[i] || j.list[i].From < w.after || j.list[i].From > w.clear+j.step {
			continue
		}
		key := fmt.Sprint(j.list[i].Labels)
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], i)
	}
	for n, key := range keys {
		if n < wanted {
			j.alert(e, w, groups[key])
		}
	}
	if missing := wanted - len(keys); missing > 0 {
		j.Missed += missing
		j.find("missed: %s, %d of %d, due by %s", text(e.Alert, e.Labels), missing, wanted, since(w.by))
	}
}

// alert judges one alert: its episodes in the expectation's time, in their order.
func (j *judge) alert(e *story.Expectation, w window, episodes []int) {
	slices.Sort(episodes)
	first := j.list[episodes[0]]
	name := text(first.Alert, first.Labels)
	j.Delays = append(j.Delays, first.From-w.since)
	if first.From > w.by+j.step {
		j.Late++
		j.find("late: %s fired at %s, due by %s", name, since(first.From), since(w.by))
	} else {
		j.InTime++
	}
	end, broken := time.Duration(0), false
	for n, i := range episodes {
		episode := j.list[i]
		if n > 0 && end < w.until {
			broken = true
		}
		if n > 0 && end >= w.until {
			break // it had stopped rightly: another episode is none of this trouble's
		}
		j.used[i] = true
		end = episode.To
		if episode.Open {
			end = j.length + j.step
		}
	}
	if broken || end < w.until {
		j.Broken++
		j.find("stops too early: %s from %s, and should fire until %s", j.spans(name, episodes), since(first.From), since(w.until))
	}
	if w.cleared && end > w.clear+j.step {
		j.Stuck++
		j.find("does not clear: %s, due by %s", j.spans(name, episodes), since(w.clear))
	}
}

// spans writes an alert with the times in which it fired.
func (j *judge) spans(name string, episodes []int) string {
	for n, i := range episodes {
		if n == 3 {
			return name + " ..."
		}
		name += fmt.Sprintf(" [%s, %s]", since(j.list[i].From), ending(j.list[i]))
	}
	return name
}
