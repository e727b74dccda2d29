package pvesim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func (s *Scenario) checkEvents(m *mistakes) {
	for i := range s.Events {
		for _, err := range s.checkEvent(&s.Events[i]) {
			m.add(fmt.Errorf("event %d: %w", i+1, err), "events", i)
		}
	}
}

func (s *Scenario) checkEvent(e *ScenarioEvent) []error {
	if actions := e.actions(); len(actions) != 1 {
		return []error{ui.Hint(fmt.Errorf("has %d actions instead of one", len(actions)), "write each into an event of its own: - {in: 2d12h, migrate: {guest: 100, to: pve2}}")}
	}
	var found []error
	for _, err := range append(s.checkTime(e), s.checkGuestNames(e), s.checkNodeNames(e), s.checkStorageNames(e), s.checkJobNames(e), s.checkTokenNames(e), s.checkFault(e)) {
		if err != nil {
			found = append(found, err)
		}
	}
	return found
}

// checkTime finds events that never happen, or not as often as is meant.
func (s *Scenario) checkTime(e *ScenarioEvent) (found []error) {
	switch {
	case e.At != 0 && e.In != 0:
		found = append(found, strict.At(ui.Hint(errors.New("is both in the past and in the future"), "at is an age, for the history; in counts ahead from the beginning"), "at"))
	case e.At > s.History:
		found = append(found, strict.At(ui.Hint(fmt.Errorf("happens %s before the beginning, and the history is only %s long", e.At, s.History),
			"make history longer, or let the cluster begin with what the event does"), "at"))
	}
	switch {
	case e.Times < 0:
		found = append(found, strict.At(ui.Hint(fmt.Errorf("happens %d times", e.Times), "times counts how often"), "times"))
	case e.Times > 1 && e.Every == 0:
		found = append(found, strict.At(ui.Hint(fmt.Errorf("happens %d times, but not every how long", e.Times), "add every: 1d"), "times"))
	case e.Every != 0 && e.Times == 0:
		found = append(found, strict.At(ui.Hint(fmt.Errorf("happens every %s, but not how many times", e.Every), "add times: 7"), "every"))
	}
	if f := e.Fill; f != nil && (f.To <= 0 || f.To > 100) {
		found = append(found, strict.At(ui.Hint(fmt.Errorf("fills the storage to %g percent", f.To), "to is what is then used of it in percent, above 0 and up to 100"), "fill", "to"))
	}
	return found
}

// checkGuestNames finds events about guests that are never there.
func (s *Scenario) checkGuestNames(e *ScenarioEvent) error {
	for key, a := range map[string]*guestAction{
		"migrate": e.Migrate, "rename": e.Rename, "lock": e.Lock, "destroy": e.Destroy, "stop_guest": e.StopGuest, "start_guest": e.StartGuest,
	} {
		if a != nil {
			return strict.At(first(needed("guest", a.Guest != 0), strict.At(s.isGuest(a.Guest), "guest")), key)
		}
	}
	switch {
	case e.ChangeGuest != nil:
		err := first(needed("guest", e.ChangeGuest.Guest != 0), strict.At(s.isGuest(e.ChangeGuest.Guest), "guest"))
		if e.ChangeGuest.Pool != nil {
			err = first(err, strict.At(s.isPool(*e.ChangeGuest.Pool), "pool"))
		}
		return strict.At(err, "change_guest")
	case e.Create != nil:
		return strict.At(s.checkGuest(e.Create), "create")
	case e.Archive != nil:
		return strict.At(s.checkArchive(e.Archive), "archive")
	}
	for key, a := range map[string]*archiveAction{"lose_archives": e.LoseArchives, "verify": e.Verify} {
		if a != nil && a.Guest != 0 && !slices.ContainsFunc(s.Archives, func(lying ScenarioArchive) bool { return lying.Guest == a.Guest }) {
			return strict.At(s.isGuest(a.Guest), key, "guest")
		}
	}
	return nil
}

// checkNodeNames finds events about nodes that are not there, or that name none.
func (s *Scenario) checkNodeNames(e *ScenarioEvent) error {
	check := func(key, name string) error {
		return strict.At(first(needed("node", name != ""), s.isNode(name)), key, "node")
	}
	for key, a := range map[string]*downAction{"node_down": e.NodeDown, "scheduler_down": e.SchedulerDown, "daemon_down": e.DaemonDown} {
		if a != nil {
			return check(key, a.Node)
		}
	}
	for key, a := range map[string]*nodeAction{"stop_backup": e.StopBackup, "lose_task_index": e.LoseTaskIndex} {
		if a != nil {
			return check(key, a.Node)
		}
	}
	switch {
	case e.Migrate != nil:
		return strict.At(first(needed("to", e.Migrate.To != ""), s.isNode(e.Migrate.To)), "migrate", "to")
	case e.Rename != nil:
		return strict.At(needed("to", e.Rename.To != ""), "rename")
	case e.Lock != nil:
		return strict.At(oneOf("lock", e.Lock.To, locks), "lock", "to")
	case e.Backup != nil:
		return first(check("backup", e.Backup.Node), strict.At(s.checkOptions(e.Backup.Options), "backup", "options"))
	case e.Crash != nil:
		return check("crash", e.Crash.Node)
	case e.Task != nil:
		return check("task", e.Task.Node)
	case e.Clock != nil:
		return check("clock", e.Clock.Node)
	case e.StorageDown != nil:
		return strict.At(s.isNode(e.StorageDown.Node), "storage_down", "node")
	}
	return nil
}

