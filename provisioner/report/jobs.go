package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// Job is a declared backup job as it is after a run.
type Job struct {
	Cluster, Environment, ID, Storage, Schedule string
	Enabled                                     bool
	// NextRun is when it runs next, in the zone in which people read it; the zero time if never. Unknown tells that the cluster did not say.
	NextRun time.Time
	Unknown bool
}

// sorted returns the jobs by cluster and id.
func sorted(jobs []Job) []Job {
	return slices.SortedFunc(slices.Values(jobs), func(a, b Job) int {
		return cmp.Or(strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.ID, b.ID))
	})
}

// Jobs writes the table of the jobs; nothing where there are none.
func (p Printer) Jobs(jobs []Job, now time.Time) error {
	if len(jobs) == 0 {
		return nil
	}
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CLUSTER\tJOB\tSTORAGE\tSCHEDULE\tNEXT RUN")
	for _, each := range sorted(jobs) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", words.Name(each.Cluster), words.Name(each.ID), words.Name(each.Storage), words.Name(each.Schedule), each.nextRun(now))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return p.write(&out)
}

func (j Job) nextRun(now time.Time) string {
	switch {
	case !j.Enabled:
		return "never: disabled"
	case j.Unknown:
		return "not known"
	case j.NextRun.IsZero():
		return "never"
	}
	return j.NextRun.Format("2006-01-02 15:04 MST") + ", " + words.When(j.NextRun.Unix(), now.Unix())
}
