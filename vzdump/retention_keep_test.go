package vzdump

import (
	"strings"
	"testing"
	"time"
)

// archiveTimes reads wall clock readings of a zone.
func archiveTimes(t *testing.T, zone string, readings ...string) []time.Time {
	t.Helper()
	var times []time.Time
	for _, reading := range readings {
		at, err := time.ParseInLocation("2006-01-02 15:04", reading, mustZone(t, zone))
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, at)
	}
	return times
}

func TestKeep(t *testing.T) {
	for name, test := range map[string]struct {
		rule, zone string
		readings   []string
		want       string // k for keep and - for remove, in the order of the readings
	}{
		"the newest, in any order": {
			"keep-last=2", "UTC",
			[]string{"2027-05-03 02:00", "2027-05-01 02:00", "2027-05-04 02:00", "2027-05-02 02:00"},
			"k-k-",
		},
		"the newest of each day": {
			"keep-daily=2", "UTC",
			[]string{"2027-05-01 02:00", "2027-05-02 02:00", "2027-05-02 14:00", "2027-05-03 02:00"},
			"--kk",
		},
		"days without an archive do not count": {
			"keep-daily=3", "UTC",
			[]string{"2027-01-01 02:00", "2027-03-01 02:00", "2027-05-01 02:00"},
			"kkk",
		},
		"a day that an earlier rule serves is passed over": {
			"keep-last=1,keep-daily=2", "UTC",
			[]string{"2027-05-01 02:00", "2027-05-02 02:00", "2027-05-03 02:00", "2027-05-03 14:00"},
			"kk-k",
		},
		// The one of 10:00 lost against 14:00 under keep-daily, and that is final: keep-weekly may not take it up.
		"what lost within its day stays lost": {
			"keep-daily=1,keep-weekly=1", "UTC",
			[]string{"2027-05-01 02:00", "2027-05-03 10:00", "2027-05-03 14:00"},
			"k-k",
		},
		"ISO weeks begin on Monday and cross the new year": {
			"keep-weekly=2", "UTC",
			[]string{"2026-12-27 02:00", "2026-12-28 02:00", "2027-01-03 02:00", "2027-01-04 02:00"},
			"--kk",
		},
		"months and years": {
			"keep-monthly=2,keep-yearly=2", "UTC",
			[]string{"2025-12-31 02:00", "2026-11-30 02:00", "2026-12-31 02:00", "2027-01-15 02:00", "2027-01-31 02:00"},
			"k-k-k",
		},
		"midnight is local": {
			"keep-daily=2", "Europe/Berlin",
			[]string{"2027-07-01 23:30", "2027-07-02 00:30", "2027-07-02 01:30"},
			"k-k",
		},
		"all": {"keep-all=1", "UTC", []string{"2027-05-01 02:00", "2027-05-01 02:00"}, "kk"},
		"one of two of the same second": {
			"keep-last=2", "UTC", []string{"2027-05-01 02:00", "2027-05-01 02:00", "2027-04-01 02:00"}, "k-k",
		},
		"none": {"keep-last=2", "UTC", nil, ""},
	} {
		times := archiveTimes(t, test.zone, test.readings...)
		if got := keepPattern(mustRetention(t, test.rule).Keep(times)); got != test.want {
			t.Errorf("%s: %s: got %s, want %s", name, test.rule, got, test.want)
		}
	}
}

// In that night 02:10 comes twice, and both readings belong to one hour.
func TestKeepTakesTheHourThatComesTwiceForOne(t *testing.T) {
	times := archiveTimes(t, "UTC", "2026-10-24 23:10", "2026-10-25 00:10", "2026-10-25 01:10")
	for i := range times {
		times[i] = times[i].In(mustZone(t, "Europe/Berlin"))
	}
	if got := keepPattern((Retention{Hourly: 2}).Keep(times)); got != "k-k" {
		t.Errorf("got %s, want k-k", got)
	}
}

func keepPattern(keep []bool) string {
	var pattern strings.Builder
	for _, kept := range keep {
		if kept {
			pattern.WriteByte('k')
		} else {
			pattern.WriteByte('-')
		}
	}
	return pattern.String()
}

func mustRetention(t testing.TB, text string) Retention {
	t.Helper()
	rule, err := ParseRetention(text)
	if err != nil {
		t.Fatal(err)
	}
	return rule
}

func TestSimulate(t *testing.T) {
	daily := make([]time.Time, 0, 2000)
	for day := range 2000 {
		daily = append(daily, time.Date(2022, 1, 1+day, 2, 0, 0, 0, time.UTC))
	}
	for rule, want := range map[string]int{
		"keep-all=1":  2000,
		"keep-last=3": 3,
		// The last seven days; then the newest of each of the four weeks before those that the days serve.
		"keep-daily=7,keep-weekly=4":                               11,
		"keep-daily=7,keep-weekly=4,keep-monthly=12,keep-yearly=3": 26,
	} {
		if got := mustRetention(t, rule).Simulate(daily); got != want {
			t.Errorf("%s: got %d, want %d", rule, got, want)
		}
	}
}

// A lone monthly rule keeps replacing the archive of the running month, so that the last one of a month survives it.
func TestSimulateGrowsWithTheMonths(t *testing.T) {
	rule := mustRetention(t, "keep-monthly=3")
	times := archiveTimes(t, "UTC", "2027-01-30 02:00", "2027-01-31 02:00", "2027-02-01 02:00", "2027-02-28 02:00", "2027-03-01 02:00", "2027-04-01 02:00")
	for i, want := range []int{0, 1, 1, 2, 2, 3, 3} {
		if got := rule.Simulate(times[:i]); got != want {
			t.Errorf("after %d archives: got %d, want %d", i, got, want)
		}
	}
}

// The archive of 31 January shares its week with that of 2 February, and had already driven out the rest of January.
func TestSimulateLosesAMonthToAWeek(t *testing.T) {
	rule := mustRetention(t, "keep-weekly=1,keep-monthly=2")
	times := archiveTimes(t, "UTC", "2025-01-24 02:00", "2025-01-31 02:00", "2025-02-02 02:00", "2025-02-09 02:00", "2025-03-09 02:00")
	if got := rule.Simulate(times); got != 2 {
		t.Errorf("got %d archives, want those of 9 March and 9 February", got)
	}
	if got := count(rule.Keep(times)); got != 3 {
		t.Errorf("one prune of all: got %d archives, want one of January too", got)
	}
}
