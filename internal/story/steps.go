package story

import (
	"slices"
	"time"
)

// Hours that nothing is told of are looked at once an hour; around what the story tells, and after the runs of its jobs, it is looked at
// in steps of minutes.
const (
	calm      = time.Hour
	aftermath = 3 * time.Hour // of what the story tells
	afterRun  = time.Hour     // of a job's run
	seldom    = 6 * time.Hour // jobs that run more often than this have no times of their own
)

// Steps returns the moments at which the story is looked at, counted from its beginning: every step where one is stated.
func (s *Story) Steps() []time.Duration {
	step, length := time.Duration(s.Step), time.Duration(s.Length)
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
	return slices.DeleteFunc(every(step, length), func(at time.Duration) bool { return at%calm != 0 && !busy[at/step] })
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
	list := append(s.Moments(), 0)
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
