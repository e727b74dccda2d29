package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// board is a world of objects that other people write on as well. A job of ours says so by its field "marker".
type board struct {
	objects map[plan.Key]map[string]string
	writes  []string
	reads   int

	beforeRead  func(n int)            // n counts from 1
	beforeWrite func(n int) error      // its error keeps the write from taking place
	afterWrite  func(n int) error      // its error comes instead of an answer
	keeps       func(name string) bool // properties that are not kept are lost
}

func newBoard() *board { return &board{objects: map[plan.Key]map[string]string{}} }

func (b *board) current() []plan.Current {
	var list []plan.Current
	for key := range b.objects {
		list = append(list, b.one(key))
	}
	return list
}

func (b *board) one(key plan.Key) plan.Current {
	fields := maps.Clone(b.objects[key])
	_, owned := fields["marker"]
	current := plan.Current{Key: key, Owned: owned, Fields: fields}
	if owned {
		current.Environment = "prod"
	}
	if later, waits := fields["later"]; waits {
		current.Pending = map[string]string{"backup": later}
		delete(fields, "later")
	}
	return current
}

func (b *board) Read(_ context.Context, key plan.Key) (Object, error) {
	if b.reads++; b.beforeRead != nil {
		b.beforeRead(b.reads)
	}
	if _, found := b.objects[key]; !found {
		return Object{}, nil
	}
	return Object{Current: b.one(key), Exists: true, Digest: fmt.Sprint(b.objects[key])}, nil
}

func (b *board) Write(_ context.Context, change plan.Change, seen Object) error {
	b.writes = append(b.writes, string(change.Action)+" "+change.ID)
	if b.beforeWrite != nil {
		if err := b.beforeWrite(len(b.writes)); err != nil {
			return err
		}
	}
	if seen.Exists && seen.Digest != fmt.Sprint(b.objects[change.Key]) {
		return &Conflict{Err: errors.New("digest differs")}
	}
	b.change(change)
	if b.afterWrite != nil {
		return b.afterWrite(len(b.writes))
	}
	return nil
}

func (b *board) change(change plan.Change) {
	switch set, remove := parameters(change); change.Action {
	case plan.Delete:
		delete(b.objects, change.Key)
	default:
		object := b.objects[change.Key]
		if object == nil {
			object = map[string]string{}
			b.objects[change.Key] = object
		}
		for name, value := range set {
			if b.keeps == nil || b.keeps(name) {
				object[name] = value
			}
		}
		for _, name := range remove {
			delete(object, name)
		}
	}
}

func jobKey(id string) plan.Key { return plan.Key{Scope: "home", Kind: plan.Job, ID: id} }

// wish declares jobs as id=schedule.
func wish(jobs ...string) plan.Input {
	var input plan.Input
	for i, each := range jobs {
		id, schedule, _ := strings.Cut(each, "=")
		at := fmt.Sprintf("config.yml:%d:1", i+1)
		input.Desired = append(input.Desired, plan.Desired{
			Key: jobKey(id), Environment: "prod", At: at, Managed: []string{"schedule", "mode"},
			Fields: map[string]plan.Field{"schedule": {Text: schedule, At: at + "0"}, "marker": {Text: "ours", At: at}},
		})
	}
	return input
}

// carry plans and carries out.
func carry(ctx context.Context, b *board, input plan.Input) (Result, error) {
	input.Current = b.current()
	return Run(ctx, Options{
		Plan: plan.Calculate(input), Input: input,
		Provider: func(plan.Key) (Provider, error) { return b, nil },
	})
}

