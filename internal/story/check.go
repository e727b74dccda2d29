package story

import (
	"fmt"
	"time"
)

// check finds what the file says beside the cluster and cannot mean.
func (s *Story) check() error {
	names := map[string]bool{}
	for _, exporter := range s.Exporters {
		if names[exporter.Name] {
			return fmt.Errorf("exporter %q: stated twice", exporter.Name)
		}
		names[exporter.Name] = true
	}
	for i := range s.Expect {
		if err := s.Expect[i].check(s); err != nil {
			return fmt.Errorf("expectation %d: %w", i+1, err)
		}
	}
	if _, err := s.Declaration(s.Start); err != nil {
		return err
	}
	return nil
}

func (e *Expectation) check(s *Story) error {
	switch {
	case e.Alert == "":
		return fmt.Errorf("names no alert")
	case e.By < e.Since:
		return fmt.Errorf("%s must fire by %s, before its trouble begins at %s", e.Alert, e.By, e.Since)
	case e.After != 0 && (e.After < e.Since || e.After > e.By):
		return fmt.Errorf("%s may fire after %s, which is not between since %s and by %s", e.Alert, e.After, e.Since, e.By)
	case e.By > s.Length:
		return fmt.Errorf("%s must fire by %s, and the story ends at %s", e.Alert, e.By, s.Length)
	case e.Until != 0 && e.Until < e.By:
		return fmt.Errorf("%s must not stop until %s, before it must fire", e.Alert, e.Until)
	case e.Clear != 0 && e.Clear < max(e.By, e.Until):
		return fmt.Errorf("%s must stop by %s, before it need not fire", e.Alert, e.Clear)
	case e.Clear > s.Length:
		return fmt.Errorf("%s must stop by %s, and the story ends at %s", e.Alert, e.Clear, s.Length)
	case e.Rights != "" && e.Rights != Audit && e.Rights != Details:
		return fmt.Errorf("%s: rights are %s or %s, not %q", e.Alert, Audit, Details, e.Rights)
	}
	return nil
}

// ShownAt is the time since the beginning at which the demo begins: that stated, else when the first expected alert must fire, else the end.
func (s *Story) ShownAt() time.Duration {
	switch {
	case s.Shown != 0:
		return time.Duration(s.Shown)
	case len(s.Expect) > 0:
		return time.Duration(s.Expect[0].By)
	}
	return time.Duration(s.Length)
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
