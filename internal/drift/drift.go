// Package drift says how far a cluster is from the declared file: what `provision --dry-run` would show, told by what the exporter has read.
//
// It is pure: the file and facts in, objects that differ out. It judges only what the facts suffice for, and never by guesses: a kind of
// object of which the file declares nothing, or that the token cannot see as a whole, is left out.
package drift

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Of compares one cluster of a declared file with what was last read of it. Lacks are the privileges that the token needs and lacks. The
// result has a drift for every kind that is declared and could be judged, sorted by kind; it shares no memory with the facts.
func Of(file *config.File, name string, world *derive.World, lacks []snapshot.Permission) []snapshot.Drift {
	kinds := judged(file, name, world, lacks)
	if len(kinds) == 0 {
		return nil
	}
	inventory := cluster.NewInventory(name, factsOf(world))
	wish := cluster.Desired(file, inventory, time.Unix(world.Now, 0), nil)
	for i := range wish.Desired {
		// What storages provisioning made, only the machine knows on which it runs. To differ is the same either way.
		wish.Desired[i].Known = wish.Desired[i].Kind == plan.Storage
	}
	made := plan.Calculate(plan.Input{Desired: wish.Desired, Current: cluster.Current(file, inventory)})

	result := make([]snapshot.Drift, 0, len(kinds))
	for _, kind := range kinds {
		result = append(result, snapshot.Drift{Kind: snapshot.DriftKind(kind), Objects: differing(made, kind)})
	}
	return result
}

// factsOf hands on what was read. Whether a node answers is no difference to the file, so all count as online: what differs on one that is
// off differs still.
func factsOf(world *derive.World) cluster.Facts {
	nodes := slices.Clone(world.NodeStates)
	for i := range nodes {
		nodes[i].Online = true
	}
	return cluster.Facts{
		Resources: pve.Resources{Guests: world.Guests, Nodes: nodes, Storages: world.Usage},
		Jobs:      world.Jobs, Storages: world.Storages, Included: world.Volumes,
	}
}

// differing lists the objects of a kind that a plan would change, that wait for a restart, or that it refuses to touch. Risks are about the
// plan as a whole and name no further object; jobs that another policy would remove are not in it.
func differing(made plan.Plan, kind plan.Kind) []snapshot.Drifted {
	differs := map[string][]string{}
	note := func(key plan.Key, what string) {
		if key.Kind == kind && what != "" {
			differs[key.ID] = append(differs[key.ID], what)
		}
	}
	for i := range made.Changes {
		note(made.Changes[i].Key, changed(&made.Changes[i]))
	}
	for i := range made.Pending {
		note(made.Pending[i].Key, "waits for the restart of its guest")
	}
	for i := range made.Refusals {
		if refusal := &made.Refusals[i]; refusal.Risk == "" {
			note(refusal.Key, refused(refusal))
		}
	}
	objects := make([]snapshot.Drifted, 0, len(differs))
	for id, what := range differs {
		objects = append(objects, snapshot.Drifted{ID: id, What: strings.Join(what, "; ")})
	}
	slices.SortFunc(objects, func(a, b snapshot.Drifted) int { return cmp.Compare(a.ID, b.ID) })
	return objects
}
