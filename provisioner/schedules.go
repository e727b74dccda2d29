package provisioner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// checkSchedules lets each cluster judge the schedules that it would be sent: one call for each distinct one. The warnings name jobs that would
// never run. Every refused schedule is an error; they are joined.
func checkSchedules(ctx context.Context, all sites, input plan.Input, planned plan.Plan, now time.Time) (warnings []plan.Warning, err error) {
	type question struct{ cluster, schedule string }
	type answer struct {
		runs int
		err  error
	}
	answers := map[question]answer{}
	wishes := wishesOf(input)
	var failures []error
	for _, change := range planned.Changes {
		schedule, sent := textAfter(change, "schedule")
		if change.Kind != plan.Job || !sent {
			continue
		}
		wanted := wishes[change.Key]
		ask := question{change.Scope, schedule}
		got, known := answers[ask]
		if !known {
			runs, err := all.byName[change.Scope].client.ScheduleAnalyze(ctx, schedule, now.Unix(), 1)
			got = answer{runs: len(runs), err: err}
			answers[ask] = got
		}
		switch {
		case got.err != nil:
			failures = append(failures, apply.Place(change, &wanted, got.err))
		case got.runs == 0 && wanted.Fields["enabled"].Text != "0":
			warnings = append(warnings, plan.Warning{
				Key: change.Key, At: wanted.Fields["schedule"].At,
				Message: fmt.Sprintf("job %s on %s would never run: %s lies in the past", change.ID, change.Scope, schedule),
				Hint:    "name a moment that comes again",
			})
		}
	}
	return warnings, errors.Join(failures...)
}

// textAfter returns what a change sets a property to.
func textAfter(change plan.Change, name string) (text string, set bool) {
	for _, field := range change.Fields {
		if field.Name == name && field.HasAfter {
			return field.After, true
		}
	}
	return "", false
}

func wishesOf(input plan.Input) map[plan.Key]plan.Desired {
	wishes := make(map[plan.Key]plan.Desired, len(input.Desired))
	for _, each := range input.Desired {
		wishes[each.Key] = each
	}
	return wishes
}
