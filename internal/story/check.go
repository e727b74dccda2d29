package story

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// wrong is a mistake with what to do about it.
func wrong(hint, format string, args ...any) error {
	return ui.Hint(fmt.Errorf(format, args...), "%s", hint)
}

// mistakes finds what the file says and cannot mean.
func (s *Story) mistakes() []error {
	list := s.Mistakes()
	if s.Length != 0 {
		list = append(list, s.tooLate()...)
		list = append(list, s.noStorage()...)
	} else if len(s.Expect) > 0 {
		list = append(list, strict.At(wrong("add length: 10d", "alerts are expected, and the story has no length"), "expect"))
	}
	names := map[string]bool{}
	for i, exporter := range s.Exporters {
		if names[exporter.Name] {
			list = append(list, strict.At(wrong("give each a name of its own, such as other:10221", "exporter %q: stated twice", exporter.Name), "exporters", i))
		}
		names[exporter.Name] = true
	}
	for i := range s.Expect {
		for _, check := range []func(*Story) error{s.Expect[i].times, s.Expect[i].labels} {
			if err := check(s); err != nil {
				list = append(list, strict.At(fmt.Errorf("expectation %d: %w", i+1, err), "expect", i))
			}
		}
	}
	return slices.Concat(list, s.storesWrongly(), s.drillsWrongly(), s.declaredWrongly())
}

// tooLate finds what would happen only after the story's end.
func (s *Story) tooLate() (list []error) {
	late := func(at pvesim.Age, what string, path ...any) {
		if at > s.Length {
			err := wrong("make length longer, or let it happen earlier: times count from the story's beginning", "%s at %s, and the story ends at %s", what, at, s.Length)
			list = append(list, strict.At(err, path...))
		}
	}
	for i := range s.Events {
		late(s.Events[i].In, fmt.Sprintf("event %d: happens", i+1), "events", i)
	}
	for i := range s.Outcomes {
		late(s.Outcomes[i].In, fmt.Sprintf("outcome %d: begins", i+1), "outcomes", i)
	}
	for i, exporter := range s.Exporters {
		for k, outage := range exporter.Down {
			late(outage.In, fmt.Sprintf("exporter %q: goes down", exporter.Name), "exporters", i, "down", k)
		}
	}
	late(s.Shown, "the demo begins", "shown")
	if s.Uniform && s.Step < pvesim.Age(time.Second) {
		list = append(list, strict.At(wrong("leave step out, or state 5m or more", "a step of %s is none", s.Step), "step"))
	}
	return list
}

// noStorage finds jobs that write to storages that are never there: that may be meant, but then the file can say so. A backup by hand may
// go anywhere; only what looks like a slip is one.
func (s *Story) noStorage() (list []error) {
	var known []string
	for _, storage := range s.Storages {
		known = append(known, storage.ID)
	}
	check := func(options map[string]string, path ...any) {
		if name := options["storage"]; name != "" && !slices.Contains(known, name) {
			hint := "there are " + strings.Join(known, ", ") + "; one that is gone by then: list it, and remove it by an event remove_storage"
			near, likely := nearest.Word(name, known)
			if likely {
				hint = "did you mean " + near + "? " + hint
			}
			if likely || !slices.Contains(path, any("backup")) {
				list = append(list, strict.At(wrong(hint, "unknown storage %q", name), path...))
			}
		}
	}
	for i, job := range s.Jobs {
		check(job.Options, "jobs", i, "options", "storage")
	}
	for i := range s.Events {
		switch e := &s.Events[i]; {
		case e.Job != nil:
			check(e.Job.Options, "events", i, "job", "options", "storage")
		case e.ChangeJob != nil:
			check(e.ChangeJob.Options, "events", i, "change_job", "options", "storage")
		case e.Backup != nil:
			check(e.Backup.Options, "events", i, "backup", "options", "storage")
		}
	}
	return list
}

