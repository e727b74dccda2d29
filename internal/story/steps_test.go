package story

import (
	"slices"
	"testing"
	"time"
)

func TestAStoryIsLookedAtWhereSomethingHappens(t *testing.T) {
	s := parse(t, `
history: 3d
length: 10d
nodes: [{name: pve1}]
jobs: [{id: nightly, schedule: "01:00", options: {all: "1"}}, {id: weekly, schedule: "sat 17:00", options: {all: "1"}}]
events: [{in: 3d12h30m, node_down: {node: pve1, for: 5h}}]
exporters: [{down: [{in: 5d12h}]}]
expect: [{alert: A, since: 7d12h, by: 7d13h15m}]
`)
	steps := s.Steps()
	for text, want := range map[string]bool{
		"0s": true, "15m": true, "10d": true, // the beginning is always of interest
		"2d12h": true, "2d12h15m": false, "2d13h": false, "2d13h30m": true, // calm hours
		"2d1h15m": true, "2d2h15m": false, // after the run of the job
		"5d17h15m": true, "4d17h15m": false, // the first Saturday
		"3d12h15m": true, "3d14h30m": true, "3d15h15m": false, "3d17h15m": true, "3d19h30m": true, "3d19h45m": false, // an event begins and ends
		"5d11h45m": true, "5d12h15m": true, "7d13h15m": true,
	} {
		at, err := parseAge(text)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(steps, at) != want {
			t.Errorf("%s: looked at %t, want %t", text, !want, want)
		}
	}
	if !slices.IsSorted(steps) || len(steps) > 500 {
		t.Errorf("%d steps, or not in order", len(steps))
	}
}

func TestJobsThatRunOftenAreLookedAtOften(t *testing.T) {
	s := parse(t, head+"jobs: [{id: hourly, schedule: hourly, options: {all: \"1\"}}]\n")
	if steps := s.Steps(); s.Longest() != 30*time.Minute || !slices.Contains(steps, 100*time.Hour+30*time.Minute) || slices.Contains(steps, 100*time.Hour+15*time.Minute) {
		t.Errorf("every %s: %v", s.Longest(), steps)
	}
}

func TestAStatedStepIsKept(t *testing.T) {
	if steps := parse(t, head+"step: 3h\n").Steps(); len(steps) != 81 || steps[1] != 3*time.Hour {
		t.Errorf("got %d steps, the second one %s", len(steps), steps[1])
	}
	if steps := parse(t, "history: 3d\nlength: 365d\nnodes: [{name: pve1}]\n").Steps(); len(steps) != 365*16+4 || steps[5] != 3*time.Hour {
		t.Errorf("a year has %d steps", len(steps))
	}
}
