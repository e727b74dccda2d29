package dashboards

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards/figures"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// failedColours are shades of red, one for each environment.
func failedColours() []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "color", Value: map[string]string{"mode": "shades", "fixedColor": panels.Critical}}}
}

func (o overview) running() *table.PanelBuilder {
	columns := []panels.Column{
		nameColumn(),
		guestColumn(),
		environmentColumn(),
		clusterColumn(),
		nodeColumn(),
		{Title: "Running", Query: o.Running(), Look: panels.Worded(panels.Word{Value: 1, Text: "running", Colour: panels.Neutral}).And(panels.Width(90))},
		{Title: "Began", Query: o.RunningSince(), Look: panels.FromNow().And(panels.Width(130))},
		{Title: "For", Query: o.RunningFor(), Look: panels.Duration().And(panels.Width(110)), Sort: panels.Descending},
		{Title: "Done", Query: o.RunningProgress(), Look: panels.Bar(panels.Neutral).And(panels.Width(160))},
	}
	return panels.Empty(panels.Table("Running backups", "What is backed up just now. The log of a container's backup tells no progress.", figures.LabelKey, columns),
		"No backup runs.").Id(idRunning)
}

func (o overview) tasks() *table.PanelBuilder {
	columns := []panels.Column{
		clusterColumn(),
		nodeColumn(),
		{Title: "Oldest task runs or waits for", Query: o.Tasks(), Look: panels.Duration(), Sort: panels.Descending},
	}
	return panels.Empty(panels.Table("Nodes with vzdump tasks", "The time includes waiting for another task of the node to end: only one makes backups at a time.",
		figures.LabelKey, columns), "No vzdump task runs.").Id(idTasks)
}

func (o overview) jobs() *table.PanelBuilder {
	some := panels.Number().And(panels.Width(80))
	bad := some.And(panels.Coloured(panels.Muted, panels.Step{From: 1, Colour: panels.Warning}))
	columns := []panels.Column{
		{
			Title: "Job is", Query: o.Jobs(), Sort: panels.Ascending,
			Look: panels.Worded(panels.Word{Value: 0, Text: "DISABLED", Colour: panels.Warning}, panels.Word{Value: 1, Text: "enabled", Colour: panels.Good}).And(panels.Width(85)),
		},
		{Title: "Job", Label: collector.LabelJob, Look: panels.Width(130)},
		clusterColumn(),
		storageColumn(),
		{Title: "Schedule", Label: figures.LabelSchedule, Look: panels.Width(110)},
		{Title: "Mode", Label: figures.LabelMode, Look: panels.Width(80)},
		nodeColumn(),
		{Title: "Guests", Query: o.JobGuests(), Look: some},
		{Title: "Only here", Query: o.JobExclusive(), Look: some},
		{Title: "Gone ids", Query: o.JobMissing(), Look: bad},
		{Title: "Last run", Query: o.JobLastRun(), Look: panels.FromNow().And(panels.Width(105))},
		{
			Title: "Result", Query: o.JobFailed(),
			Look: panels.Worded(panels.Word{Value: 0, Text: "good", Colour: panels.Good}, panels.Word{Value: 1, Text: "failed", Colour: panels.Critical}).And(panels.Width(80)),
		},
		{Title: "Took", Query: o.JobDuration(), Look: panels.Duration().And(panels.Width(80))},
		{Title: "Next run", Query: o.JobNextRun(), Look: panels.FromNow().And(panels.Width(105)), Sort: panels.Ascending},
	}
	columns = append(columns, o.kept()...)
	columns = append(columns,
		panels.Column{Title: "Too many", Query: o.JobExcess(), Look: bad},
		panels.Column{Title: "Too few", Query: o.JobLost(), Look: bad})
	return panels.Table("Jobs", "Only here: guests that nothing but this job backs up. Gone ids: named by the job, and no longer there. Last, hourly and so on: how many archives its "+
		"retention rule keeps. Too many, too few: archives on its storage that the rule should have removed, or that are missing.",
		figures.LabelKey, columns).Id(idJobs)
}

// kept are columns with the parts of the retention rule.
func (o overview) kept() []panels.Column {
	var columns []panels.Column
	for _, part := range []string{"Last", "Hourly", "Daily", "Weekly", "Monthly", "Yearly"} {
		columns = append(columns, panels.Column{Title: part, Query: o.JobKeeps("keep-" + strings.ToLower(part)), Look: panels.Number().And(panels.Width(60))})
	}
	return columns
}