// times finds expectations that nothing can meet.
func (e *Expectation) times(s *Story) error {
	at := func(key string, err error) error { return strict.At(err, key) }
	const order = "in the order of time: since, after, by, until, clear"
	switch {
	case e.Alert == "":
		return wrong("add alert: BackupJobFailed; docs/alerts.md lists them", "names no alert")
	case e.Count < 0:
		return at("count", wrong("count is how many alerts of different labels", "%s: a count of %d", e.Alert, e.Count))
	case e.By < e.Since:
		return at("by", wrong(order, "%s must fire by %s, before its trouble begins at %s", e.Alert, e.By, e.Since))
	case e.After != 0 && (e.After < e.Since || e.After > e.By):
		return at("after", wrong(order, "%s may fire after %s, which is not between since %s and by %s", e.Alert, e.After, e.Since, e.By))
	case e.By > s.Length:
		return at("by", wrong("make length longer", "%s must fire by %s, and the story ends at %s", e.Alert, e.By, s.Length))
	case e.Until != 0 && e.Until < e.By:
		return at("until", wrong(order, "%s must not stop until %s, before it must fire", e.Alert, e.Until))
	case e.Clear != 0 && e.Clear < max(e.By, e.Until):
		return at("clear", wrong(order, "%s must stop by %s, before it need not fire", e.Alert, e.Clear))
	case e.Clear > s.Length:
		return at("clear", wrong("make length longer, or leave clear out: then it fires to the end", "%s must stop by %s, and the story ends at %s", e.Alert, e.Clear, s.Length))
	case e.Rights != "" && e.Rights != Audit && e.Rights != Details:
		return at("rights", wrong("leave rights out where it makes no difference", "%s: rights are %s or %s, not %q", e.Alert, Audit, Details, e.Rights))
	}
	return nil
}

// alertLabels are what alerts may carry; docs/alerts.md tells which.
var alertLabels = []string{"cluster", "environment", "id", "storage", "severity", "store", "bucket", "key", "kind", "proof"}

// labels finds labels that no alert of this cluster can have. Without honor_labels the target's own are in their place.
func (e *Expectation) labels(s *Story) error {
	if !s.Scrape.Honor() {
		return nil
	}
	known := map[string][]string{"cluster": {"home"}, "environment": s.environments(), "storage": {""}, "id": {}}
	for _, storage := range s.Storages {
		known["storage"] = append(known["storage"], storage.ID)
	}
	for _, store := range s.ObjectStores {
		known["store"] = append(known["store"], store.Name)
	}
	for _, guest := range s.everyGuest() {
		known["id"] = append(known["id"], guest.Type+"/"+fmt.Sprint(guest.ID))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Labels)) {
		if !slices.Contains(alertLabels, name) {
			return strict.At(wrong("alerts have "+strings.Join(alertLabels[:4], ", ")+", as far as they apply; see docs/alerts.md", "no alert has a label %q", name), "labels", name)
		}
		values, listed := known[name]
		if text := e.Labels[name]; listed && !slices.Contains(values, text) {
			hint := "there are " + strings.Join(values, ", ")
			if near, likely := nearest.Word(text, values); likely {
				hint = "did you mean " + near + "? " + hint
			}
			return strict.At(wrong(hint, "nothing of this story has the label %s: %q", name, text), "labels", name)
		}
	}
	return nil
}

// everyGuest lists all guests of the story, those that appear in it too.
func (s *Story) everyGuest() []pvesim.ScenarioGuest {
	list := slices.Clone(s.Guests)
	for i := range s.Events {
		if guest := s.Events[i].Create; guest != nil {
			list = append(list, *guest)
		}
	}
	return list
}

// CheckAlerts finds expectations of alerts that are none of those that exist.
func (s *Story) CheckAlerts(exist []string) error {
	var list []error
	for i, e := range s.Expect {
		if slices.Contains(exist, e.Alert) {
			continue
		}
		hint := "docs/alerts.md lists the alerts"
		if near, likely := nearest.Word(e.Alert, exist); likely {
			hint = "did you mean " + near + "? " + hint
		}
		list = append(list, strict.At(fmt.Errorf("expectation %d: %w", i+1, wrong(hint, "unknown alert %q", e.Alert)), "expect", i, "alert"))
	}
	return s.file.Locate(list...)
}

// NeedsLength reports an error for a scenario that has no end and so cannot be played.
func (s *Story) NeedsLength() error {
	if s.Length != 0 {
		return nil
	}
	return s.file.Locate(wrong("add length: 10d. Without it the file is a scenario of the demo, whose history ends now", "the story has no length"))
}

// ShownAt is the time since the beginning at which the demo begins: that stated, else when the first expected alert must fire, else the end.
func (s *Story) ShownAt() time.Duration {
	if s.Shown == 0 && len(s.Expect) > 0 {
		return time.Duration(s.Expect[0].By)
	}
	return time.Duration(cmp.Or(s.Shown, s.Length))
}

// Begin is when the story would have begun for the demo to begin now: at the time of day at which it begins, since jobs run by the clock.
func (s *Story) Begin(now time.Time) time.Time {
	if s.Length == 0 {
		return now // a scenario that is no story: its history ends now
	}
	latest := now.Add(-s.ShownAt()).UTC()
	start := s.Start.UTC()
	begin := time.Date(latest.Year(), latest.Month(), latest.Day(), start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
	if begin.After(latest) {
		begin = begin.AddDate(0, 0, -1)
	}
	return begin
}
