package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// Names of the node series.
const (
	ClockSkew               = Prefix + "clock_skew_seconds"
	NodeTaskRunningSince    = Prefix + "node_task_running_since_timestamp_seconds"
	NodeUnattributedFailure = Prefix + "node_unattributed_failure"
)

var nodes = group[snapshot.Node]{
	labels:   []string{LabelNode},
	identity: func(n *snapshot.Node) []string { return []string{n.Name} },
	families: []family[snapshot.Node]{
		{
			name:    ClockSkew,
			meaning: "The node's clock minus the exporter's, in seconds.",
			origin:  "GET /nodes/{node}/time",
			value:   func(n *snapshot.Node) (float64, bool) { return number(n.ClockSkew) },
		},
		{
			name:    NodeTaskRunningSince,
			meaning: "Start of the oldest vzdump task that runs on the node, its wait for the lock included, in Unix seconds; absent while none runs.",
			origin:  "GET /cluster/tasks and /nodes/{node}/tasks",
			value:   func(n *snapshot.Node) (float64, bool) { return number(n.TaskRunningSince) },
		},
		{
			name:    NodeUnattributedFailure,
			meaning: "1 while the node's last failed vzdump task names no guest and fits no job, else 0.",
			origin:  "GET /nodes/{node}/tasks and the task's log",
			value:   func(n *snapshot.Node) (float64, bool) { return yesNo(n.UnattributedFailure) },
		},
	},
}
