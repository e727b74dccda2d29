package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: the report changed (-update takes it over); got\n%s", name, got)
	}
}

func set(name, after string) plan.FieldChange {
	return plan.FieldChange{Name: name, After: after, HasAfter: true}
}

func changed(name, before, after string) plan.FieldChange {
	return plan.FieldChange{Name: name, Before: before, After: after, HasBefore: true, HasAfter: true}
}

func unset(name, before string) plan.FieldChange {
	return plan.FieldChange{Name: name, Before: before, HasBefore: true}
}

func on(kind plan.Kind, id string) plan.Key { return plan.Key{Scope: "home", Kind: kind, ID: id} }

// example has one of everything that a plan can have.
func example() plan.Plan {
	return plan.Plan{
		Changes: []plan.Change{
			{Key: on(plan.Storage, "offsite"), At: "config.yml:31:3", Action: plan.Update, Fields: []plan.FieldChange{
				changed("content", "iso", "iso,backup"), {Name: "password", HasBefore: true, HasAfter: true, Sensitive: true},
			}},
			{Key: on(plan.Job, "backup-prod"), Environment: "prod", At: "config.yml:12:3", Action: plan.Create, Fields: []plan.FieldChange{
				set("enabled", "1"), set("prune-backups", "keep-daily=7,keep-weekly=4"), set("schedule", "01:00"), set("storage", "nas"), set("vmid", "101,104"),
			}},
			{Key: on(plan.Job, "backup-lab"), Environment: "lab", At: "config.yml:20:3", Action: plan.Update, Fields: []plan.FieldChange{
				unset("bwlimit", "10240"), changed("schedule", "sun 03:00", "sun 04:00"), set("zstd", "4"),
			}},
			{Key: on(plan.Job, "backup-old"), Environment: "lab", Action: plan.Delete, Fields: []plan.FieldChange{unset("schedule", "02:00"), unset("storage", "nas")}},
		},
		Pending: []plan.Change{{Key: on(plan.GuestDisk, "lxc/104:mp0"), Environment: "prod", At: "config.yml:12:3", Action: plan.Update, Fields: []plan.FieldChange{changed("backup", "0", "1")}}},
		Refusals: []plan.Refusal{
			{
				Key: on(plan.Job, "nightly"), At: "config.yml:25:3", Message: "job nightly exists, was not made by this tool, and is not as declared: storage",
				Hint: "declare adopt: true to take it over, or give the declared job another id", Fields: []plan.FieldChange{changed("storage", "local", "nas")},
			},
			{Key: on(plan.Job, ""), Risk: plan.RemoveManyJobs, Message: "1 of 3 jobs would be removed: backup-old", Hint: "if this is meant, run it with --accept-risk=remove-many-jobs"},
		},
		Warnings: []plan.Warning{{Key: on(plan.Job, "backup-prod"), At: "config.yml:12:3", Message: "job manual backs up 1 guest already: 101", Hint: "remove it"}},
	}
}

