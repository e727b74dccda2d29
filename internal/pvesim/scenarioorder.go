package pvesim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// change is what an event does to a thing that comes and goes.
type change struct {
	name         string // "guest 102"
	comes, goes  bool   // else it must be there
	replaces     bool   // it may be there already
	event        int
	at           time.Duration
	repeatedness bool
}

// checkOrder goes through the events in the order of their times and finds those about something that is not there yet, or no more. Of
// what events do several times it knows nothing.
func (s *Scenario) checkOrder(m *mistakes) {
	exists := map[string]bool{}
	for _, g := range s.Guests {
		exists["guest "+strconv.Itoa(g.ID)] = true
	}
	for _, j := range s.Jobs {
		exists["job "+j.ID] = true
	}
	for _, st := range s.Storages {
		exists["storage "+st.ID] = true
	}
	changes := s.changes()
	ever := maps.Clone(exists)
	for _, c := range changes {
		ever[c.name] = ever[c.name] || c.comes
	}
	changed := map[string]int{}
	for _, c := range changes {
		if !ever[c.name] {
			continue // a name that is unknown altogether is told elsewhere
		}
		if c.repeatedness || changed[c.name] < 0 {
			changed[c.name] = -1
			continue
		}
		last := "at the beginning"
		if before := changed[c.name]; before > 0 {
			last = fmt.Sprintf("after event %d", before)
		}
		switch there := exists[c.name]; {
		case c.comes && there && !c.replaces:
			m.add(ui.Hint(fmt.Errorf("event %d: %s is there already, %s", c.event+1, c.name, last), "give it another id, or remove the former one before"), "events", c.event)
		case !c.comes && !there:
			m.add(ui.Hint(fmt.Errorf("event %d: %s is not there, %s", c.event+1, c.name, last), "put the events in order: times count from the story's beginning"), "events", c.event)
		}
		if c.comes || c.goes {
			exists[c.name], changed[c.name] = c.comes, c.event+1
		}
	}
}

// changes lists what the events do, in the order in which it happens.
func (s *Scenario) changes() []change {
	var list []change
	for i := range s.Events {
		e := &s.Events[i]
		c := change{event: i, at: time.Duration(e.In) - time.Duration(e.At), repeatedness: e.Times > 1}
		for _, a := range []*guestAction{e.Migrate, e.Rename, e.Lock, e.Destroy, e.StopGuest, e.StartGuest} {
			if a != nil {
				c.name, c.goes = "guest "+strconv.Itoa(a.Guest), a == e.Destroy
			}
		}
		switch {
		case e.Create != nil:
			c.name, c.comes = "guest "+strconv.Itoa(e.Create.ID), true
		case e.ChangeGuest != nil:
			c.name = "guest " + strconv.Itoa(e.ChangeGuest.Guest)
		case e.Job != nil:
			c.name, c.comes, c.replaces = "job "+e.Job.ID, true, true
		case e.ChangeJob != nil:
			c.name = "job " + e.ChangeJob.Job
		case e.RemoveJob != nil:
			c.name, c.goes = "job "+e.RemoveJob.Job, true
		case e.ChangeStorage != nil:
			c.name = "storage " + e.ChangeStorage.Storage
		case e.Fill != nil:
			c.name = "storage " + e.Fill.Storage
		case e.RemoveStorage != nil:
			c.name, c.goes = "storage "+e.RemoveStorage.Storage, true
		}
		if c.name != "" {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return list
}
