package plan

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestAcceptedRisksBecomeWarnings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		strict := Calculate(input)
		input.Accepted = rapid.SliceOfDistinct(rapid.SampledFrom(Risks()), rapid.ID[string]).Draw(t, "accepted")
		lenient := Calculate(input)
		if !reflect.DeepEqual(strict.Changes, lenient.Changes) {
			t.Fatal("accepting a risk changed what is done")
		}
		var want []string
		for _, each := range strict.Refusals {
			want = append(want, fmt.Sprint(slices.Contains(input.Accepted, each.Risk), each.Key, each.Risk, each.Message))
		}
		var got []string
		for _, each := range lenient.Refusals {
			got = append(got, fmt.Sprint(false, each.Key, each.Risk, each.Message))
		}
		for _, each := range lenient.Warnings {
			if each.Risk != "" {
				got = append(got, fmt.Sprint(true, each.Key, each.Risk, each.Message))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Fatalf("refused strictly: %v\nrefused or warned of: %v", want, got)
		}
	})
}

func TestRemovingManyJobsIsRefusedAboveAQuarter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		plan := Calculate(input)
		want := map[Key]bool{}
		for _, scope := range []string{"home", "away"} {
			jobs, gone := 0.0, 0.0
			for _, each := range input.Current {
				if each.Kind == Job && each.Scope == scope {
					jobs++
				}
			}
			for _, each := range plan.Changes {
				if each.Action == Delete && each.Scope == scope {
					gone++
				}
			}
			if gone > 0 && gone/jobs > 0.25 {
				want[Key{Scope: scope, Kind: Job}] = true
			}
		}
		if got := refusedFor(plan, RemoveManyJobs); !maps.Equal(got, want) {
			t.Fatalf("refused %v, want %v: %+v", got, want, plan.Changes)
		}
	})
}

// TestUncoveringIsRefusedExactlyWhereCoverIsLost compares the covered guests before and after. What a job that stays as it is covers
// afterwards is what the file's side says as well: a storage may have changed.
func TestUncoveringIsRefusedExactlyWhereCoverIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		plan := Calculate(input)
		left := map[Key]bool{} // jobs that stay as they are, since the file does not decide them, or must not
		jobs := map[Key][]int{}
		for _, each := range input.Current {
			jobs[each.Key] = each.Guests
		}
		for _, each := range hard(plan) {
			left[each.Key] = true
		}
		for _, each := range input.Desired {
			if each.Kind == Job && !left[each.Key] && (len(input.Environments) == 0 || each.Environment != "lab") {
				jobs[each.Key] = each.Guests
			}
		}
		busy := map[string]bool{}
		for _, each := range plan.Changes {
			busy[each.Scope] = true
			if each.Action == Delete {
				delete(jobs, each.Key)
			}
		}
		covered := map[string]bool{}
		for key, guests := range jobs {
			for _, id := range guests {
				covered[fmt.Sprint(key.Scope, id)] = true
			}
		}
		want := map[Key]bool{}
		for _, each := range input.Current {
			for _, id := range each.Guests {
				if busy[each.Scope] && !covered[fmt.Sprint(each.Scope, id)] {
					want[each.Key] = true
				}
			}
		}
		if got := refusedFor(plan, UncoverGuests); !maps.Equal(got, want) {
			t.Fatalf("refused %v, want %v: %+v", got, want, plan.Changes)
		}
	})
}

func refusedFor(plan Plan, risk string) map[Key]bool {
	keys := map[Key]bool{}
	for _, each := range plan.Refusals {
		if each.Risk == risk {
			keys[each.Key] = true
		}
	}
	return keys
}

