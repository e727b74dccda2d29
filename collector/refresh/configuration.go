package refresh

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// seldom is how often what hardly ever changes is read: the nodes' vzdump defaults, and the runs of schedules that are known already.
const seldom = 24 * time.Hour

// errOffline stands for the calls that are not even tried.
var errOffline = errors.New("the node is offline")

// readConfiguration reads what a slow cycle reads besides archives.
func (r *Refresher) readConfiguration(ctx context.Context) {
	r.readStorages(ctx)
	r.readClocks(ctx)
	r.readVolumes(ctx)
	anew := r.Now().Sub(r.lastDay) >= seldom
	if anew {
		r.lastDay = r.Now()
	}
	r.readDefaults(ctx, anew)
	r.readSchedules(ctx, anew)
}

func (r *Refresher) readStorages(ctx context.Context) {
	began := r.Now()
	storages, err := r.Client.Storages(ctx)
	r.sources.record(sourceKey{kind: snapshot.SourceStorages}, began, r.Now(), err)
	if err == nil {
		r.world.Storages, r.world.StoragesKnown = storages, true
	}
}

// askNodes makes one call for each of the nodes. Those that are offline are not asked.
func askNodes[R any](r *Refresher, nodes []pve.NodeResource, kind snapshot.SourceKind, call func(node string) (R, error),
	take func(node string, got reply[R]),
) {
	got := askAll(r.Now, nodes, func(node pve.NodeResource) (R, error) {
		if !node.Online {
			var none R
			return none, errOffline
		}
		return call(node.Node)
	})
	for i, one := range got {
		name := nodes[i].Node
		r.sources.record(sourceKey{kind: kind, node: name}, one.began, one.ended, one.err)
		if one.err == nil {
			take(name, one)
		}
	}
}

// readClocks reads the nodes' zones, and how far their clocks are from ours.
func (r *Refresher) readClocks(ctx context.Context) {
	call := func(node string) (pve.NodeTime, error) { return r.Client.NodeTime(ctx, node) }
	askNodes(r, r.world.NodeStates, snapshot.SourceTime, call, func(node string, got reply[pve.NodeTime]) {
		facts := r.world.Nodes[node]
		facts.Skew = optional.Some(skew(got))
		if zone := loadZone(got.value.Zone); zone != nil {
			facts.Zone = zone
			r.Memory.Node(node).Zone = got.value.Zone
		}
		r.world.Nodes[node] = facts
	})
}

// skew compares a node's clock with ours half-way through the call. The node states whole seconds: what that and the call's length explain
// is no skew.
func skew(got reply[pve.NodeTime]) float64 {
	length := got.ended.Sub(got.began)
	middle := got.began.Add(length / 2)
	distance := float64(got.value.Time) + 0.5 - float64(middle.UnixNano())/1e9
	if math.Abs(distance) <= 0.5+length.Seconds()/2 {
		return 0
	}
	return distance
}

// readDefaults reads the nodes' vzdump defaults anew, or those that could not be read before.
func (r *Refresher) readDefaults(ctx context.Context, anew bool) {
	nodes := r.world.NodeStates
	if !anew {
		nodes = slices.DeleteFunc(slices.Clone(nodes), func(node pve.NodeResource) bool {
			return r.sources.up(sourceKey{kind: snapshot.SourceDefaults, node: node.Node})
		})
	}
	call := func(node string) (pve.VZDumpDefaults, error) { return r.Client.VZDumpDefaults(ctx, node, "") }
	askNodes(r, nodes, snapshot.SourceDefaults, call, func(node string, got reply[pve.VZDumpDefaults]) {
		facts := r.world.Nodes[node]
		facts.DefaultStorage, facts.DefaultRetention = got.value.Storage, got.value.Retention
		if !got.value.Remove {
			facts.DefaultRetention = ""
		}
		r.world.Nodes[node] = facts
	})
}

// readVolumes reads for each job which volumes it contains. The source is one for all jobs: it is up when all were read.
func (r *Refresher) readVolumes(ctx context.Context) {
	if !r.world.JobsKnown {
		return
	}
	began := r.Now()
	var failed error
	volumes := make(map[string][]pve.IncludedGuest, len(r.world.Jobs))
	got := askAll(r.Now, r.world.Jobs, func(job pve.Job) ([]pve.IncludedGuest, error) { return r.Client.IncludedVolumes(ctx, job.ID) })
	for i, one := range got {
		id := r.world.Jobs[i].ID
		volumes[id] = one.value
		if one.err != nil {
			failed = one.err
			volumes[id] = r.world.Volumes[id]
		}
	}
	r.world.Volumes = volumes
	r.world.VolumesKnown = r.world.VolumesKnown || failed == nil
	r.sources.record(sourceKey{kind: snapshot.SourceVolumes}, began, r.Now(), failed)
}

// iterations is how many runs are asked for at once, the most that the call gives.
const iterations = 100

// readSchedules asks the cluster itself when its schedules run, a hundred runs at a time: anew once a day, or when most of them have passed.
func (r *Refresher) readSchedules(ctx context.Context, anew bool) {
	began := r.Now()
	var failed error
	asked := false
	current := map[string]bool{}
	for i := range r.world.Jobs {
		schedule := r.world.Jobs[i].Schedule
		if schedule == "" || current[schedule] {
			continue
		}
		current[schedule] = true
		if !anew && !r.scheduleDue(schedule) {
			continue
		}
		asked = true
		from := began.Unix() - r.scheduleSpan(schedule)
		runs, err := r.Client.ScheduleAnalyze(ctx, schedule, from, iterations)
		if err != nil {
			failed = err
			continue
		}
		r.world.Analyzed[schedule] = derive.AnalyzedRuns{From: from, Runs: runs, Complete: len(runs) < iterations}
	}
	for schedule := range r.world.Analyzed {
		if !current[schedule] {
			delete(r.world.Analyzed, schedule)
		}
	}
	if asked || len(current) == 0 { // without jobs there is nothing to ask, and nothing that could be old
		r.sources.record(sourceKey{kind: snapshot.SourceSchedules}, began, r.Now(), failed)
	}
}

// scheduleDue reports whether the runs known of a schedule are nearly used up.
func (r *Refresher) scheduleDue(schedule string) bool {
	known, asked := r.world.Analyzed[schedule]
	if !asked {
		return true
	}
	if known.Complete {
		return false
	}
	return known.Runs[len(known.Runs)*3/4] < r.world.Now
}

// scheduleSpan returns how many seconds before now the runs should begin, so that about a quarter of them lie in the past.
func (r *Refresher) scheduleSpan(schedule string) int64 {
	const most = 40 * 24 * time.Hour
	event, err := vzdump.ParseCalendarEvent(schedule)
	if err != nil {
		return int64((24 * time.Hour) / time.Second)
	}
	first, found := event.Next(r.Now())
	if !found {
		return int64(most / time.Second)
	}
	second, found := event.Next(first)
	if !found {
		return int64(most / time.Second)
	}
	return int64(min(most, second.Sub(first)*iterations/4) / time.Second)
}
