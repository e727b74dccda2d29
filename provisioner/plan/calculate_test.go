package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// line writes a change in one line: "+ job backup-prod storage=nas", "~ storage nas content:iso->iso,backup".
func line(change Change) string {
	out := map[Action]string{Create: "+", Update: "~", Delete: "-"}[change.Action] + " " + string(change.Kind) + " " + change.ID
	for _, field := range change.Fields {
		switch {
		case field.Sensitive:
			out += " " + field.Name + "=(sensitive)"
		case !field.HasBefore:
			out += " " + field.Name + "=" + field.After
		case !field.HasAfter:
			out += " " + field.Name + ":" + field.Before + "->"
		default:
			out += " " + field.Name + ":" + field.Before + "->" + field.After
		}
	}
	return out
}

func lines(changes []Change) (all []string) {
	for _, each := range changes {
		all = append(all, line(each))
	}
	return all
}

func fields(pairs ...string) map[string]Field {
	all := map[string]Field{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = Field{Text: pairs[i+1]}
	}
	return all
}

// TestOneObject goes through what can become of an object. Every case has the key of a job unless it says otherwise.
func TestOneObject(t *testing.T) {
	type texts = map[string]string
	for name, test := range map[string]struct {
		desired                   *Desired
		current                   *Current
		kind                      Kind
		policy                    Policy
		environments              []string
		changes, pending, refused []string
	}{
		"a new one": {
			desired: &Desired{Fields: fields("storage", "nas", "mode", "snapshot"), Managed: []string{"mode", "zstd"}},
			changes: []string{"+ job x mode=snapshot storage=nas"},
		},
		"as declared": {
			desired: &Desired{Fields: fields("storage", "nas")}, current: &Current{Owned: true, Fields: texts{"storage": "nas", "script": "/x"}},
		},
		"a value that differs, one that is missing, one too many, one of nobody's business": {
			desired: &Desired{Fields: fields("storage", "nas", "zstd", "4"), Managed: []string{"storage", "zstd", "bwlimit"}},
			current: &Current{Owned: true, Fields: texts{"storage": "old", "bwlimit": "9", "script": "/x"}},
			changes: []string{"~ job x bwlimit:9-> storage:old->nas zstd=4"},
		},
		"an empty value is a value": {
			desired: &Desired{Fields: fields("comment", "")}, current: &Current{Owned: true},
			changes: []string{"~ job x comment="},
		},
		"somebody else's, as declared": {
			desired: &Desired{Fields: fields("storage", "nas")}, current: &Current{Fields: texts{"storage": "nas"}},
		},
		"somebody else's, different": {
			desired: &Desired{Fields: fields("storage", "nas")}, current: &Current{Fields: texts{"storage": "old"}},
			refused: []string{"job x exists, was not made by this tool, and is not as declared: storage"},
		},
		"somebody else's, adopted": {
			desired: &Desired{Adopt: true, Fields: fields("storage", "nas")}, current: &Current{Fields: texts{"storage": "old"}},
			changes: []string{"~ job x storage:old->nas"},
		},
		"a storage that the memory knows": {
			kind: Storage, desired: &Desired{Known: true, Fields: fields("path", "/a")}, current: &Current{},
			changes: []string{"~ storage x path=/a"},
		},
		"a volume is nobody's": {
			kind: GuestDisk, desired: &Desired{Fields: fields("backup", "1")}, current: &Current{Fields: texts{"backup": "0"}},
			changes: []string{"~ guest_disk x backup:0->1"},
		},
		"what cannot be changed": {
			kind: Storage, desired: &Desired{Known: true, Fixed: []string{"path", "server"}, Fields: fields("path", "/a", "shared", "1")}, current: &Current{Fields: texts{"path": "/b"}},
			refused: []string{"storage x is not as declared in what cannot be changed once it exists: path"},
		},
		"a list that holds enough": {
			kind: Storage, desired: &Desired{Known: true, Contains: []string{"content"}, Fields: fields("content", "backup")}, current: &Current{Fields: texts{"content": "iso,backup"}},
		},
		"a list that lacks something": {
			kind: Storage, desired: &Desired{Known: true, Contains: []string{"content"}, Fields: fields("content", "backup")}, current: &Current{Fields: texts{"content": "iso,vztmpl"}},
			changes: []string{"~ storage x content:iso,vztmpl->iso,vztmpl,backup"},
		},
		"a secret that is the same": {
			kind: Storage, desired: &Desired{Known: true, Fields: map[string]Field{"password": {Sensitive: true}}}, current: &Current{},
		},
		"a secret that changed": {
			kind: Storage, desired: &Desired{Known: true, Fields: map[string]Field{"password": {Sensitive: true, SecretChanged: true}}}, current: &Current{},
			changes: []string{"~ storage x password=(sensitive)"},
		},
		"a change that waits for a restart": {
			kind: GuestDisk, desired: &Desired{Fields: fields("backup", "1")}, current: &Current{Fields: texts{"backup": "0"}, Pending: texts{"backup": "1"}},
			pending: []string{"~ guest_disk x backup:0->1"},
		},
		"somebody's change that waits for a restart and undoes what is declared": {
			kind: GuestDisk, desired: &Desired{Fields: fields("backup", "1")}, current: &Current{Fields: texts{"backup": "1"}, Pending: texts{"backup": "0"}},
			changes: []string{"~ guest_disk x backup:0->1"},
		},
		"not declared any more": {
			current: &Current{Owned: true, Fields: texts{"storage": "nas"}},
		},
		"not declared any more, by sync": {
			policy: Sync, current: &Current{Owned: true, Fields: texts{"storage": "nas"}},
			changes: []string{"- job x storage:nas->"},
		},
		"declared, but nobody can say what it shall be, by sync": {
			policy: Sync, desired: &Desired{Undecided: true, Fields: fields("storage", "other")}, current: &Current{Owned: true, Fields: texts{"storage": "nas"}},
		},
		"declared, but nobody can say what it shall be, and not there": {
			desired: &Desired{Undecided: true},
		},
		"somebody else's and not declared, by sync": {
			policy: Sync, current: &Current{Fields: texts{"storage": "nas"}},
		},
		"a storage is never removed": {
			kind: Storage, policy: Sync, current: &Current{Owned: true},
		},
		"not declared any more, of another environment": {
			policy: Sync, environments: []string{"prod"}, current: &Current{Owned: true, Environment: "lab"},
		},
		"not declared any more, of no environment": {
			policy: Sync, environments: []string{"prod"}, current: &Current{Owned: true},
		},
		"declared by another environment": {
			policy: Sync, environments: []string{"prod"}, desired: &Desired{Environment: "lab"}, current: &Current{Owned: true, Environment: "prod"},
		},
		"declared by no environment": {
			kind: Storage, environments: []string{"prod"}, desired: &Desired{Fields: fields("path", "/a")},
			changes: []string{"+ storage x path=/a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			// Three more jobs, so that the removal of one is no risk.
			input := Input{Policy: test.policy, Environments: test.environments}
			for _, id := range []string{"1", "2", "3"} {
				input.Current = append(input.Current, Current{Key: Key{"home", Job, id}})
			}
			key := Key{"home", Job, "x"}
			if test.kind != "" {
				key.Kind = test.kind
			}
			if test.desired != nil {
				test.desired.Key = key
				input.Desired = append(input.Desired, *test.desired)
			}
			if test.current != nil {
				test.current.Key = key
				input.Current = append(input.Current, *test.current)
			}
			plan := Calculate(input)
			var refused []string
			for _, each := range plan.Refusals {
				if refused = append(refused, each.Message); len(each.Fields) == 0 || each.Hint == "" || each.Risk != "" {
					t.Errorf("a refusal without differences or hint, or with a risk: %+v", each)
				}
			}
			for what, pair := range map[string][2][]string{"changes": {lines(plan.Changes), test.changes}, "pending": {lines(plan.Pending), test.pending}, "refused": {refused, test.refused}} {
				if !slices.Equal(pair[0], pair[1]) {
					t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
				}
			}
		})
	}
}

