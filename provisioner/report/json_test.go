package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

func object(t *testing.T, document Document) string {
	t.Helper()
	var out bytes.Buffer
	if err := JSON(&out, document); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestJSON pins the form that programs rely on. A member that goes or changes its meaning needs another Version.
func TestJSON(t *testing.T) {
	all := example()
	golden(t, "refused.json", object(t, Document{Plan: all, Err: errors.New("the plan was refused: nothing was changed")}))

	all.Refusals = nil
	conflict := ui.Hint(errors.New("config.yml:12:3: job backup-prod: permission denied"), "give the token Datastore.Allocate")
	golden(t, "failed.json", object(t, Document{
		Plan: all, Begun: true, Steps: []Step{{Change: all.Changes[0], Outcome: Done, Replanned: true}, {Change: all.Changes[1], Outcome: Failed}},
		Err: errors.Join(conflict, errors.New("another")),
	}))

	all.Warnings, all.Pending, all.Changes = nil, nil, all.Changes[1:2]
	golden(t, "applied.json", object(t, Document{Plan: all, Begun: true, Steps: []Step{{Change: all.Changes[0], Outcome: Done}}, Jobs: exampleJobs()[:1]}))
	golden(t, "empty.json", object(t, Document{}))
}

func TestResults(t *testing.T) {
	changes := plan.Plan{Changes: example().Changes}
	for want, document := range map[Result]Document{
		"no_changes":  {Plan: plan.Plan{Pending: example().Pending}, Begun: true},
		"planned":     {Plan: changes},
		"applied":     {Plan: changes, Begun: true},
		"refused":     {Plan: example(), Err: errors.New("refused")},
		"failed":      {Plan: changes, Begun: true, Err: errors.New("x")},
		"interrupted": {Plan: changes, Begun: true, Interrupted: true, Err: errors.New("x")},
	} {
		if got := document.Result(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestJSONKeepsTextsAsTheyAre(t *testing.T) {
	const text = "<a> & \"b\"\n\u009b\u202e\x7f ü 🎉"
	planned := plan.Plan{Changes: []plan.Change{{Fields: []plan.FieldChange{set("comment", text)}}}}
	written := object(t, Document{Plan: planned})
	if strings.ContainsAny(written, "\u009b\u202e\x7f") || !strings.Contains(written, "ü 🎉") {
		t.Errorf("got %q", written)
	}
	var back documentJSON
	if err := json.Unmarshal([]byte(written), &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Changes[0].Fields[0].After.Or(""); got != text {
		t.Errorf("%q became %q", text, got)
	}
}

func TestJSONShowsNoSecret(t *testing.T) {
	secret := plan.FieldChange{Name: "password", Before: "SECRET", After: "SECRET", HasBefore: true, HasAfter: true, Sensitive: true}
	planned := plan.Plan{Changes: []plan.Change{{Fields: []plan.FieldChange{secret}}}, Refusals: []plan.Refusal{{Fields: []plan.FieldChange{secret}}}}
	if got := object(t, Document{Plan: planned}) + planText(t, planned, false); strings.Contains(got, "SECRET") {
		t.Error(got)
	}
}

// TestTheDocumentationKnowsEveryMember reads docs/provision.md, where the form is promised.
func TestTheDocumentationKnowsEveryMember(t *testing.T) {
	page, err := os.ReadFile("../../docs/provision.md")
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, form := range []any{documentJSON{}, summaryJSON{}, changeJSON{}, fieldJSON{}, noticeJSON{}, jobJSON{}, serverJSON{}, errorJSON{}} {
		of := reflect.TypeOf(form)
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			values = append(values, name)
		}
	}
	for _, each := range []Result{ResultNoChanges, ResultPlanned, ResultApplied, ResultRefused, ResultFailed, ResultInterrupted} {
		values = append(values, string(each))
	}
	for outcome := range outcomes {
		values = append(values, string(outcome))
	}
	values = append(values, string(plan.Create), string(plan.Update), string(plan.Delete))
	values = append(values, plan.Risks()...)
	for _, each := range values {
		if !strings.Contains(string(page), "`"+each+"`") {
			t.Errorf("docs/provision.md does not explain %s", each)
		}
	}
	for _, name := range []string{"applied.json", "plan.txt"} {
		example, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), string(example)) {
			t.Errorf("docs/provision.md does not show %s as it is", name)
		}
	}
}