func TestWhatWasCarriedOutNeedsNothingMore(t *testing.T) {
	b := newBoard()
	b.objects[jobKey("old")] = map[string]string{"marker": "ours", "schedule": "02:00", "mode": "stop", "script": "/x"}
	input := wish("new=01:00", "old=03:00")
	result, err := carry(t.Context(), b, input)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.writes, ", "); got != "create new, update old" {
		t.Errorf("got %s", got)
	}
	if old := b.objects[jobKey("old")]; old["schedule"] != "03:00" || old["mode"] != "" || old["script"] != "/x" {
		t.Errorf("the old job is %v", old)
	}
	if len(result.Steps) != 2 || result.Steps[0].Outcome != Done || result.Failed != nil {
		t.Errorf("got %+v", result)
	}
	b.writes = nil
	if _, err := carry(t.Context(), b, input); err != nil || len(b.writes) != 0 {
		t.Errorf("the second run wrote %v, %v", b.writes, err)
	}
}

func TestSomebodyElseEditsBetweenPlanAndWrite(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func(b *board) // when the object is read again
		writes string
		after  map[string]string
		fails  string
	}{
		"to what is wanted": {
			func(b *board) { b.objects[jobKey("a")]["schedule"] = "01:00" }, "", map[string]string{"schedule": "01:00", "marker": "ours"}, "",
		},
		"to something else": {
			func(b *board) { b.objects[jobKey("a")]["mode"] = "stop" }, "update a", map[string]string{"schedule": "01:00", "marker": "ours"}, "",
		},
		"what the file does not decide": {
			func(b *board) { b.objects[jobKey("a")]["script"] = "/x" }, "update a",
			map[string]string{"schedule": "01:00", "marker": "ours", "script": "/x"},
			"",
		},
		"it is removed": {
			func(b *board) { delete(b.objects, jobKey("a")) }, "create a", map[string]string{"schedule": "01:00", "marker": "ours"}, "",
		},
		"it becomes somebody else's": {
			func(b *board) { delete(b.objects[jobKey("a")], "marker") }, "", map[string]string{"schedule": "05:00"}, "was changed by somebody else since the plan",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoard()
			b.objects[jobKey("a")] = map[string]string{"schedule": "05:00", "marker": "ours"}
			b.beforeRead = func(n int) {
				if n == 1 {
					c.edit(b)
				}
			}
			_, err := carry(t.Context(), b, wish("a=01:00"))
			if (err != nil) != (c.fails != "") || err != nil && (!strings.Contains(err.Error(), c.fails) || len(ui.Hints(err)) == 0) {
				t.Errorf("got %v, want %q with a hint", err, c.fails)
			}
			if got := strings.Join(b.writes, ", "); got != c.writes {
				t.Errorf("wrote %q, want %q", got, c.writes)
			}
			if got := b.objects[jobKey("a")]; !maps.Equal(got, c.after) {
				t.Errorf("left %v, want %v", got, c.after)
			}
		})
	}
}

func TestAConflictIsPlannedAnewAndGivenUpInTheEnd(t *testing.T) {
	for edits, fails := range map[int]bool{1: false, 2: false, 3: true} {
		b := newBoard()
		b.objects[jobKey("a")] = map[string]string{"schedule": "05:00", "marker": "ours"}
		b.beforeWrite = func(n int) error {
			if n <= edits {
				b.objects[jobKey("a")]["script"] = fmt.Sprint(n)
			}
			return nil
		}
		result, err := carry(t.Context(), b, wish("a=01:00"))
		if (err != nil) != fails {
			t.Errorf("%d edits: got %v", edits, err)
		}
		if fails && (!strings.Contains(err.Error(), "3 times") || len(ui.Hints(err)) == 0 || result.Failed == nil) {
			t.Errorf("%d edits: %v does not say what happens", edits, err)
		}
		if !fails && b.objects[jobKey("a")]["schedule"] != "01:00" {
			t.Errorf("%d edits: left %v", edits, b.objects)
		}
	}
}