func TestChangesAreInTheOrderOfTheirMaking(t *testing.T) {
	var input Input
	for _, kind := range []Kind{"bucket", GuestDisk, Job, Storage} {
		for _, id := range []string{"b", "a"} {
			wanted := Desired{Key: Key{"home", kind, "update-" + id}, Fields: fields("x", "1"), Adopt: true}
			input.Current = append(input.Current, Current{Key: wanted.Key})
			input.Desired = append(input.Desired, wanted)
			wanted.ID = "new-" + id
			input.Desired = append(input.Desired, wanted)
		}
	}
	for _, id := range []string{"gone-b", "gone-a"} {
		input.Current = append(input.Current, Current{Key: Key{"away", Job, id}, Owned: true})
	}
	input.Policy = Sync
	want := `+ storage new-a x=1
+ storage new-b x=1
~ storage update-a x=1
~ storage update-b x=1
+ job new-a x=1
+ job new-b x=1
~ job update-a x=1
~ job update-b x=1
+ guest_disk new-a x=1
+ guest_disk new-b x=1
~ guest_disk update-a x=1
~ guest_disk update-b x=1
+ bucket new-a x=1
+ bucket new-b x=1
~ bucket update-a x=1
~ bucket update-b x=1
- job gone-a
- job gone-b`
	plan := Calculate(input)
	if got := strings.Join(lines(plan.Changes), "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
	if plan.Count(Create) != 8 || plan.Count(Update) != 8 || plan.Count(Delete) != 2 {
		t.Errorf("counted %d, %d and %d", plan.Count(Create), plan.Count(Update), plan.Count(Delete))
	}
}

func TestTheSameIDInTwoClustersIsTwoObjects(t *testing.T) {
	wanted := Desired{Key: Key{"home", Job, "x"}, Fields: fields("storage", "nas")}
	there := Current{Key: Key{"away", Job, "x"}, Owned: true, Fields: map[string]string{"storage": "nas"}}
	if got := lines(Calculate(Input{Desired: []Desired{wanted}, Current: []Current{there}}).Changes); !slices.Equal(got, []string{"+ job x storage=nas"}) {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsDeclaredTwiceIsRefused(t *testing.T) {
	first := Desired{Key: Key{"home", Job, "x"}, Environment: "prod", At: "config.yml:3:1", Fields: fields("storage", "nas")}
	second := first
	second.Environment, second.At = "lab", "config.yml:9:1"
	there := Current{Key: first.Key, Owned: true, Environment: "prod"}
	for _, environments := range [][]string{nil, {"lab"}, {"prod"}} {
		plan := Calculate(Input{Desired: []Desired{first, second}, Current: []Current{there}, Policy: Sync, Environments: environments})
		if len(plan.Changes) != 0 || len(plan.Refusals) != 1 || !strings.Contains(plan.Refusals[0].Message, "declared 2 times: at config.yml:3:1, config.yml:9:1") {
			t.Errorf("%v: %+v", environments, plan)
		}
	}
	if plan := Calculate(Input{Desired: []Desired{first, second}, Environments: []string{"other"}}); !reflect.DeepEqual(plan, Calculate(Input{})) {
		t.Errorf("refused for environments that are not wanted now: %+v", plan)
	}
}

// TestManyObjects has 20,000 of them. Anything that compares all with all would not come back for minutes.
func TestManyObjects(t *testing.T) {
	const count = 20_000
	if got := len(Calculate(many(count)).Changes); got != count/2 {
		t.Errorf("%d changes", got)
	}
}

func BenchmarkCalculate(b *testing.B) {
	for _, count := range []int{2_000, 20_000} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			input := many(count)
			for b.Loop() {
				Calculate(input)
			}
		})
	}
}

// many declares jobs for one guest each. Half of them exist already and are as declared; as many others exist that are nobody's business.
func many(count int) Input {
	var input Input
	for i := range count {
		wanted := Desired{
			Key: Key{"home", Job, fmt.Sprintf("job-%d", i)}, Environment: "prod", Guests: []int{i},
			Fields: fields("storage", "nas", "schedule", "01:00", "mode", "snapshot", "compress", "zstd", "vmid", strconv.Itoa(i)),
		}
		input.Desired = append(input.Desired, wanted)
		there := Current{Key: wanted.Key, Owned: true, Guests: wanted.Guests, Fields: map[string]string{}}
		for name, field := range wanted.Fields {
			there.Fields[name] = field.Text
		}
		if i%2 != 0 {
			there.ID, there.Owned = "other-"+there.ID, false
		}
		input.Current = append(input.Current, there)
	}
	return input
}
