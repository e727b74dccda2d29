package verdict

import (
	"maps"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/scenarios/play"
)

// Peer judges a rule set with alerts of its own by the same troubles: an expected alert is found when something began to fire while its
// trouble lasted and contradicts none of its labels, and a false alarm is what began while no trouble that it could be about was there.
func Peer(told *story.Story, rights string, recording *play.Recording, set string) Verdict {
	v := Verdict{}
	length := recording.End.Sub(recording.Begin)
	list := recording.Episodes[set]
	explained := map[int]bool{}
	for i := range told.Expect {
		e := &told.Expect[i]
		if !e.Holds(rights) {
			continue
		}
		w := windowOf(e, length)
		found := map[string]time.Duration{} // by id, when first
		for n, episode := range list {
			if episode.From < w.since || episode.From > w.clear || contradicts(episode.Labels, e.Labels) {
				continue
			}
			explained[n] = true
			if at, known := found[episode.Labels["id"]]; !known || episode.From < at {
				found[episode.Labels["id"]] = episode.From
			}
		}
		v.count(e, w, found, recording.Step)
	}
	for n, episode := range list {
		if !explained[n] {
			v.False++
			v.find("false alarm: %s from %s to %s", text(episode.Alert, episode.Labels), since(episode.From), ending(episode))
		}
	}
	return v
}

// count adds what was found of one expectation. An alert without an id stands for all of them.
func (v *Verdict) count(e *story.Expectation, w window, found map[string]time.Duration, step time.Duration) {
	wanted := e.Alerts()
	v.Expected += wanted
	hits := min(wanted, len(found))
	whole, general := found[""]
	if general {
		hits = wanted
	}
	v.Missed += wanted - hits
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if hits > 0 {
			hits--
			v.hit(found[id], w, step)
		}
	}
	for ; hits > 0; hits-- {
		v.hit(whole, w, step)
	}
}

func (v *Verdict) hit(at time.Duration, w window, step time.Duration) {
	v.Delays = append(v.Delays, at-w.since)
	if at > w.by+step {
		v.Late++
	} else {
		v.InTime++
	}
}

// contradicts reports whether labels that tell what an alert is about differ where both have them.
func contradicts(labels, wanted map[string]string) bool {
	for _, name := range []string{"id", "storage", "node", "backup_job"} {
		if labels[name] != "" && wanted[name] != "" && labels[name] != wanted[name] {
			return true
		}
	}
	return false
}
