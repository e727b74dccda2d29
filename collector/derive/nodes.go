package derive

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// online reports whether a node is part of the cluster and up.
func (w *World) online(node string) bool {
	return slices.ContainsFunc(w.NodeStates, func(state pve.NodeResource) bool { return state.Node == node && state.Online })
}

// nodeSnapshots describes the nodes.
func nodeSnapshots(memory *state.Cluster, w *World) []snapshot.Node {
	result := make([]snapshot.Node, 0, len(w.NodeStates))
	for _, resource := range w.NodeStates {
		facts := w.Nodes[resource.Node]
		node := snapshot.Node{Name: resource.Node, Online: resource.Online, ClockSkew: facts.Skew}
		if facts.Zone != nil {
			node.Zone = facts.Zone.String()
		}
		if remembered := memory.Nodes[resource.Node]; remembered != nil {
			node.UnattributedFailure = remembered.UnattributedFailure != 0
		}
		for _, running := range w.Running {
			if running.Task.Node == resource.Node {
				node.TaskRunningSince = optional.Some(min(node.TaskRunningSince.Or(running.Task.Start), running.Task.Start))
			}
		}
		result = append(result, node)
	}
	slices.SortFunc(result, func(a, b snapshot.Node) int { return strings.Compare(a.Name, b.Name) })
	return result
}
