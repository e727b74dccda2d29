package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/scenarios/play"
)

const length = 10 * 24 * time.Hour

func age(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := model.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(d)
}

const cluster = `
length: 10d
nodes: [{name: pve1}]
storages: [{id: nas, type: nfs, content: [backup], size: 1T}]
guests:
  - {id: 100, type: qemu, node: pve1}
  - {id: 101, type: qemu, node: pve1}
`

// tell reads a story that goes on for ten days.
func tell(t *testing.T, expect string) *story.Story {
	t.Helper()
	told, err := story.Parse("test", []byte(cluster+"expect: ["+expect+"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return told
}

// heard reads episodes, "Failed qemu/100 nas 2d1h 3d", an end of - for one that does not end.
func heard(t *testing.T, lines ...string) *play.Recording {
	t.Helper()
	recording := &play.Recording{End: time.Time{}.Add(length), Step: 15 * time.Minute, Episodes: map[string][]play.Episode{}}
	for _, line := range lines {
		words := strings.Fields(line)
		episode := play.Episode{
			Alert: words[0], From: age(t, words[3]),
			Labels: map[string]string{"cluster": "home", "severity": "critical", "id": words[1], "storage": words[2]},
		}
		if episode.Open = words[4] == "-"; episode.Open {
			episode.To = length
		} else {
			episode.To = age(t, words[4])
		}
		recording.Episodes["set"] = append(recording.Episodes["set"], episode)
	}
	return recording
}

// figures is what a table compares: expected, in time, late, missed, false, broken, stuck.
type figures [7]int

func of7(v Verdict) figures {
	return figures{v.Expected, v.InTime, v.Late, v.Missed, v.False, v.Broken, v.Stuck}
}

const failed = "{alert: Failed, labels: {id: qemu/100, storage: nas}, since: 2d, by: 2d1h, until: 3d, clear: 3d2h}"

func TestOursIsStrict(t *testing.T) {
	for name, test := range map[string]struct {
		expect string
		heard  []string
		want   figures
	}{
		"as told":                   {failed, []string{"Failed qemu/100 nas 2d30m 3d1h"}, figures{1, 1}},
		"nothing expected or heard": {"", nil, figures{}},
		"one evaluation later":      {failed, []string{"Failed qemu/100 nas 2d1h15m 3d2h15m"}, figures{1, 1}},
		"two evaluations later":     {failed, []string{"Failed qemu/100 nas 2d1h30m 3d1h"}, figures{1, 0, 1}},
		"never":                     {failed, nil, figures{1, 0, 0, 1}},
		"another guest":             {failed, []string{"Failed qemu/101 nas 2d30m 3d1h"}, figures{1, 0, 0, 1, 1}},
		"one too many":              {failed, []string{"Failed qemu/100 nas 2d30m 3d1h", "Failed qemu/101 nas 2d30m 3d1h"}, figures{1, 1, 0, 0, 1}},
		"another alert besides":     {failed, []string{"Failed qemu/100 nas 2d30m 3d1h", "Missing qemu/100 nas 2d30m 3d1h"}, figures{1, 1, 0, 0, 1}},
		"before its trouble":        {failed, []string{"Failed qemu/100 nas 1d 3d1h"}, figures{1, 0, 0, 1, 1}},
		"stops too early":           {failed, []string{"Failed qemu/100 nas 2d30m 2d12h"}, figures{1, 1, 0, 0, 0, 1}},
		"pauses":                    {failed, []string{"Failed qemu/100 nas 2d30m 2d12h", "Failed qemu/100 nas 2d13h 3d1h"}, figures{1, 1, 0, 0, 0, 1}},
		"stops too late":            {failed, []string{"Failed qemu/100 nas 2d30m 3d2h30m"}, figures{1, 1, 0, 0, 0, 0, 1}},
		"does not stop":             {failed, []string{"Failed qemu/100 nas 2d30m -"}, figures{1, 1, 0, 0, 0, 0, 1}},
		"comes back":                {failed, []string{"Failed qemu/100 nas 2d30m 3d1h", "Failed qemu/100 nas 5d 6d"}, figures{1, 1, 0, 0, 1}},
		"comes back at once":        {failed, []string{"Failed qemu/100 nas 2d30m 3d1h", "Failed qemu/100 nas 3d1h30m 6d"}, figures{1, 1, 0, 0, 1}},
		"twice, and both told": {
			failed + ", {alert: Failed, labels: {id: qemu/100}, since: 5d, by: 5d1h, clear: 6d}",
			[]string{"Failed qemu/100 nas 2d30m 3d1h", "Failed qemu/100 nas 5d 6d"}, figures{2, 2},
		},
		"to the end":                 {"{alert: Failed, since: 2d, by: 2d1h}", []string{"Failed qemu/100 nas 2d -"}, figures{1, 1}},
		"not to the end":             {"{alert: Failed, since: 2d, by: 2d1h}", []string{"Failed qemu/100 nas 2d 9d"}, figures{1, 1, 0, 0, 0, 1}},
		"after the time it may":      {"{alert: Failed, since: 2d, after: 4d, by: 5d}", []string{"Failed qemu/100 nas 4d -"}, figures{1, 1}},
		"before the time it may":     {"{alert: Failed, since: 2d, after: 4d, by: 5d}", []string{"Failed qemu/100 nas 3d -"}, figures{1, 0, 0, 1, 1}},
		"several of one kind":        {"{alert: Failed, count: 2, since: 2d, by: 2d1h}", []string{"Failed qemu/100 nas 2d -", "Failed qemu/101 nas 2d -"}, figures{2, 2}},
		"too few of one kind":        {"{alert: Failed, count: 3, since: 2d, by: 2d1h}", []string{"Failed qemu/100 nas 2d -", "Failed qemu/101 nas 2d -"}, figures{3, 2, 0, 1}},
		"with other rights":          {"{alert: Failed, rights: details, since: 2d, by: 2d1h}", []string{"Failed qemu/100 nas 2d -"}, figures{0, 0, 0, 0, 1}},
		"with these rights":          {"{alert: Failed, rights: audit, since: 2d, by: 2d1h}", []string{"Failed qemu/100 nas 2d -"}, figures{1, 1}},
		"never, with the end so far": {"{alert: Failed, since: 2d, by: 2d1h}", nil, figures{1, 0, 0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			v := Ours(tell(t, test.expect), story.Audit, heard(t, test.heard...), "set")
			if got := of7(v); got != test.want {
				t.Errorf("got %v, want %v: %q", got, test.want, v.Findings)
			}
			bad := test.want[2]+test.want[3]+test.want[4]+test.want[5]+test.want[6] > 0
			if v.Good() == bad || (len(v.Findings) > 0) != bad {
				t.Errorf("good is %t, and was found: %q", v.Good(), v.Findings)
			}
		})
	}
}

func TestAWrongRuleIsNotGood(t *testing.T) {
	recording := heard(t)
	recording.Faults = []string{"Failed: no such function"}
	if v := Ours(tell(t, ""), story.Audit, recording, "set"); v.Good() {
		t.Error("a rule that cannot be evaluated passes")
	}
}

func TestPeersAreJudgedGenerously(t *testing.T) {
	for name, test := range map[string]struct {
		expect string
		heard  []string
		want   figures
	}{
		"of another name":           {failed, []string{"Old qemu/100 nas 2d30m 3d1h"}, figures{1, 1}},
		"without the storage":       {failed, []string{"Old qemu/100 - 2d30m 3d1h"}, figures{1, 1}},
		"of the whole cluster":      {failed, []string{"Count - - 2d30m 3d1h"}, figures{1, 1}},
		"late":                      {failed, []string{"Old qemu/100 nas 2d12h 3d1h"}, figures{1, 0, 1}},
		"when it is over":           {failed, []string{"Old qemu/100 nas 4d 5d"}, figures{1, 0, 0, 1, 1}},
		"about another guest":       {failed, []string{"Old qemu/101 nas 2d30m 3d1h"}, figures{1, 0, 0, 1, 1}},
		"about another storage":     {failed, []string{"Space - pbs 2d30m 3d1h"}, figures{1, 0, 0, 1, 1}},
		"fires all the time":        {failed, []string{"Old qemu/100 nas 0s -"}, figures{1, 0, 0, 1, 1}},
		"one alert for all of them": {"{alert: Failed, count: 3, since: 2d, by: 2d1h}", []string{"Count - - 2d -"}, figures{3, 3}},
		"one of three":              {"{alert: Failed, count: 3, since: 2d, by: 2d1h}", []string{"Old qemu/100 nas 2d -"}, figures{3, 1, 0, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			recording := heard(t, test.heard...)
			for _, episode := range recording.Episodes["set"] {
				for label, text := range episode.Labels {
					if text == "-" {
						delete(episode.Labels, label)
					}
				}
			}
			v := Peer(tell(t, test.expect), story.Audit, recording, "set")
			if got := of7(v); got != test.want {
				t.Errorf("got %v, want %v: %q", got, test.want, v.Findings)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	total := Verdict{}
	total.Add(Verdict{Expected: 3, InTime: 2, Missed: 1, Delays: []time.Duration{time.Hour, time.Minute}})
	total.Add(Verdict{Expected: 1, InTime: 1, False: 2, Delays: []time.Duration{2 * time.Hour}})
	if total.Recall() != 0.75 || total.Median() != time.Hour || total.Worst() != 2*time.Hour || total.False != 2 {
		t.Errorf("got %+v: recall %g, median %s, worst %s", total, total.Recall(), total.Median(), total.Worst())
	}
	if none := (&Verdict{}); none.Recall() != 1 || none.Median() != 0 || none.Worst() != 0 {
		t.Error("without an expected alert nothing is missed")
	}
}