func TestGuards(t *testing.T) {
	job := func(id string, owned bool, guests ...int) Current {
		return Current{Key: Key{"home", Job, id}, Owned: owned, Environment: "prod", Fields: map[string]string{"storage": "nas", "enabled": "1"}, Guests: guests}
	}
	wanted := func(id, storage string, guests ...int) Desired {
		return Desired{
			Key: Key{"home", Job, id}, Environment: "prod", At: "config.yml:7:3",
			Fields: map[string]Field{"storage": {Text: storage}, "enabled": {Text: "1"}}, Guests: guests,
		}
	}
	for name, test := range map[string]struct {
		input    Input
		refusals []string
		warnings []string
	}{
		"one job of four may go": {
			input: Input{Policy: Sync, Current: []Current{job("a", true), job("b", false), job("c", false), job("d", false)}},
		},
		"one job of three may not": {
			input:    Input{Policy: Sync, Current: []Current{job("a", true), job("b", false), job("c", false)}},
			refusals: []string{"remove-many-jobs: 1 of 3 jobs would be removed: a"},
		},
		"a guest that another job covers may be left out": {
			input: Input{Desired: []Desired{wanted("a", "pbs", 101)}, Current: []Current{job("a", true, 101, 102), job("b", false, 102)}},
		},
		"a guest that moves to a new job may be left out": {
			input: Input{Desired: []Desired{wanted("a", "pbs", 101), wanted("b", "pbs", 102)}, Current: []Current{job("a", true, 101, 102)}},
		},
		"a guest that nothing else covers may not": {
			input:    Input{Desired: []Desired{wanted("a", "pbs", 101)}, Current: []Current{job("a", true, 103, 101, 102, 103)}},
			refusals: []string{"uncover-guests: 2 guests that job a covers would be covered by none: 102 and 103"},
		},
		"a storage that is disabled uncovers the guests of jobs that nobody touches": {
			input: Input{
				Desired: []Desired{
					wanted("a", "nas"),
					{Key: Key{"home", Storage, "nas"}, Known: true, Fields: map[string]Field{"disable": {Text: "1"}}},
				},
				Current: []Current{job("a", true, 101), {Key: Key{"home", Storage, "nas"}}},
			},
			refusals: []string{"uncover-guests: 1 guest that job a covers would be covered by none: 101"},
		},
		"an accepted risk is a warning": {
			input:    Input{Policy: Sync, Accepted: []string{RemoveManyJobs}, Current: []Current{job("a", true)}},
			warnings: []string{"remove-many-jobs: 1 of 1 job would be removed: a"},
		},
		"another accepted risk helps nothing": {
			input:    Input{Policy: Sync, Accepted: []string{UncoverGuests}, Current: []Current{job("a", true)}},
			refusals: []string{"remove-many-jobs: 1 of 1 job would be removed: a"},
		},
		"a new job that does what another does": {
			input:    Input{Desired: []Desired{wanted("new", "nas", 101, 102, 103)}, Current: []Current{job("old", false, 102, 101, 109)}},
			warnings: []string{": job old, which was not made by this tool, backs up 2 guests of the new job new onto nas already: 101 and 102"},
		},
		"onto another storage": {
			input: Input{Desired: []Desired{wanted("new", "pbs", 101)}, Current: []Current{job("old", false, 101)}},
		},
		"a job of ours, or one that is declared, doubles nothing": {
			input: Input{
				Desired: []Desired{wanted("new", "nas", 101, 102), wanted("declared", "nas", 102)},
				Current: []Current{job("old", true, 101), job("declared", false, 102)},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			plan := Calculate(test.input)
			var refusals, warnings []string
			for _, each := range plan.Refusals {
				if each.Hint == "" {
					t.Errorf("no hint: %+v", each)
				}
				refusals = append(refusals, each.Risk+": "+each.Message)
			}
			for _, each := range plan.Warnings {
				warnings = append(warnings, each.Risk+": "+each.Message)
			}
			if !slices.Equal(refusals, test.refusals) || !slices.Equal(warnings, test.warnings) {
				t.Errorf("refused: %q\nwarned: %q", refusals, warnings)
			}
		})
	}
}

func TestLostArchivesAreCounted(t *testing.T) {
	change := Change{Key: Key{"home", Job, "backup-prod"}, At: "config.yml:9:5", Action: Update}
	if got := ArchivesLost(change, map[int][]string{104: nil}); got != nil {
		t.Errorf("nothing is lost, but: %+v", got)
	}
	got := ArchivesLost(change, map[int][]string{105: {"e"}, 104: {"a", "b", "c", "d"}, 106: nil})
	want := "the new retention of job backup-prod deletes 5 archives at the next run (4 of guest 104 and 1 of guest 105)"
	if len(got) != 1 || got[0].Message != want || got[0].At != change.At || got[0].Key != change.Key {
		t.Fatalf("got %+v", got)
	}
	if plan := (Plan{}).Refuse(nil, got...); len(plan.Refusals) != 1 || len(plan.Warnings) != 0 {
		t.Errorf("not accepted: %+v", plan)
	}
	if plan := (Plan{}).Refuse([]string{DeleteArchives}, got...); len(plan.Refusals) != 0 || len(plan.Warnings) != 1 {
		t.Errorf("accepted: %+v", plan)
	}
	many := map[int][]string{}
	for guest := range 30 {
		many[100+guest] = []string{"x"}
	}
	if message := ArchivesLost(change, many)[0].Message; len(message) > 300 {
		t.Errorf("a message of %d characters: %s", len(message), message)
	}
}

func TestARefusalThatIsAddedLaterDoesNotChangeTheFirstPlan(t *testing.T) {
	warnings := make([]Warning, 1, 8) // with room, so that careless appending would write into it
	warnings[0].Message = "b"
	first := Plan{Refusals: make([]Refusal, 0, 8), Warnings: warnings}
	first.Refusals = append(first.Refusals, Refusal{Message: "b"}, Refusal{Message: "d"})
	one, two := first.Refuse(nil, Refusal{Message: "a"}), first.Refuse(nil, Refusal{Message: "c"}).Warn(Warning{Message: "a"})
	if first.Refusals[0].Message != "b" || one.Refusals[0].Message != "a" || two.Refusals[1].Message != "c" || first.Warnings[0].Message != "b" {
		t.Errorf("%+v\n%+v\n%+v", first, one, two)
	}
}
