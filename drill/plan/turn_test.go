package plan

import (
	"fmt"
	"testing"
	"time"
)

var today = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// TestEveryTurnComesInTime runs a drill a night and looks at how long each guest ever waits.
func TestEveryTurnComesInTime(t *testing.T) {
	for _, test := range []struct {
		name            string
		monthly, weekly int
		most            int // drills of one night
	}{
		{"one guest", 1, 0, 1},
		{"fewer than nights", 20, 0, 1},
		{"as many as nights", 30, 0, 2},
		{"more than nights", 75, 0, 4},
		{"two periods", 40, 10, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			var all []Candidate
			for i := range test.monthly + test.weekly {
				each := Candidate{ID: fmt.Sprint("qemu/", 100+i), VMID: 100 + i, Every: 30 * day, Since: today.Unix()}
				if i >= test.monthly {
					each.Every = 7 * day
				}
				all = append(all, each)
			}
			now := today
			for night := range 120 {
				turns := Turns(all, now)
				if len(turns) > test.most {
					t.Fatalf("night %d: %d drills, want %d at most", night, len(turns), test.most)
				}
				for _, turn := range turns {
					all[turn.VMID-100].LastTried = now.Add(time.Hour).Unix()
				}
				for _, each := range all {
					since := now.Sub(time.Unix(each.LastTried, 0))
					if each.LastTried == 0 {
						since = now.Sub(today)
					}
					if since > each.Every {
						t.Fatalf("night %d: %s waits for %s, want %s at most", night, each.ID, since, each.Every)
					}
				}
				now = now.Add(day)
			}
		})
	}
}

func TestAGuestThatFailedComesAgainSoon(t *testing.T) {
	tried := func(ago time.Duration, failed bool) []Candidate {
		return []Candidate{{ID: "qemu/100", VMID: 100, Every: 30 * day, LastTried: today.Add(-ago).Unix(), Failed: failed}}
	}
	for _, test := range []struct {
		ago    time.Duration
		failed bool
		want   int
	}{
		{time.Hour, true, 0}, {23 * time.Hour, true, 1}, {23 * time.Hour, false, 0}, {22 * day, false, 0}, {23 * day, false, 1},
	} {
		if got := len(Turns(tried(test.ago, test.failed), today)); got != test.want {
			t.Errorf("%s ago, failed %t: %d turns, want %d", test.ago, test.failed, got, test.want)
		}
	}
}
