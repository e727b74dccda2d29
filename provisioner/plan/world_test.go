package plan

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// world is a simulated cluster: it does what changes say, and fails where they do not fit what is there.
type world struct {
	objects map[Key]Current
	wanted  []Desired
	secrets map[Key]bool // objects whose secrets have been written
	restart bool         // changes of guests wait for a restart
}

func newWorld(input Input) *world {
	w := &world{objects: map[Key]Current{}, wanted: input.Desired, secrets: map[Key]bool{}}
	for _, each := range input.Current {
		w.objects[each.Key] = each
	}
	return w
}

// input is what a next plan would be made of.
func (w *world) input(like Input) Input {
	like.Current = slices.Collect(maps.Values(w.objects))
	like.Desired = nil
	for _, each := range w.wanted {
		each.Fields = maps.Clone(each.Fields)
		for name, field := range each.Fields {
			field.SecretChanged = field.SecretChanged && !w.secrets[each.Key]
			each.Fields[name] = field
		}
		like.Desired = append(like.Desired, each)
	}
	return like
}

func (w *world) apply(t interface{ Fatalf(string, ...any) }, changes ...Change) {
	for _, change := range changes {
		object, exists := w.objects[change.Key]
		if exists == (change.Action == Create) {
			t.Fatalf("%s of %v, which exists: %v", change.Action, change.Key, exists)
		}
		if change.Action == Delete {
			delete(w.objects, change.Key)
			continue
		}
		if !exists {
			object = Current{Key: change.Key, Owned: change.Kind == Job}
		}
		if object.Owned {
			object.Environment = change.Environment
		}
		object.Fields, object.Pending = maps.Clone(object.Fields), maps.Clone(object.Pending)
		w.write(t, &object, change, exists)
		if i := slices.IndexFunc(w.wanted, func(d Desired) bool { return d.Key == change.Key }); i >= 0 {
			object.Guests = w.wanted[i].Guests
		}
		w.objects[change.Key] = object
	}
}

func (w *world) write(t interface{ Fatalf(string, ...any) }, object *Current, change Change, existed bool) {
	if object.Fields == nil {
		object.Fields = map[string]string{}
	}
	for _, field := range change.Fields {
		last, has := object.Fields[field.Name]
		if pending, waits := object.Pending[field.Name]; waits {
			last, has = pending, true
		}
		switch {
		case field.Sensitive:
			w.secrets[change.Key] = true
			continue
		case has != field.HasBefore || last != field.Before:
			t.Fatalf("%v: %+v, but it is %q (%v)", change.Key, field, last, has)
		case has == field.HasAfter && last == field.After:
			t.Fatalf("%v: %+v changes nothing", change.Key, field)
		}
		switch {
		case !field.HasAfter:
			delete(object.Fields, field.Name)
			delete(object.Pending, field.Name)
		case w.restart && existed && change.Kind == GuestDisk:
			if object.Pending == nil {
				object.Pending = map[string]string{}
			}
			object.Pending[field.Name] = field.After
		default:
			object.Fields[field.Name] = field.After
			delete(object.Pending, field.Name)
		}
	}
}

// restarted lets all guests take over what waits for it.
func (w *world) restarted() {
	for key, object := range w.objects {
		object.Fields = maps.Clone(object.Fields)
		maps.Copy(object.Fields, object.Pending)
		object.Pending = nil
		w.objects[key] = object
	}
}

