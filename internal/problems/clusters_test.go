package problems

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// example is one thing that goes wrong in a healthy cluster, and what is said about it.
type example struct {
	name   string
	change func(c *snapshot.Cluster)
	want   []string // "severity kind: text", in order
}

// aboutClusters are the cases in which the cluster, its nodes or its storages are at fault.
var aboutClusters = []example{
	{"all is well", func(*snapshot.Cluster) {}, nil},
	{
		"the API does not answer: one line, although every source is down",
		func(c *snapshot.Cluster) {
			c.Up = false
			for i := range c.Sources {
				c.Sources[i].Up = false
			}
			c.Sources[2].LastSuccess, c.Sources[2].Problem = ago(3*hour), "connect to https://pve1.example:8006: no route to host"
		},
		[]string{"critical cluster_down: Cluster home does not answer, what is shown is as of 3 h ago: connect to https://pve1.example:8006: no route to host"},
	},
	{
		"a cluster that never answered",
		func(c *snapshot.Cluster) {
			*c = snapshot.Cluster{Name: "home", Sources: []snapshot.Source{{Kind: snapshot.SourceResources, Duration: optional.Some(1.0), Problem: "401"}}}
		},
		[]string{"critical cluster_down: Cluster home does not answer, nothing is known of it yet: 401"},
	},
	{
		"restored facts before the first refresh",
		func(c *snapshot.Cluster) {
			c.Up, c.Restored = false, true
			for i := range c.Sources {
				c.Sources[i].Up, c.Sources[i].Duration, c.Sources[i].Problem = false, optional.Value[float64]{}, "not read since the start"
			}
		},
		[]string{"info cluster_not_read: Cluster home was not read since the start; what is shown is as of 20 s ago"},
	},
	{
		"restored facts, and the cluster does not answer",
		func(c *snapshot.Cluster) { c.Up, c.Restored, c.Sources[2].Problem = false, true, "timeout" },
		[]string{"critical cluster_down: Cluster home does not answer, what is shown is as of 20 s ago: timeout"},
	},
	{
		"missing privileges: one line, and none for what they hide",
		func(c *snapshot.Cluster) {
			c.MissingPermissions = []snapshot.Permission{
				{Path: "/", Privilege: "Sys.Audit"},
				{Path: "/nodes/pve1", Privilege: "Sys.Audit"},
				{Path: "/nodes/pve2", Privilege: "Sys.Audit"},
				{Path: "/storage/nas", Privilege: "Datastore.Audit"},
			}
			c.Sources[0].Up, c.Sources[0].Problem = false, "the token may not see the storage"
			c.Sources[1].Up, c.Sources[1].Problem = false, "GET /cluster/backup on https://pve1:8006: 403 Permission check failed (/, Sys.Audit)"
		},
		[]string{"warning permission_missing: The token of cluster home lacks 4 privileges: Sys.Audit on /, Sys.Audit on /nodes/pve1, Sys.Audit on /nodes/pve2 and 1 more"},
	},
	{
		"sources that are down: one line per place",
		func(c *snapshot.Cluster) {
			c.Sources[1].Up, c.Sources[1].LastSuccess, c.Sources[1].Problem = false, ago(600), "500 broken"
			c.Sources[5].Up, c.Sources[5].LastSuccess, c.Sources[5].Problem = false, ago(700), "595 no route"
			c.Sources[6].Up, c.Sources[6].LastSuccess, c.Sources[6].Problem = false, snapshot.Seconds{}, "595 no route"
		},
		[]string{
			"warning source_down: The backup jobs cannot be read, last read 10 min ago: 500 broken",
			"warning source_down: The tasks and task logs of node pve2 cannot be read, never read so far: 595 no route",
		},
	},
	{
		"archives that cannot be listed",
		func(c *snapshot.Cluster) { c.Sources[0].Up, c.Sources[0].Problem = false, "500 got timeout" },
		[]string{"warning source_down: The archives on nas cannot be read, last read 10 min ago: 500 got timeout"},
	},
	{
		"archives that were not listed for too long",
		func(c *snapshot.Cluster) { c.Sources[0].LastSuccess = ago(3 * hour) },
		[]string{"warning source_stale: The archives on nas were not read for too long, last read 3 h ago"},
	},
	{
		"a refresh that hangs: one line for all sources",
		func(c *snapshot.Cluster) {
			for i := range c.Sources {
				c.Sources[i].LastSuccess = ago(40 * 60)
			}
		},
		[]string{"warning source_stale: Cluster home was last read 40 min ago, although it should be every 60 s"},
	},
	{
		"an offline node: one line, whatever is on it",
		func(c *snapshot.Cluster) {
			c.Nodes[1].Online, c.Nodes[1].ClockSkew = false, optional.Some(99.0)
			c.Sources[5].Up, c.Sources[6].Up = false, false
			c.Storages[0].Nodes[1].Up = false
			c.Endpoints[1].Up = optional.Some(false)
		},
		[]string{"warning node_offline: Node pve2 is offline: of its 1 guest the last known facts are shown, and nothing counts as missing until it is back"},
	},
	{
		"an API address that is down while another answers",
		func(c *snapshot.Cluster) { c.Endpoints[1].Up = optional.Some(false) },
		[]string{"info endpoint_down: 1 address of cluster home did not answer, another one is used: https://pve2.example:8006"},
	},
	{
		"a failed task that names no guest",
		func(c *snapshot.Cluster) { c.Nodes[0].UnattributedFailure = true },
		[]string{"critical unattributed_failure: Node pve1: a backup task failed that names no guest and fits no job"},
	},
	{
		"a clock that is off",
		func(c *snapshot.Cluster) { c.Nodes[0].ClockSkew = optional.Some(-12.4) },
		[]string{"warning clock_skew: The clock of node pve1 is 12 s behind that of this exporter"},
	},
	{
		"a clock that is off by little",
		func(c *snapshot.Cluster) { c.Nodes[0].ClockSkew = optional.Some(5.0) },
		nil,
	},
	{
		"the exporter's own clock is off",
		func(c *snapshot.Cluster) {
			c.Nodes[0].ClockSkew, c.Nodes[1].ClockSkew = optional.Some(600.0), optional.Some(601.0)
		},
		[]string{"warning clock_skew: The clock of this exporter is 10 min behind those of all nodes of cluster home"},
	},
	{
		"a storage that is almost full, and one exactly at the bound",
		func(c *snapshot.Cluster) {
			c.Storages[0].Usage[0] = snapshot.StorageUsage{Size: 100 << 30, Used: 85 << 30, Available: 15 << 30}
			c.Storages = append(c.Storages, snapshot.Storage{ID: "local", Usage: []snapshot.StorageUsage{{Node: "pve1", Size: 100, Used: 80, Available: 20}}})
		},
		[]string{"warning storage_almost_full: Storage nas is 85 % full: 15 GiB of 100 GiB are left"},
	},
	{
		"a full storage is the cause of failures for want of space, not of others",
		func(c *snapshot.Cluster) {
			c.Storages[0].Usage[0] = snapshot.StorageUsage{Size: 1000 << 30, Used: 997 << 30, Available: 3 << 30}
			fail(&c.Targets[mail], vzdump.ReasonStorageFull)
			fail(&c.Targets[db], vzdump.ReasonStorageFull)
			fail(&c.Targets[nameless], vzdump.ReasonQMPTimeout)
		},
		[]string{
			"critical storage_full: Storage nas is 99.7 % full: 3.0 GiB of 1000 GiB are left; the last backups of 2 guests failed for it",
			"critical backup_failed: VM 105 (prod): the last backup to nas failed 3 h ago, the last good one is 20 h old: " +
				"QEMU did not answer in time when the backup was to begin (qmp_timeout)",
		},
	},
	{
		"a storage that is down is the cause of what fails and is missing on it",
		func(c *snapshot.Cluster) {
			c.Storages[0].Nodes[0].Up, c.Storages[0].Nodes[1].Up = false, false
			c.Sources[0].LastSuccess = ago(3 * hour)
			fail(&c.Targets[db], vzdump.ReasonStorageUnavailable)
			c.Targets[mail].Due, c.Targets[mail].LastSuccess = ago(hour), ago(49*hour)
		},
		[]string{
			"critical storage_down: Storage nas is not active on any of the 2 nodes that need it: backups to it fail; the last backup of VM 104 'db' (prod) " +
				"failed for it 3 h ago; CT 1000 'mail' has no fresh one there: one was due 60 min ago, the last good one is 2 d 1 h old",
		},
	},
	{
		"a storage that is down on one node, and one that nobody needs",
		func(c *snapshot.Cluster) {
			c.Storages[0].Nodes[1].Up = false
			c.Storages = append(c.Storages, snapshot.Storage{ID: "usb", Nodes: []snapshot.StorageNode{{Node: "pve1"}}})
		},
		[]string{"critical storage_down: Storage nas is not active on node pve2: backups to it fail"},
	},
	{
		"jobs are not as declared, storages are: one line for each kind",
		func(c *snapshot.Cluster) {
			c.Drift = []snapshot.Drift{
				{Kind: snapshot.DriftJob, Objects: []snapshot.Drifted{{ID: "backup-lab", What: "is not there"}, {ID: "backup-prod", What: "schedule differs"}}},
				{Kind: snapshot.DriftStorage},
			}
		},
		[]string{"info config_drift: 2 jobs of cluster home are not as the declared file says: backup-lab (is not there) and backup-prod (schedule differs)"},
	},
	{
		"a volume that is left out against the declared file is told once, one that the file says nothing of all the same",
		func(c *snapshot.Cluster) {
			c.Guests[db].ExcludedDisks, c.Guests[nameless].ExcludedDisks = optional.Some(1), optional.Some(1)
			c.Drift = []snapshot.Drift{{Kind: snapshot.DriftGuestDisk, Objects: []snapshot.Drifted{{ID: "qemu/104:scsi1", What: "is left out"}}}}
		},
		[]string{
			"info guest_partly_covered: VM 105 (prod): 1 volume is left out of its backups",
			"info config_drift: 1 volume of a guest of cluster home is not as the declared file says: qemu/104:scsi1 (is left out)",
		},
	},
}