func planText(t *testing.T, planned plan.Plan, colour bool) string {
	t.Helper()
	var out bytes.Buffer
	if err := (Printer{Out: &out, Colour: colour}).Plan(planned); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPlanAsText(t *testing.T) { golden(t, "plan.txt", planText(t, example(), false)) }

func TestColourSaysNothingThatTheSignsDoNot(t *testing.T) {
	sgr := regexp.MustCompile("\x1b\\[[0-9;]*m")
	coloured := planText(t, example(), true)
	if !sgr.MatchString(coloured) {
		t.Error("there is no colour")
	}
	if got := sgr.ReplaceAllString(coloured, ""); got != planText(t, example(), false) {
		t.Errorf("without its colour it is another text:\n%s", got)
	}
}

func TestTheLastLineSumsUp(t *testing.T) {
	all := example()
	for name, test := range map[string]struct {
		plan plan.Plan
		want string
	}{
		"nothing": {plan.Plan{}, "No changes. Everything is as declared."},
		"changes": {plan.Plan{Changes: all.Changes}, "Plan: 1 to add, 2 to change, 1 to remove."},
		"waiting": {plan.Plan{Pending: all.Pending}, "No changes. What is declared has been written. 1 pending restart."},
		"refused": {plan.Plan{Refusals: all.Refusals[:1]}, "No changes, but not everything is as declared. Refused for 1 reason: nothing will be done."},
		"warning": {plan.Plan{Warnings: all.Warnings}, "No changes. Everything is as declared."},
		"all":     {all, "Plan: 1 to add, 2 to change, 1 to remove. 1 pending restart. Refused for 2 reasons: nothing will be done."},
	} {
		lines := strings.Split(strings.TrimSuffix(planText(t, test.plan, false), "\n"), "\n")
		if got := lines[len(lines)-1]; got != test.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestTextsOfAClusterCannotPlayWithTheTerminal puts what a terminal obeys into every text that a plan has.
func TestTextsOfAClusterCannotPlayWithTheTerminal(t *testing.T) {
	const evil = "a\x1b[31mb\r\nc\u009bd\u202ee\xff"
	key := plan.Key{Scope: evil, Kind: plan.Job, ID: evil}
	long := strings.Repeat(evil+",", 30)
	fields := []plan.FieldChange{set(evil, evil), changed(evil, evil, evil+evil), changed(evil, long, long+evil), unset(evil, long)}
	change := plan.Change{Key: key, Environment: evil, At: evil, Action: plan.Update, Fields: fields}
	disk := change
	disk.Kind = plan.GuestDisk
	notice := plan.Refusal{Key: key, At: evil, Risk: evil, Message: evil, Hint: evil, Fields: fields}
	planned := plan.Plan{
		Changes: []plan.Change{change, disk, disk, disk, disk}, Pending: []plan.Change{change},
		Refusals: []plan.Refusal{notice}, Warnings: []plan.Warning{plan.Warning(notice)},
	}
	job := Job{Cluster: evil, Environment: evil, ID: evil, Storage: evil, Schedule: evil, Enabled: true}
	step := Step{Change: change, Outcome: Done}
	document := Document{Plan: planned, Begun: true, Steps: []Step{step}, Jobs: []Job{job}, Err: ui.Hint(errors.New(evil), "%s", evil)}

	var text, object bytes.Buffer
	printer := Printer{Out: &text}
	err := errors.Join(printer.Plan(planned), printer.Step(1, 2, step), printer.Stopped([]Step{step}, &change, []plan.Change{change}),
		printer.Jobs([]Job{job}, time.Unix(0, 0)), JSON(&object, document))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"text": text.String(), "json": object.String()} {
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e') }); i >= 0 {
			t.Errorf("%s: %q", name, got[max(0, i-30):i+10])
		}
		if strings.Contains(got, "\nc") {
			t.Errorf("%s: a text broke its line", name)
		}
	}
}

func TestALongListIsToldByWhatChanges(t *testing.T) {
	list := strings.Repeat("100,", 30)
	for name, test := range map[string]struct {
		change plan.FieldChange
		want   string
	}{
		"a short one":         {changed("vmid", "101,102", "101"), `vmid = "101,102" -> "101"`},
		"some more":           {changed("vmid", list+"7", list+"8,9"), `vmid: adds 8 and 9, drops 7 (31 -> 32 in the list)`},
		"many more":           {changed("vmid", "1", "1,2,3,4,5,6,7,8,9,10,11"), `vmid: adds 2, 3, 4, 5, 6, 7, 8, 9 and 2 more (1 -> 11 in the list)`},
		"another order":       {changed("x", "1,2,3,4,5,6,7,8,9", "9,8,7,6,5,4,3,2,1"), `x = "1,2,3,4,5,6,7,8,9" -> "9,8,7,6,5,4,3,2,1"`},
		"a long new one":      {set("vmid", strings.Repeat("100,", 99)+"100"), `vmid = "` + strings.Repeat("100,", 40) + `"… (100 in the list)`},
		"a long text":         {set("comment", strings.Repeat("é", 200)), `comment = "` + strings.Repeat("é", 160) + `"… (200 characters)`},
		"an empty value":      {changed("comment", "x", ""), `comment = "x" -> ""`},
		"quotation marks":     {set("comment", `say "x"`), `comment = "say \"x\""`},
		"a secret":            {plan.FieldChange{Name: "password", HasAfter: true, Sensitive: true}, "password = (sensitive)"},
		"a secret with texts": {plan.FieldChange{Name: "password", Before: "a", After: "b", HasBefore: true, HasAfter: true, Sensitive: true}, "password = (sensitive)"},
	} {
		if got := field(test.change); got != test.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// TestManyChangesCanBeRead has 2,000 volumes to be included: they are one entry, and every one is named.
func TestManyChangesCanBeRead(t *testing.T) {
	var planned plan.Plan
	for i := range 2000 {
		id := "lxc/" + strings.Repeat("1", 1+i%5) + ":mp" + strings.Repeat("0", 1+i/5)
		planned.Changes = append(planned.Changes, plan.Change{
			Key: on(plan.GuestDisk, id), Environment: "prod", Action: plan.Update, Fields: []plan.FieldChange{changed("backup", "0", "1")},
		})
	}
	planned.Changes[1999].Environment = "lab"
	text := planText(t, planned, false)
	if !strings.HasPrefix(text, "  ~ 1999 guest disks (prod on home), each:\n      ~ backup = \"0\" -> \"1\"\n        lxc/1:mp0, lxc/11:mp0, ") {
		t.Errorf("it begins %.200q", text)
	}
	if strings.Count(text, "lxc/") != 2000 || strings.Count(text, "guest disk lxc") != 1 {
		t.Error("not every volume is named once")
	}
	for _, line := range strings.Split(text, "\n")[:10] {
		if len(line) > 100 {
			t.Errorf("a line of %d characters", len(line))
		}
	}
}

func TestAFewAlikeStaySeparate(t *testing.T) {
	change := plan.Change{Key: on(plan.Job, "a"), Action: plan.Delete}
	if text := planText(t, plan.Plan{Changes: []plan.Change{change, change, change}}, false); strings.Count(text, "  - job a (on home)\n") != 3 {
		t.Errorf("got %s", text)
	}
}
