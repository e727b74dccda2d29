package vzdump

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawRetention(t *rapid.T) Retention {
	count := func(name string) int { return rapid.IntRange(0, 4).Draw(t, name) }
	return Retention{
		Last: count("last"), Hourly: count("hourly"), Daily: count("daily"),
		Weekly: count("weekly"), Monthly: count("monthly"), Yearly: count("yearly"),
	}
}

// drawTimes returns distinct times, most of them close to others, in any order.
func drawTimes(t *rapid.T, zone *time.Location) []time.Time {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	minutes := rapid.SliceOfNDistinct(rapid.OneOf(rapid.IntRange(0, 3000), rapid.IntRange(0, 1500000)), 0, 60, rapid.ID[int]).Draw(t, "minutes")
	var times []time.Time
	for _, minute := range minutes {
		times = append(times, start.Add(time.Duration(minute)*time.Minute))
	}
	return times
}

func count(keep []bool) int {
	kept := 0
	for _, k := range keep {
		if k {
			kept++
		}
	}
	return kept
}

func survivors(rule Retention, times []time.Time) []time.Time {
	var kept []time.Time
	for i, keep := range rule.Keep(times) {
		if keep {
			kept = append(kept, times[i])
		}
	}
	return kept
}

func TestKeepProperties(t *testing.T) {
	zone := mustZone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		rule, times := drawRetention(t), drawTimes(t, zone)
		keep := rule.Keep(times)
		if len(keep) != len(times) {
			t.Fatalf("%d answers for %d archives", len(keep), len(times))
		}
		if rule.KeepsAll() {
			if count(keep) != len(times) {
				t.Fatal("a rule without counts removed something")
			}
			return
		}
		if sum := rule.Last + rule.Hourly + rule.Daily + rule.Weekly + rule.Monthly + rule.Yearly; count(keep) > sum {
			t.Fatalf("%d kept, the counts allow %d", count(keep), sum)
		}
		if len(times) > 0 {
			newest := slices.MaxFunc(times, time.Time.Compare)
			if !keep[slices.Index(times, newest)] {
				t.Fatal("the newest archive was removed")
			}
		}
		if left := survivors(rule, times); !slices.Equal(left, survivors(rule, left)) {
			t.Fatal("a second prune removed more")
		}
		shuffled := rapid.Permutation(times).Draw(t, "shuffled")
		for i, again := range rule.Keep(shuffled) {
			if again != keep[slices.Index(times, shuffled[i])] {
				t.Fatalf("%v: the order of the archives decided", shuffled[i])
			}
		}
	})
}

func TestSimulateEqualsPruneAfterPrune(t *testing.T) {
	zone := mustZone(t, "America/New_York")
	rapid.Check(t, func(t *rapid.T) {
		rule, times := drawRetention(t), drawTimes(t, zone)
		want := []time.Time(nil)
		for _, appeared := range slices.SortedFunc(slices.Values(times), time.Time.Compare) {
			want = survivors(rule, append(want, appeared))
		}
		if got := rule.Simulate(times); got != len(want) {
			t.Fatalf("%s: got %d, want %d", rule, got, len(want))
		}
	})
}

func TestRetentionTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := drawRetention(t)
		again, err := ParseRetention(rule.String())
		if err != nil || again != rule {
			t.Fatalf("%+v became %q and then %+v %v", rule, rule, again, err)
		}
	})
}
