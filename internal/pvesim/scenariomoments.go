package pvesim

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Moments returns when the scenario makes something happen, begin or end, counted from its beginning. What jobs do is none of it.
func (s *Scenario) Moments() []time.Duration {
	var list []time.Duration
	for i := range s.Events {
		e := &s.Events[i]
		at := time.Duration(e.In) - time.Duration(e.At)
		for range max(e.Times, 1) {
			list = append(list, at, at+time.Duration(e.lasts()))
			at += time.Duration(e.Every)
		}
	}
	for _, o := range s.Outcomes {
		list = append(list, time.Duration(o.In), time.Duration(o.In+o.For))
	}
	return list
}

// lasts is for how long an event goes on; 0 where it does not, or for good.
func (e *ScenarioEvent) lasts() Age {
	for _, a := range []*downAction{e.NodeDown, e.SchedulerDown, e.StorageDown, e.DaemonDown, e.APIDown, e.QuorumLost} {
		if a != nil {
			return a.For
		}
	}
	for _, a := range []*rightsAction{e.TokenExpired, e.PrivilegeTaken} {
		if a != nil {
			return a.For
		}
	}
	switch {
	case e.Clock != nil:
		return e.Clock.For
	case e.Fault != nil:
		return e.Fault.For
	case e.Fill != nil:
		return e.Fill.Over
	}
	return 0
}

// Runs returns when the scenario's jobs would run in a time, by the schedules and zones that they begin with. Jobs that run more often than
// least are left out.
func (s *Scenario) Runs(from, until time.Time, least time.Duration) []time.Time {
	zones := map[string]*time.Location{}
	for _, n := range s.Nodes {
		zone, _ := time.LoadLocation(n.Zone) // validated
		zones[zone.String()] = zone
	}
	var list []time.Time
	for _, schedule := range s.schedules() {
		event, err := vzdump.ParseCalendarEvent(schedule)
		if err != nil {
			continue
		}
		for _, zone := range zones {
			last := time.Time{}
			for at, ok := event.Next(from.In(zone)); ok && at.Before(until); at, ok = event.Next(at) {
				if !last.IsZero() && at.Sub(last) < least {
					break
				}
				list, last = append(list, at), at
			}
		}
	}
	return list
}

// RunsOftenerThan reports whether a job of the scenario begins with a schedule that leaves less time between two runs.
func (s *Scenario) RunsOftenerThan(least time.Duration) bool {
	for _, schedule := range s.schedules() {
		event, err := vzdump.ParseCalendarEvent(schedule)
		if err != nil {
			continue
		}
		at, ok := event.Next(time.Unix(0, 0).UTC())
		if next, again := event.Next(at); ok && again && next.Sub(at) < least {
			return true
		}
	}
	return false
}

// schedules lists the schedules of all jobs, those of events too.
func (s *Scenario) schedules() []string {
	var list []string
	for _, j := range s.Jobs {
		list = append(list, j.Schedule)
	}
	for i := range s.Events {
		switch e := &s.Events[i]; {
		case e.Job != nil:
			list = append(list, e.Job.Schedule)
		case e.ChangeJob != nil && e.ChangeJob.Schedule != "":
			list = append(list, e.ChangeJob.Schedule)
		}
	}
	return list
}
