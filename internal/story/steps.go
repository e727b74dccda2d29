package story

import (
	"slices"
	"time"
)

// Hours that nothing is told of are looked at now and then; around what the story tells, and after the runs of its jobs, it is looked at
// in steps of minutes.
const (
	calm      = 90 * time.Minute
	lively    = 30 * time.Minute // instead, where jobs run more often than seldom
	aftermath = 2 * time.Hour    // of what the story tells
	afterRun  = time.Hour        // of a job's run
	seldom    = 6 * time.Hour    // jobs that run more often than this have no times of their own
)

// Longest is the longest time between two moments at which the story is looked at.
func (s *Story) Longest() time.Duration {
	switch step := time.Duration(s.Step); {
	case s.Uniform:
		return step
	case s.RunsOftenerThan(seldom):
		return max(step, lively)
	}
	return calm
}

// Steps returns the moments at which the story is looked at, counted from its beginning: every step where one is stated.
func (s *Story) Steps() []time.Duration {
	step, length, longest := time.Duration(s.Step), time.Duration(s.Length), s.Longest()
	if s.Uniform {
		return every(step, length)
	}
	busy := make([]bool, length/step+1)
	mark := func(from, until time.Duration) {
		for i := max(0, int(from/step)); i < len(busy) && time.Duration(i)*step <= until; i++ {
			busy[i] = true
		}
	}
	for _, at := range s.told() {
		mark(at-step, at+aftermath)
	}
	for _, run := range s.Runs(s.Start, s.Start.Add(length), seldom) {
		at := run.Sub(s.Start)
		mark(at, at+afterRun)
	}
	return slices.DeleteFunc(every(step, length), func(at time.Duration) bool { return at%longest != 0 && at != length && !busy[at/step] })
}

func every(step, length time.Duration) []time.Duration {
	var list []time.Duration
	for at := time.Duration(0); at <= length; at += step {
		list = append(list, at)
	}
	return list
}

// told lists all times that the story names.
func (s *Story) told() []time.Duration {
	list := slices.Concat(s.Moments(), []time.Duration{0}, s.storeTimes(), s.drillTimes())
	for _, exporter := range s.Exporters {
		for _, outage := range exporter.Down {
			list = append(list, time.Duration(outage.In), time.Duration(outage.In+outage.For))
		}
	}
	for _, e := range s.Expect {
		list = append(list, time.Duration(e.Since), time.Duration(e.After), time.Duration(e.By), time.Duration(e.Until), time.Duration(e.Clear))
	}
	return list
}
