package check

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// maxSkew is how many seconds clocks may be apart before somebody is told: what a network that keeps time never reaches.
const maxSkew = 5.0

// checkClocks looks at the nodes' clocks and time zones.
func checkClocks(f *facts) []Finding {
	var findings []Finding
	skews, zones := map[string]float64{}, map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(f.nodes)) {
		clock := f.nodes[name].clock
		if clock.err != nil {
			findings = append(findings, f.unread("the clock of node "+words.Name(name)+" cannot be read", clock.err))
			continue
		}
		skews[name] = skew(clock)
		zones[clock.value.Zone] = append(zones[clock.value.Zone], name)
	}
	if len(skews) == 0 {
		return findings
	}
	problems := append(skewed(skews), zoned(zones)...)
	if len(problems) == 0 {
		zone := slices.Collect(maps.Keys(zones))[0]
		return append(findings, found(OK, "the clocks of %s agree with this machine's, zone %s", words.Count(len(skews), "node", "nodes"), words.Name(zone)))
	}
	return append(findings, problems...)
}

// skew is a node's clock minus ours half-way through the call, in seconds. The node states whole seconds: what that and the call's length
// explain is none.
func skew(clock answer[pve.NodeTime]) float64 {
	length := clock.ended.Sub(clock.began)
	middle := clock.began.Add(length / 2)
	distance := float64(clock.value.Time) + 0.5 - float64(middle.UnixNano())/float64(time.Second)
	if math.Abs(distance) <= 0.5+length.Seconds()/2 {
		return 0
	}
	return distance
}

// skewed tells of nodes whose clock is not ours. Where all are off alike, it is this machine's clock that is wrong.
func skewed(skews map[string]float64) []Finding {
	values := slices.Sorted(maps.Values(skews))
	if lowest, highest := values[0], values[len(values)-1]; len(values) > 1 && highest-lowest <= maxSkew && math.Abs(lowest) > maxSkew {
		return []Finding{found(Warning, "this machine's clock is %s all %d nodes'", apart(-lowest), len(values)).
			because("the nodes agree with each other; ages and due times are worked out with this clock").
			advise("let this machine keep time", "timedatectl", "chronyc tracking")}
	}
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(skews)) {
		if math.Abs(skews[name]) <= maxSkew {
			continue
		}
		findings = append(findings, found(Warning, "the clock of node %s is %s this machine's", words.Name(name), apart(skews[name])).
			because("its tasks and archives bear wrong times, and clusters need clocks that agree").
			advise("let that node keep time", "timedatectl", "chronyc tracking"))
	}
	return findings
}

func apart(seconds float64) string {
	if seconds < 0 {
		return fmt.Sprintf("%s behind", words.Span(int64(-seconds)))
	}
	return fmt.Sprintf("%s ahead of", words.Span(int64(seconds)))
}

// zoned tells of nodes in several zones, and of zones that this machine does not know.
func zoned(zones map[string][]string) []Finding {
	var findings []Finding
	names := slices.Sorted(maps.Keys(zones))
	if len(names) > 1 {
		var each []string
		for _, zone := range names {
			each = append(each, fmt.Sprintf("%s: %s", words.Name(zone), words.List(tidy(zones[zone]), shown)))
		}
		findings = append(findings, found(Warning, "the nodes have %d time zones (%s)", len(names), strings.Join(each, "; ")).
			because("each node runs the jobs by its own clock: one job starts at different moments, and a guest that migrates changes its time").
			advise("set one zone on all of them", "timedatectl set-timezone "+quote(names[0])))
	}
	for _, zone := range names {
		if _, err := time.LoadLocation(zone); zone == "" || err != nil {
			findings = append(findings, found(Warning, "this machine does not know the time zone '%s' of %s", words.Name(zone), words.List(tidy(zones[zone]), shown)).
				because("times in task logs are local to the node: without the zone they are guessed from the task's end").
				advise("install the time zones here", "apt install tzdata"))
		}
	}
	return findings
}
