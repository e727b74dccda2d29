package check

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
)

// judge lets the exporter's own rules judge what was read, so that a check and an alert cannot disagree about needed privileges, cover and
// runs. Of tasks and archives it is told nothing: what became of backups is not checked here.
func (f *facts) judge() {
	if !f.resources.read() {
		return
	}
	world := f.world()
	memory := state.New()
	settings := exporter.SettingsOf(f.file, f.cluster)
	derive.TakeInventory(memory, world, settings, f.seesAllGuests())
	f.picture = derive.Judge(memory, world, settings, derive.NewRuns(world), false)
}

func (f *facts) world() *derive.World {
	world := &derive.World{
		Now:    f.now.Unix(),
		Guests: f.resources.value.Guests, NodeStates: f.resources.value.Nodes, Usage: f.resources.value.Storages,
		Jobs: f.jobs.value, JobsKnown: f.jobs.read(),
		Storages: f.storages.value, StoragesKnown: f.storages.read(),
		Nodes: map[string]derive.NodeFacts{}, Analyzed: map[string]derive.AnalyzedRuns{},
	}
	if f.permissions.read() {
		world.Permissions = f.permissions.value
	}
	for _, node := range f.status.value.Nodes {
		if node.Local {
			world.Answering = node.Name
		}
	}
	for name, node := range f.nodes {
		known := derive.NodeFacts{DefaultStorage: node.defaults.value.Storage}
		if zone, err := time.LoadLocation(node.clock.value.Zone); err == nil && node.clock.read() {
			known.Zone = zone
		}
		world.Nodes[name] = known
	}
	for schedule, next := range f.schedules {
		if next.read() {
			world.Analyzed[schedule] = derive.AnalyzedRuns{From: f.now.Unix(), Runs: next.value, Complete: len(next.value) == 0}
		}
	}
	return world
}