func TestWhatIsNotKeptIsAnError(t *testing.T) {
	b := newBoard()
	b.keeps = func(name string) bool { return name != "schedule" }
	_, err := carry(t.Context(), b, wish("a=01:00"))
	if err == nil || !strings.Contains(err.Error(), `schedule is not set instead of "01:00"`) || !strings.HasPrefix(err.Error(), "config.yml:1:1: job a on home: ") {
		t.Errorf("got %v", err)
	}
}

// What was written only in part may not look like ours: then it would be refused, which must not pass for being as wanted.
func TestAnObjectThatWasWrittenInPartIsNotDone(t *testing.T) {
	for name, answer := range map[string]error{"with an answer": nil, "without": &Uncertain{Err: errors.New("the answer was lost")}} {
		b := newBoard()
		b.keeps = func(name string) bool { return name != "marker" && name != "schedule" }
		b.afterWrite = func(int) error { return answer }
		if result, err := carry(t.Context(), b, wish("new")); err == nil || result.Failed == nil {
			t.Errorf("%s: %v, %v", name, result.Steps, err)
		}
	}
}

func TestTheFirstErrorEndsIt(t *testing.T) {
	b := newBoard()
	b.beforeWrite = func(n int) error {
		if n == 2 {
			return errors.New("no")
		}
		return nil
	}
	result, err := carry(t.Context(), b, wish("a=01:00", "b=01:00", "c=01:00"))
	if err == nil || result.Failed == nil || result.Failed.ID != "b" || len(result.Steps) != 1 || len(result.Remaining) != 1 || result.Remaining[0].ID != "c" {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestAnInterruptLetsTheStepEnd(t *testing.T) {
	b := newBoard()
	ctx, cancel := context.WithCancel(t.Context())
	b.beforeWrite = func(int) error { cancel(); return nil }
	result, err := carry(ctx, b, wish("a=01:00", "b=01:00"))
	if !errors.Is(err, ErrInterrupted) || len(result.Steps) != 1 || len(result.Remaining) != 1 || result.Failed != nil {
		t.Errorf("got %+v, %v", result, err)
	}
}

// TestACrashIsMendedByTheNextRun ends the run by an error at every write, before and after it took place, and as a lost answer.
func TestACrashIsMendedByTheNextRun(t *testing.T) {
	down := errors.New("the connection broke")
	for name, arm := range map[string]func(b *board, at int){
		"before": func(b *board, at int) {
			b.beforeWrite = func(n int) error {
				if n == at {
					return down
				}
				return nil
			}
		},
		"after": func(b *board, at int) {
			b.afterWrite = func(n int) error {
				if n == at {
					return down
				}
				return nil
			}
		},
		"lost": func(b *board, at int) {
			b.afterWrite = func(n int) error {
				if n == at {
					return &Uncertain{Err: down}
				}
				return nil
			}
		},
		"never arrived": func(b *board, at int) {
			b.beforeWrite = func(n int) error {
				if n == at {
					return &Uncertain{Err: down}
				}
				return nil
			}
		},
	} {
		for at := 1; at <= 4; at++ {
			b := newBoard()
			b.objects[jobKey("gone")] = map[string]string{"marker": "ours"}
			b.objects[jobKey("theirs")] = map[string]string{"schedule": "00:00"}
			b.objects[jobKey("c")] = map[string]string{"schedule": "05:00", "marker": "ours"}
			input := wish("a=01:00", "b=02:00", "c=03:00")
			input.Policy, input.Accepted = plan.Sync, plan.Risks()
			arm(b, at)
			_, err := carry(t.Context(), b, input)
			if lost := name == "lost"; (err == nil) != lost {
				t.Errorf("%s %d: got %v", name, at, err)
			}
			b.beforeWrite, b.afterWrite = nil, nil
			if _, err := carry(t.Context(), b, input); err != nil {
				t.Fatalf("%s %d: the next run: %v", name, at, err)
			}
			keys := []string{}
			for key := range b.objects {
				keys = append(keys, key.ID)
			}
			slices.Sort(keys)
			if got := strings.Join(keys, " "); got != "a b c theirs" {
				t.Errorf("%s %d: left %s", name, at, got)
			}
			b.writes = nil
			if _, err := carry(t.Context(), b, input); err != nil || len(b.writes) != 0 {
				t.Errorf("%s %d: the third run wrote %v, %v", name, at, b.writes, err)
			}
		}
	}
}

func TestWhatWaitsForARestartIsDone(t *testing.T) {
	key := plan.Key{Scope: "home", Kind: plan.GuestDisk, ID: "lxc/101:mp0"}
	b := newBoard()
	b.objects[key] = map[string]string{"backup": "0"}
	b.afterWrite = func(int) error {
		b.objects[key] = map[string]string{"backup": "0", "later": "1"}
		return nil
	}
	input := plan.Input{Desired: []plan.Desired{{Key: key, Fields: map[string]plan.Field{"backup": {Text: "1"}}, Managed: []string{"backup"}}}}
	result, err := carry(t.Context(), b, input)
	if err != nil || len(result.Steps) != 1 || result.Steps[0].Outcome != Pending {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestARefusalIsPlacedAtTheParameter(t *testing.T) {
	wanted := &plan.Desired{
		Key: jobKey("a"), At: "config.yml:3:1",
		Fields: map[string]plan.Field{
			"schedule": {Text: "zzz", At: "config.yml:5:9"}, "storage": {Text: "nas", At: "config.yml:4:9"}, "pool": {Text: "prod", At: "config.yml:6:9"},
			"notes-template": {Text: "{{foo}}"},
		},
	}
	change := plan.Change{Key: wanted.Key, At: wanted.At}
	for _, c := range []struct {
		err  *pve.Error
		want string
	}{
		{
			&pve.Error{Status: 400, Message: "Parameter verification failed.", Fields: map[string]string{"schedule": "invalid format - invalid calendar event 'zzz'\n"}},
			"config.yml:5:9: job a on home: Proxmox VE refuses schedule: invalid format - invalid calendar event 'zzz'",
		},
		{
			&pve.Error{Status: 400, Message: "Parameter verification failed.", Fields: map[string]string{"notes-template": "found unknown: variable 'foo' at char 4"}},
			"config.yml:3:1: job a on home: Proxmox VE refuses notes-template: found unknown: variable 'foo' at char 4",
		},
		{&pve.Error{Status: 403, Message: "Permission check failed (/storage/nas, Datastore.Allocate)"}, "config.yml:4:9: job a on home: Permission check failed (/storage/nas, Datastore.Allocate)"},
		{&pve.Error{Status: 403, Message: "Permission check failed (/, Sys.Modify)"}, "config.yml:3:1: job a on home: Permission check failed (/, Sys.Modify)"},
		{&pve.Error{Status: 403, Message: "Permission check failed (pool 'prod' does not exist)"}, "config.yml:6:9: job a on home: Permission check failed (pool 'prod' does not exist)"},
		{&pve.Error{Status: 500, Message: "missing value for required option 'storage'"}, "config.yml:4:9: job a on home: missing value for required option 'storage'"},
		{&pve.Error{Status: 500, Message: "no such vzdump job"}, "config.yml:3:1: job a on home: no such vzdump job"},
		{&pve.Error{Status: 595, Reason: "Connection refused"}, "config.yml:3:1: job a on home: Connection refused"},
	} {
		got := Place(change, wanted, c.err)
		if got.Error() != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if len(ui.Hints(got)) == 0 {
			t.Errorf("%s: no hint", got)
		}
	}
	several := Place(change, wanted, &pve.Error{Status: 400, Fields: map[string]string{"schedule": "bad", "storage": "bad too"}})
	if got := several.Error(); !strings.Contains(got, "config.yml:5:9: ") || !strings.Contains(got, "config.yml:4:9: ") {
		t.Errorf("got %s", got)
	}
}
