package plan

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hard returns the refusals that nobody can accept.
func hard(plan Plan) (refusals []Refusal) {
	for _, each := range plan.Refusals {
		if each.Risk == "" {
			refusals = append(refusals, each)
		}
	}
	return refusals
}

func TestAfterAPlanNothingIsLeftToDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		first := Calculate(input)
		world := newWorld(input)
		world.apply(t, first.Changes...)
		second := Calculate(world.input(input))
		if len(second.Changes) > 0 {
			t.Fatalf("done: %+v\nleft: %+v", first.Changes, second.Changes)
		}
		if !reflect.DeepEqual(hard(first), hard(second)) {
			t.Fatalf("refused first: %+v\nrefused then: %+v", hard(first), hard(second))
		}
		if risks := len(second.Refusals) - len(hard(second)); risks > 0 {
			t.Fatalf("a plan without changes has risks: %+v", second.Refusals)
		}
	})
}

func TestWhatWaitsForARestartIsNotWrittenAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		world := newWorld(input)
		world.restart = true
		first := Calculate(input)
		world.apply(t, first.Changes...)
		waiting := Calculate(world.input(input))
		if len(waiting.Changes) > 0 {
			t.Fatalf("written twice: %+v", waiting.Changes)
		}
		world.restarted()
		if after := Calculate(world.input(input)); len(after.Changes)+len(after.Pending) > 0 {
			t.Fatalf("after the restart: %+v %+v", after.Changes, after.Pending)
		}
	})
}

func TestARunThatBreaksOffIsFinishedByTheNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		changes := Calculate(input).Changes
		whole, broken := newWorld(input), newWorld(input)
		whole.apply(t, changes...)
		done := rapid.IntRange(0, len(changes)).Draw(t, "done")
		broken.apply(t, changes[:done]...)
		rest := Calculate(broken.input(input)).Changes
		if len(rest) != len(changes)-done {
			t.Fatalf("%d of %d were done, and %d are left: %+v", done, len(changes), len(rest), rest)
		}
		broken.apply(t, rest...)
		if !reflect.DeepEqual(whole.objects, broken.objects) {
			t.Fatalf("in one run: %+v\nin two: %+v", whole.objects, broken.objects)
		}
	})
}

func TestTheOrderOfTheInputDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		// Declarations and objects that come twice must not make a plan depend on the order either.
		for _, each := range rapid.SliceOfN(drawDesired, 0, 2).Draw(t, "declared twice") {
			each.At = fmt.Sprintf("other.yml:%d:1", len(input.Desired))
			input.Desired = append(input.Desired, each)
		}
		input.Current = append(input.Current, rapid.SliceOfN(drawCurrent, 0, 2).Draw(t, "there twice")...)
		other := input
		other.Desired = rapid.Permutation(input.Desired).Draw(t, "desired")
		other.Current = rapid.Permutation(input.Current).Draw(t, "current")
		if first, second := Calculate(input), Calculate(other); !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v\nin another order: %+v", first, second)
		}
	})
}

func TestAPlanLeavesItsInputAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		before := fmt.Sprintf("%+v", input)
		first := fmt.Sprintf("%+v", Calculate(input))
		if fmt.Sprintf("%+v", input) != before {
			t.Fatal("the input was changed")
		}
		if fmt.Sprintf("%+v", Calculate(input)) != first {
			t.Fatal("the second plan differs")
		}
	})
}

func TestNothingIsRemovedButOwnJobsThatAreNotDeclaredByTheWordSync(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		want := map[Key]bool{}
		for _, object := range input.Current {
			declared := slices.ContainsFunc(input.Desired, func(d Desired) bool { return d.Key == object.Key })
			inScope := input.Environments == nil || object.Environment == "prod"
			if input.Policy == "sync" && object.Kind == "job" && object.Owned && !declared && inScope {
				want[object.Key] = true
			}
		}
		for _, change := range Calculate(input).Changes {
			if change.Action == Delete && !want[change.Key] {
				t.Fatalf("removed: %+v", change)
			}
			delete(want, change.Key)
		}
		if len(want) > 0 {
			t.Fatalf("not removed: %v", want)
		}
	})
}

func TestOnlyWhatIsDeclaredAndOursChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		declared, there := map[Key]Desired{}, map[Key]Current{}
		for _, each := range input.Desired {
			declared[each.Key] = each
		}
		for _, each := range input.Current {
			there[each.Key] = each
		}
		for _, change := range Calculate(input).Changes {
			d, c := declared[change.Key], there[change.Key]
			if change.Action == Delete {
				continue
			}
			if len(input.Environments) > 0 && d.Environment == "lab" {
				t.Fatalf("of another environment: %+v", change)
			}
			if change.Action == Update && !c.Owned && !d.Adopt && !d.Known && c.Kind != GuestDisk {
				t.Fatalf("somebody else's: %+v", change)
			}
			for _, field := range change.Fields {
				if _, named := d.Fields[field.Name]; !named && !slices.Contains(d.Managed, field.Name) {
					t.Fatalf("the file does not decide %s: %+v", field.Name, change)
				}
				if change.Action == Update && slices.Contains(d.Fixed, field.Name) {
					t.Fatalf("%s cannot be changed: %+v", field.Name, change)
				}
			}
		}
	})
}

// TestTheFileWins looks at the world after a plan: it is as declared, but for what was refused.
func TestTheFileWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		plan := Calculate(input)
		world := newWorld(input)
		world.apply(t, plan.Changes...)
		refused := map[Key]bool{}
		for _, each := range hard(plan) {
			refused[each.Key] = true
		}
		for _, d := range input.Desired {
			object, exists := world.objects[d.Key]
			if len(input.Environments) > 0 && d.Environment == "lab" {
				continue
			}
			if !exists {
				t.Fatalf("missing: %+v", d)
			}
			maps.Copy(object.Fields, object.Pending)
			wrong := differing(d, object, world.secrets[d.Key])
			if refused[d.Key] != (len(wrong) > 0) {
				t.Fatalf("refused: %v, not as declared: %v\n%+v\n%+v", refused[d.Key], wrong, d, object)
			}
		}
	})
}

// differing names what is not as declared, in its own words.
func differing(d Desired, object Current, secretsWritten bool) (names []string) {
	for name, field := range d.Fields {
		value, has := object.Fields[name]
		as := has && value == field.Text
		switch {
		case field.Sensitive:
			as = !field.SecretChanged || secretsWritten
		case slices.Contains(d.Contains, name):
			as = true
			for _, member := range strings.Split(field.Text, ",") {
				as = as && (member == "" || slices.Contains(strings.Split(value, ","), member))
			}
		}
		if !as {
			names = append(names, name)
		}
	}
	for _, name := range d.Managed {
		_, has := object.Fields[name]
		if _, wanted := d.Fields[name]; has && !wanted {
			names = append(names, name)
		}
	}
	return names
}

func TestNoSecretEntersAPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := drawInput.Draw(t, "input")
		input.Current = slices.DeleteFunc(input.Current, func(c Current) bool {
			// What exists and is not declared to be a secret is not known to be one; no API shows it.
			return !slices.ContainsFunc(input.Desired, func(d Desired) bool { return d.Key == c.Key && d.Fields["password"].Sensitive })
		})
		if text := fmt.Sprintf("%+v", Calculate(input)); strings.Contains(text, secretText) {
			t.Fatal(text)
		}
	})
}
