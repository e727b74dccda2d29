package vzdump

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCalendarEventRuns(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "calendar-events.txt"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, " | ")
		if len(fields) != 4 {
			t.Fatalf("line %q has %d fields, want 4", line, len(fields))
		}
		at, err := time.ParseInLocation(time.RFC3339, fields[2], mustZone(t, fields[1]))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Fields(fields[3])
		got := calendarRuns(mustCalendarEvent(t, fields[0]), at.In(mustZone(t, fields[1])), len(want))
		if strings.Join(got, " ") != fields[3] {
			t.Errorf("%s in %s after %s:\n got %s\nwant %s", fields[0], fields[1], fields[2], strings.Join(got, " "), fields[3])
		}
		checked++
	}
	if checked < 30 {
		t.Errorf("checked %d schedules, want them all", checked)
	}
}

// calendarRuns returns count runs, each after the one before, and "never" in place of the first that does not come.
func calendarRuns(event CalendarEvent, at time.Time, count int) []string {
	var runs []string
	for len(runs) < count {
		next, ok := event.Next(at)
		if !ok {
			return append(runs, "never")
		}
		runs = append(runs, next.Format(time.RFC3339))
		at = next
	}
	return runs
}

func TestCalendarEventErrorsNameThePart(t *testing.T) {
	for text, part := range map[string]string{
		"":                  `""`,
		"61":                `"61"`,
		"mon 0 0":           `" 0"`,
		"Weekly":            `"Weekly" is not a weekday`,
		"mon,frei 01:00":    `",frei 01:00"`,
		"02:30 CET":         `" CET"`,
		"*/0":               `"/0"`,
		"5..3:00":           `"5..3:00"`,
		"0 1 * * *":         `" 1 * * *"`,
		"4294967296":        `"4294967296"`,
		"2200-01-01":        `"2200-01-01"`,
		"UTC":               `""`,
		"01:00 Europe/Rome": `" Europe/Rome"`,
	} {
		_, err := ParseCalendarEvent(text)
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: got error %v, want one that names %s", text, err, part)
		}
	}
}

func TestCalendarEventKeepsItsText(t *testing.T) {
	for _, text := range []string{"mon..fri 22:30", " daily ", "Sunday 3:00 UTC"} {
		if got := mustCalendarEvent(t, text).String(); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func TestCalendarEventRunsInTheZoneThatItIsAskedIn(t *testing.T) {
	tokyo := mustZone(t, "Asia/Tokyo")
	next, ok := mustCalendarEvent(t, "02:30 UTC").Next(time.Date(2027, 6, 1, 12, 0, 0, 0, tokyo))
	if !ok || next.Location() != tokyo || next.Hour() != 11 {
		t.Errorf("got %v %v, want 11:30 in Tokyo, which is 02:30 UTC", next, ok)
	}
}

func TestCalendarEventIgnoresFractionsOfASecond(t *testing.T) {
	after := time.Date(2027, 6, 1, 1, 59, 59, 999_999_999, time.UTC)
	next, ok := mustCalendarEvent(t, "2:00").Next(after)
	if want := time.Date(2027, 6, 1, 2, 0, 0, 0, time.UTC); !ok || !next.Equal(want) {
		t.Errorf("got %v %v, want %v", next, ok, want)
	}
}

func TestZeroCalendarEventNeverFires(t *testing.T) {
	if next, ok := (CalendarEvent{}).Next(time.Unix(0, 0)); ok {
		t.Errorf("got %v, want never", next)
	}
}

func TestCalendarEventServesManyAtOnce(t *testing.T) {
	event := mustCalendarEvent(t, "mon..fri 8..17,22:0/15")
	at := time.Date(2027, 6, 1, 9, 1, 0, 0, time.UTC)
	want, _ := event.Next(at)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got, ok := event.Next(at); !ok || !got.Equal(want) {
				t.Errorf("got %v %v, want %v", got, ok, want)
			}
		})
	}
	wait.Wait()
}

// The runs of any schedule lie strictly ahead, on a whole second that the schedule's own fields allow.
func FuzzCalendarEvent(f *testing.F) {
	for _, text := range []string{"mon..fri 8..17,22:0/15", "*-2-29", "fri *-*-13/3 */5:*/7:*/11 UTC", "2015-10-21", "0..0,9/0:5", "semiannually", "*/1-*/1-*/1 *"} {
		f.Add(text, int64(1795350896), uint8(1))
	}
	zones := []string{"UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Africa/Cairo"}
	f.Fuzz(func(t *testing.T, text string, after int64, zone uint8) {
		event, err := ParseCalendarEvent(text)
		if err != nil {
			return
		}
		at := time.Unix(after%(1<<36), 0).In(mustZone(t, zones[int(zone)%len(zones)]))
		for range 3 {
			next, ok := event.Next(at)
			if !ok {
				return
			}
			if !next.After(at) || next.Nanosecond() != 0 {
				t.Fatalf("%q: the run after %v is %v", text, at, next)
			}
			shown := next
			if event.utc {
				shown = next.UTC()
			}
			if !event.hours.contains(shown.Hour()) || !event.minutes.contains(shown.Minute()) || !event.days.contains(shown.Day()) {
				t.Fatalf("%q: %v is not one of its runs", text, shown)
			}
			at = next
		}
	})
}
