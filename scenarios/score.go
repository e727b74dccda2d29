package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/scenarios/verdict"
)

// score prints the figures of all rule sets over all stories.
func score(out io.Writer, results []result, sets []string) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "rule set\texpected\tin time\tlate\tmissed\trecall\tfalse alarms\tbroken off\tnot cleared\tmedian delay\tworst delay\t")
	for _, set := range sets {
		total := verdict.Verdict{}
		for _, one := range results {
			total.Add(one.verdicts[set])
		}
		broken, stuck := fmt.Sprint(total.Broken), fmt.Sprint(total.Stuck)
		if set != ours { // nobody says when those should stop
			broken, stuck = "-", "-"
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%.1f %%\t%d\t%s\t%s\t%s\t%s\t\n", set, total.Expected, total.InTime, total.Late, total.Missed,
			100*total.Recall(), total.False, broken, stuck, short(total.Median()), short(total.Worst()))
	}
	_ = table.Flush()
}

func short(d time.Duration) string { return model.Duration(d).String() }

// good reports whether every story went as it is told.
func good(results []result) bool {
	for _, one := range results {
		if v := one.verdicts[ours]; !v.Good() {
			return false
		}
	}
	return true
}
