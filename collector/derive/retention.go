package derive

import (
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// pruning is the retention rules in effect for a pair, in the zone of the guest's node. Each job that targets the pair may bring its own;
// where they disagree only what all agree on is said.
type pruning struct {
	rules []vzdump.Retention // none where a rule keeps all
	zone  *time.Location
}

func newPruning(rules []string, zone *time.Location) pruning {
	result := pruning{zone: zone}
	for _, text := range rules {
		rule, err := vzdump.ParseRetention(text)
		if err != nil || rule.KeepsAll() {
			return pruning{zone: zone}
		}
		result.rules = append(result.rules, rule)
	}
	return result
}

func (p pruning) keepsAll() bool { return len(p.rules) == 0 }

// apply returns the times that stay, by the rule that keeps the fewest or by the one that keeps the most.
func (p pruning) apply(times []int64, fewest bool) []int64 {
	var result []int64
	for i, rule := range p.rules {
		var stay []int64
		for at, keep := range rule.Keep(inZone(times, p.zone)) {
			if keep {
				stay = append(stay, times[at])
			}
		}
		if i == 0 || (len(stay) < len(result)) == fewest {
			result = stay
		}
	}
	return result
}

// excess counts the archives that the rules would remove now. A node prunes what lies on its own storage: the rules hold for each node.
func (p pruning) excess(archives []*archive) optional.Value[int] {
	if p.keepsAll() {
		return optional.Value[int]{}
	}
	onNode := map[string][]*archive{}
	for _, one := range prunable(archives) {
		onNode[one.node] = append(onNode[one.node], one)
	}
	count := 0
	for _, list := range onNode {
		times := starts(list)
		count += len(times) - len(p.apply(times, false))
	}
	return optional.Some(count)
}

// hold keeps account of the archives that should be in the listing of a moment, 0 for none: what the first complete one showed, and every
// success since, less what the rules removed after each of them. So neither a looser rule nor a rule that never pruned makes archives look
// lost. Of the time before, successes count whose logs prove that the present rule was in effect. A listing that is older than the last
// success cannot show its archive, nor what was pruned for it.
func (p pruning) hold(target *state.Target, archives []*archive, listed int64) optional.Value[int] {
	if p.keepsAll() {
		target.Held, target.Fresh, target.Holding = nil, nil, 0
		return optional.Value[int]{}
	}
	if target.Holding == 0 {
		if listed == 0 {
			return optional.Value[int]{}
		}
		target.Held = p.replay(target.Fresh, starts(prunable(archives)))
		target.Fresh, target.Holding = nil, 1
		if count := len(target.Held); count > 0 {
			target.Holding = target.Held[count-1]
		}
	}
	if target.Success == nil || target.Success.End <= listed {
		for _, success := range target.Fresh {
			target.Held = p.apply(append(target.Held, success), true)
			target.Holding = max(target.Holding, success)
		}
		target.Fresh = nil
	}
	dropSetAside(target, archives)
	return optional.Some(len(p.apply(target.Held, true)))
}

// replay applies the rules after each success as Proxmox VE did: to those that logs tell of, among the archives that were listed.
func (p pruning) replay(logged, listed []int64) []int64 {
	if len(logged) == 0 {
		return listed
	}
	all := slices.Clone(listed)
	for _, start := range logged {
		if !slices.ContainsFunc(listed, func(other int64) bool { return abs(p.wallClock(other)-p.wallClock(start)) <= slack }) {
			all = append(all, start)
		}
	}
	slices.Sort(all)
	var held []int64
	for _, start := range all {
		held = p.apply(append(held, start), true)
	}
	return held
}

// wallClock is what clocks of the node show, as if it were UTC. Names of archives have no more: in the hour that comes twice the time that
// is read from a name may be an hour off.
func (p pruning) wallClock(moment int64) int64 {
	_, offset := time.Unix(moment, 0).In(p.zone).Zone()
	return moment + int64(offset)
}

// remember notes a success for [pruning.hold], once: an archive's own time and its log's may differ by some seconds. Before the first
// complete listing only one counts of which it is certain that the present rule was in effect.
func remember(target *state.Target, start int64, certain bool) {
	near := func(other int64) bool { return abs(other-start) <= slack }
	if (target.Holding == 0 && !certain) || start <= target.Holding || slices.ContainsFunc(target.Held, near) || slices.ContainsFunc(target.Fresh, near) {
		return
	}
	at, _ := slices.BinarySearch(target.Fresh, start)
	target.Fresh = slices.Insert(target.Fresh, at, start)
}

// dropSetAside leaves out archives that were protected or renamed since: rules no longer count them.
func dropSetAside(target *state.Target, archives []*archive) {
	for _, one := range archives {
		if one.protected || one.renamed {
			target.Held = slices.DeleteFunc(target.Held, func(start int64) bool { return abs(start-one.created) <= slack })
		}
	}
}

// prunable leaves out what no rule removes.
func prunable(archives []*archive) []*archive {
	var result []*archive
	for _, one := range archives {
		if !one.protected && !one.renamed {
			result = append(result, one)
		}
	}
	return result
}

func inZone(times []int64, zone *time.Location) []time.Time {
	result := make([]time.Time, len(times))
	for i, at := range times {
		result[i] = time.Unix(at, 0).In(zone)
	}
	return result
}