// TestMain draws thousands of worlds for each property, unless the command line says how many.
func TestMain(m *testing.M) {
	flag.Parse()
	chosen := testing.Short()
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "rapid.checks" })
	if !chosen {
		if err := flag.Set("rapid.checks", "3000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// secretText must never be seen in a plan.
const secretText = "SECRET"

var (
	drawName  = rapid.SampledFrom([]string{"a", "b", "c", "d"})
	drawText  = rapid.SampledFrom([]string{"", "x", "y", "x,y", "z,x"})
	drawNames = rapid.SliceOfNDistinct(drawName, 0, 3, rapid.ID[string])
	drawIDs   = rapid.SliceOfN(rapid.IntRange(1, 6), 0, 4)
	drawKind  = rapid.SampledFrom([]Kind{Job, Job, Job, Storage, GuestDisk, "bucket"})
	drawScope = rapid.SampledFrom([]string{"home", "away"})
	drawKey   = rapid.Custom(func(t *rapid.T) Key {
		return Key{Scope: drawScope.Draw(t, "scope"), Kind: drawKind.Draw(t, "kind"), ID: rapid.StringMatching("[a-f]").Draw(t, "id")}
	})
	drawEnvironment = rapid.SampledFrom([]string{"prod", "lab", ""})
)

// drawDesired gives no secret to names that are lists to be contained: nobody could tell what is missing.
var drawDesired = rapid.Custom(func(t *rapid.T) Desired {
	d := Desired{
		Key: drawKey.Draw(t, "key"), Environment: drawEnvironment.Draw(t, "environment"),
		Managed: drawNames.Draw(t, "managed"), Fixed: rapid.SampledFrom([][]string{nil, nil, nil, {"a"}, {"b", "c"}}).Draw(t, "fixed"),
		Contains: rapid.SampledFrom([][]string{nil, {"d"}}).Draw(t, "contains"),
		Adopt:    rapid.Bool().Draw(t, "adopt"), Known: rapid.Bool().Draw(t, "known"),
	}
	d.Fields = map[string]Field{}
	for name, text := range rapid.MapOfN(drawName, drawText, 0, 4).Draw(t, "fields") {
		d.Fields[name] = Field{Text: text}
	}
	if rapid.IntRange(0, 3).Draw(t, "sensitive") == 0 {
		d.Fields["password"] = Field{Text: secretText, Sensitive: true, SecretChanged: rapid.Bool().Draw(t, "changed")}
	}
	if d.Kind == Job {
		d.Guests = drawIDs.Draw(t, "guests")
	}
	return d
})

var drawCurrent = rapid.Custom(func(t *rapid.T) Current {
	c := Current{Key: drawKey.Draw(t, "key"), Fields: rapid.MapOfN(drawName, drawText, 0, 4).Draw(t, "fields")}
	switch c.Kind {
	case Job:
		if c.Guests = drawIDs.Draw(t, "guests"); rapid.Bool().Draw(t, "owned") {
			c.Owned, c.Environment = true, drawEnvironment.Draw(t, "environment")
		}
	case GuestDisk:
		c.Pending = rapid.MapOfN(drawName, drawText, 0, 1).Draw(t, "pending")
	case Storage:
		if rapid.Bool().Draw(t, "secret") {
			c.Fields["password"] = secretText
		}
	}
	return c
})

// drawTwin draws an object much like a declared one: what an earlier run left, perhaps with a property that somebody changed since.
func drawTwin(t *rapid.T, d Desired) Current {
	c := Current{Key: d.Key, Fields: map[string]string{}, Owned: d.Kind == Job && rapid.Bool().Draw(t, "owned"), Guests: d.Guests}
	if c.Owned {
		c.Environment = d.Environment
	}
	for name, field := range d.Fields {
		if !field.Sensitive {
			c.Fields[name] = field.Text
		}
	}
	if rapid.Bool().Draw(t, "touched") {
		name := drawName.Draw(t, "name")
		if wanted, declared := c.Fields[name]; declared && d.Kind == GuestDisk {
			c.Pending = map[string]string{name: wanted}
		}
		c.Fields[name] = drawText.Draw(t, "text")
	}
	return c
}

// drawInput draws what the file declares and what is there, about half of it the same objects.
var drawInput = rapid.Custom(func(t *rapid.T) Input {
	input := Input{
		Desired: rapid.SliceOfNDistinct(drawDesired, 0, 12, func(d Desired) Key { return d.Key }).Draw(t, "desired"),
		Current: rapid.SliceOfNDistinct(drawCurrent, 0, 12, func(c Current) Key { return c.Key }).Draw(t, "current"),
		Policy:  rapid.SampledFrom([]Policy{"", UpsertOnly, Sync, Sync, "no such policy"}).Draw(t, "policy"),
	}
	if rapid.IntRange(0, 2).Draw(t, "filtered") == 0 {
		input.Environments = []string{"prod"}
	}
	for i, d := range input.Desired {
		there := slices.ContainsFunc(input.Current, func(c Current) bool { return c.Key == d.Key })
		if !there && rapid.Bool().Draw(t, "twin") {
			input.Current = append(input.Current, drawTwin(t, d))
		}
		input.Desired[i].At = fmt.Sprintf("config.yml:%d:3", i+1)
	}
	return input
})

// TestTheDrawnWorldsMeetEverything guards the tests that draw: what they never meet they do not prove.
func TestTheDrawnWorldsMeetEverything(t *testing.T) {
	met := map[string]int{}
	for seed := range 2000 {
		input := drawInput.Example(seed)
		plan := Calculate(input)
		for _, change := range plan.Changes {
			met[string(change.Action)]++
		}
		for _, refusal := range plan.Refusals {
			met["refusal "+refusal.Risk]++
		}
		met["pending"] += len(plan.Pending)
		met["warning"] += len(plan.Warnings)
	}
	for _, what := range []string{"create", "update", "delete", "refusal ", "refusal " + RemoveManyJobs, "refusal " + UncoverGuests, "pending", "warning"} {
		if met[what] < 50 {
			t.Errorf("%s: met %d times in 2000 worlds", what, met[what])
		}
	}
}
