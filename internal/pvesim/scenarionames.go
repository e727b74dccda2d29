package pvesim

import (
	"fmt"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func (s *Scenario) checkEvents() error {
	for i := range s.Events {
		if err := s.checkEvent(&s.Events[i]); err != nil {
			return fmt.Errorf("event %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *Scenario) checkEvent(e *ScenarioEvent) error {
	switch actions := e.actions(); {
	case len(actions) != 1:
		return fmt.Errorf("has %d actions instead of one", len(actions))
	case e.At != 0 && e.In != 0:
		return fmt.Errorf("is both in the past and in the future")
	case e.Times > 1 && e.Every == 0:
		return fmt.Errorf("happens %d times, but not every how long", e.Times)
	case e.Fill != nil && (e.Fill.To <= 0 || e.Fill.To > 100):
		return fmt.Errorf("fills the storage to %g percent", e.Fill.To)
	}
	for _, check := range []func(*ScenarioEvent) error{s.checkGuestNames, s.checkNodeNames, s.checkStorageNames, s.checkJobNames} {
		if err := check(e); err != nil {
			return err
		}
	}
	return nil
}

// checkGuestNames finds events about guests that are never there.
func (s *Scenario) checkGuestNames(e *ScenarioEvent) error {
	for _, a := range []*guestAction{e.Migrate, e.Rename, e.Lock, e.Destroy, e.StopGuest, e.StartGuest} {
		if a != nil && !s.hasGuest(a.Guest) {
			return fmt.Errorf("unknown guest %d", a.Guest)
		}
	}
	if e.ChangeGuest != nil && !s.hasGuest(e.ChangeGuest.Guest) {
		return fmt.Errorf("unknown guest %d", e.ChangeGuest.Guest)
	}
	if e.ChangeGuest != nil && e.ChangeGuest.Pool != nil {
		if _, known := s.Pools[*e.ChangeGuest.Pool]; !known && *e.ChangeGuest.Pool != "" {
			return fmt.Errorf("unknown pool %q", *e.ChangeGuest.Pool)
		}
	}
	if e.Create != nil {
		return s.checkGuest(e.Create)
	}
	return nil
}

func (s *Scenario) hasGuest(id int) bool {
	return slices.ContainsFunc(s.Guests, func(g ScenarioGuest) bool { return g.ID == id }) ||
		slices.ContainsFunc(s.Events, func(e ScenarioEvent) bool { return e.Create != nil && e.Create.ID == id })
}

// checkNodeNames finds events about nodes that are not there.
func (s *Scenario) checkNodeNames(e *ScenarioEvent) error {
	var names []string
	for _, a := range []*downAction{e.NodeDown, e.SchedulerDown, e.DaemonDown} {
		if a != nil {
			names = append(names, a.Node)
		}
	}
	for _, a := range []*nodeAction{e.StopBackup, e.LoseTaskIndex} {
		if a != nil {
			names = append(names, a.Node)
		}
	}
	switch {
	case e.Migrate != nil:
		names = append(names, e.Migrate.To)
	case e.Backup != nil:
		names = append(names, e.Backup.Node)
	case e.Crash != nil:
		names = append(names, e.Crash.Node)
	case e.Task != nil:
		names = append(names, e.Task.Node)
	case e.Clock != nil:
		names = append(names, e.Clock.Node)
	case e.StorageDown != nil && e.StorageDown.Node != "":
		names = append(names, e.StorageDown.Node)
	}
	for _, name := range names {
		if !s.hasNode(name) {
			return fmt.Errorf("unknown node %q", name)
		}
	}
	return nil
}

// checkStorageNames finds events about storages that are never there.
func (s *Scenario) checkStorageNames(e *ScenarioEvent) error {
	name := ""
	switch {
	case e.StorageDown != nil:
		name = e.StorageDown.Storage
	case e.LoseArchives != nil:
		name = e.LoseArchives.Storage
	case e.Verify != nil:
		name = e.Verify.Storage
	case e.ChangeStorage != nil:
		name = e.ChangeStorage.Storage
	case e.RemoveStorage != nil:
		name = e.RemoveStorage.Storage
	case e.Fill != nil:
		name = e.Fill.Storage
	case e.Archive != nil:
		name = e.Archive.Storage
	default:
		return nil
	}
	if !s.hasStorage(name) {
		return fmt.Errorf("unknown storage %q", name)
	}
	return nil
}

// checkJobNames finds events about jobs and tokens that are never there, and schedules that cannot be read.
func (s *Scenario) checkJobNames(e *ScenarioEvent) error {
	name := ""
	switch {
	case e.Job != nil:
		return e.Job.check()
	case e.RemoveJob != nil:
		name = e.RemoveJob.Job
	case e.ChangeJob != nil:
		name = e.ChangeJob.Job
		if e.ChangeJob.Schedule != "" {
			if _, err := vzdump.ParseCalendarEvent(e.ChangeJob.Schedule); err != nil {
				return fmt.Errorf("job %q: %w", name, err)
			}
		}
	default:
		return s.checkTokenNames(e)
	}
	if !slices.ContainsFunc(s.Jobs, func(j ScenarioJob) bool { return j.ID == name }) &&
		!slices.ContainsFunc(s.Events, func(e ScenarioEvent) bool { return e.Job != nil && e.Job.ID == name }) {
		return fmt.Errorf("unknown job %q", name)
	}
	return nil
}

func (s *Scenario) checkTokenNames(e *ScenarioEvent) error {
	for _, a := range []*rightsAction{e.TokenExpired, e.PrivilegeTaken} {
		if a == nil || a.Token == "" || a.Token == ExporterToken || a.Token == DetailsToken {
			continue
		}
		if !slices.ContainsFunc(s.Tokens, func(t ScenarioToken) bool { return t.ID == a.Token }) {
			return fmt.Errorf("unknown token %q", a.Token)
		}
	}
	if e.PrivilegeTaken != nil && e.PrivilegeTaken.Privilege == "" {
		return fmt.Errorf("no privilege is named")
	}
	return nil
}
