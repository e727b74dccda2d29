package vzdump

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the comparison must not depend on the zones that the machine has installed

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

// Schedules with the runs that Proxmox VE's own code computed for them.
type recordedCalendar struct {
	Events []struct {
		Schedule string  `json:"schedule"`
		Zone     string  `json:"zone"`
		After    int64   `json:"after"`
		Next     []int64 `json:"next"`
	} `json:"events"`
	Parse []struct {
		Schedule string `json:"schedule"`
		Accepted bool   `json:"accepted"`
		NextUTC  string `json:"next_after_1795350896_utc"`
	} `json:"parse"`
}

func readRecordedCalendar(t *testing.T) recordedCalendar {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "calendar-events.json"))
	if err != nil {
		t.Fatal(err)
	}
	var recorded recordedCalendar
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded.Events) == 0 || len(recorded.Parse) == 0 {
		t.Fatal("the recording holds no schedules")
	}
	return recorded
}

func TestCalendarEventRunsAsRecorded(t *testing.T) {
	for _, want := range readRecordedCalendar(t).Events {
		event := mustCalendarEvent(t, want.Schedule)
		at := time.Unix(want.After, 0).In(mustZone(t, want.Zone))
		got := []int64{}
		for len(got) < 6 {
			next, ok := event.Next(at)
			if !ok {
				break
			}
			got = append(got, next.Unix())
			at = next
		}
		if !slices.Equal(got, want.Next) {
			t.Errorf("%q in %s after %d: got %v, want %v", want.Schedule, want.Zone, want.After, got, want.Next)
		}
	}
}

func TestCalendarEventAcceptsWhatIsRecorded(t *testing.T) {
	for _, want := range readRecordedCalendar(t).Parse {
		event, err := ParseCalendarEvent(want.Schedule)
		if (err == nil) != want.Accepted {
			t.Errorf("%q: got error %v, want accepted %v", want.Schedule, err, want.Accepted)
			continue
		}
		got := ""
		if next, ok := event.Next(time.Unix(1795350896, 0).UTC()); ok {
			got = time.Unix(next.Unix(), 0).UTC().Format(time.RFC3339)
		}
		if wanted := recordedInstant(t, want.NextUTC); got != wanted {
			t.Errorf("%q: next run %q, want %q", want.Schedule, got, wanted)
		}
	}
}

func recordedInstant(t *testing.T, seconds string) string {
	t.Helper()
	if seconds == "" {
		return ""
	}
	var unix int64
	if err := json.Unmarshal([]byte(seconds), &unix); err != nil {
		t.Fatal(err)
	}
	return time.Unix(unix, 0).UTC().Format(time.RFC3339)
}

func mustCalendarEvent(t testing.TB, text string) CalendarEvent {
	t.Helper()
	event, err := ParseCalendarEvent(text)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
