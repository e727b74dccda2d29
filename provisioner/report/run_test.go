package report

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

func TestSteps(t *testing.T) {
	change := example().Changes[1]
	var out bytes.Buffer
	printer := Printer{Out: &out}
	for number, step := range []Step{
		{Change: change, Outcome: Done},
		{Change: change, Outcome: PendingRestart},
		{Change: change, Outcome: Unneeded, Replanned: true},
		{Change: change, Outcome: Failed},
	} {
		if err := printer.Step(number+8, 12, step); err != nil {
			t.Fatal(err)
		}
	}
	want := `[ 8/12] + job backup-prod (prod on home): done
[ 9/12] + job backup-prod (prod on home): done, pending restart
[10/12] + job backup-prod (prod on home): is as declared already (planned anew: somebody changed it meanwhile)
[11/12] + job backup-prod (prod on home): failed
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestARunThatStoppedSaysHowFarItCame(t *testing.T) {
	changes := example().Changes
	var out bytes.Buffer
	printer := Printer{Out: &out}
	if err := printer.Stopped([]Step{{Change: changes[0], Outcome: Done}}, &changes[1], changes[2:]); err != nil {
		t.Fatal(err)
	}
	golden(t, "stopped.txt", out.String())

	out.Reset()
	var many []plan.Change
	for i := range 500 {
		many = append(many, plan.Change{Key: on(plan.Job, fmt.Sprint("job-", i)), Action: plan.Create})
	}
	if err := printer.Stopped(nil, nil, many); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if strings.Contains(text, "Failed") || !strings.Contains(text, "0 of 500 changes were made") || !strings.Contains(text, "and 480 more\n") || strings.Count(text, "\n") > 30 {
		t.Errorf("got\n%s", text)
	}
}

// now is an hour before the example's job runs.
var now = time.Date(2026, 11, 23, 23, 0, 0, 0, time.UTC)

func exampleJobs() []Job {
	zone := time.FixedZone("CET", 3600)
	return []Job{
		{Cluster: "home", Environment: "prod", ID: "backup-prod", Storage: "nas", Schedule: "01:00", Enabled: true, NextRun: now.Add(time.Hour).In(zone)},
		{Cluster: "away", Environment: "prod", ID: "unknown", Storage: "nas", Schedule: "02:00", Enabled: true, Unknown: true},
		{Cluster: "home", Environment: "lab", ID: "disabled", Storage: "nas", Schedule: "sun 03:00", NextRun: now},
		{Cluster: "away", Environment: "prod", ID: "past", Storage: "offsite", Schedule: "2020-01-01 00:00", Enabled: true},
	}
}

func TestJobs(t *testing.T) {
	var out bytes.Buffer
	if err := (Printer{Out: &out}).Jobs(exampleJobs(), now); err != nil {
		t.Fatal(err)
	}
	golden(t, "jobs.txt", out.String())
	out.Reset()
	if err := (Printer{Out: &out}).Jobs(nil, now); err != nil || out.Len() > 0 {
		t.Errorf("no jobs: %q, %v", out.String(), err)
	}
}

// broken is a pipe that nobody reads any more.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	printer := Printer{Out: broken{}}
	for name, err := range map[string]error{
		"plan": printer.Plan(plan.Plan{}), "step": printer.Step(1, 1, Step{}), "stopped": printer.Stopped(nil, nil, nil),
		"jobs": printer.Jobs(exampleJobs(), now), "json": JSON(broken{}, Document{}),
	} {
		if err == nil || err.Error() != "writing the report: broken pipe" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