// checkStorageNames finds events about storages that are never there, and properties that none has.
func (s *Scenario) checkStorageNames(e *ScenarioEvent) error {
	check := func(key, name string) error {
		return strict.At(first(needed("storage", name != ""), s.isStorage(name)), key, "storage")
	}
	switch {
	case e.StorageDown != nil:
		return check("storage_down", e.StorageDown.Storage)
	case e.LoseArchives != nil:
		return first(check("lose_archives", e.LoseArchives.Storage), strict.At(s.isNode(e.LoseArchives.Node), "lose_archives", "node"))
	case e.Verify != nil:
		return first(check("verify", e.Verify.Storage), strict.At(s.isNode(e.Verify.Node), "verify", "node"),
			strict.At(first(needed("state", e.Verify.State != ""), oneOf("state", e.Verify.State, verifications)), "verify", "state"))
	case e.ChangeStorage != nil:
		return first(check("change_storage", e.ChangeStorage.Storage), strict.At(s.checkStorageChange(e.ChangeStorage), "change_storage"))
	case e.RemoveStorage != nil:
		return check("remove_storage", e.RemoveStorage.Storage)
	case e.Fill != nil:
		return check("fill", e.Fill.Storage)
	}
	return nil
}

func (s *Scenario) checkStorageChange(a *changeStorage) error {
	found := []error{strict.At(isSize("size", a.Size), "size")}
	for _, node := range a.Nodes {
		found = append(found, strict.At(s.isNode(node), "nodes"))
	}
	for _, content := range a.Content {
		found = append(found, strict.At(oneOf("content", content, contents), "content"))
	}
	if a.Retention != nil {
		found = append(found, strict.At(isRetention(*a.Retention), "retention"))
	}
	return first(found...)
}

// checkJobNames finds events about jobs that are never there, and schedules that cannot be read.
func (s *Scenario) checkJobNames(e *ScenarioEvent) error {
	switch {
	case e.Job != nil:
		return strict.At(s.checkJob(e.Job), "job")
	case e.RemoveJob != nil:
		return strict.At(first(needed("job", e.RemoveJob.Job != ""), s.isJob(e.RemoveJob.Job)), "remove_job", "job")
	case e.ChangeJob == nil:
		return nil
	}
	change := e.ChangeJob
	err := first(needed("job", change.Job != ""), strict.At(s.isJob(change.Job), "job"), strict.At(s.checkOptions(change.Options), "options"))
	if change.Schedule != "" {
		if wrong := isSchedule(change.Schedule); wrong != nil {
			err = first(err, strict.At(fmt.Errorf("job %q: %w", change.Job, wrong), "schedule"))
		}
	}
	return strict.At(err, "change_job")
}

// checkTokenNames finds events about tokens that are not there.
func (s *Scenario) checkTokenNames(e *ScenarioEvent) error {
	known := []string{ExporterToken, DetailsToken}
	for _, t := range s.Tokens {
		known = append(known, t.ID)
	}
	switch {
	case e.TokenExpired != nil:
		return strict.At(oneOf("token", e.TokenExpired.Token, known), "token_expired", "token")
	case e.PrivilegeTaken == nil:
		return nil
	}
	taken := e.PrivilegeTaken
	err := strict.At(oneOf("token", taken.Token, known), "token")
	if taken.Privilege == "" {
		err = first(err, ui.Hint(errors.New("no privilege is named"), "add privilege: Datastore.Audit"))
	}
	return strict.At(err, "privilege_taken")
}

// checkFault finds faults of calls that nobody makes.
func (s *Scenario) checkFault(e *ScenarioEvent) error {
	if e.Fault == nil {
		return nil
	}
	var known []string
	for _, endpoint := range New(Options{Now: func() time.Time { return time.Unix(0, 0) }, Version: s.Version}).Endpoints() {
		if !slices.Contains(known, endpoint.Template) {
			known = append(known, endpoint.Template)
		}
	}
	slices.Sort(known)
	return strict.At(first(strict.At(oneOf("endpoint", e.Fault.Endpoint, known), "endpoint"), strict.At(s.isNode(e.Fault.Node), "node"),
		strict.At(s.isStorage(e.Fault.Storage), "storage")), "fault")
}
