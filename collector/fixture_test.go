package collector

import (
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// midnight is the night in which the fixture's backups run.
const midnight = int64(1790000000)

func at(offset int64) snapshot.Seconds { return optional.Some(midnight + offset) }

// everything is a small cluster in which each metric of a snapshot has a series: guests that are well, failed, overdue, uncovered, exempt
// and running, one of them with a nightly local and a weekly off-site target.
func everything() *snapshot.Cluster {
	return &snapshot.Cluster{
		Name: "home", Taken: midnight + 3600, Up: true,
		Sources: []snapshot.Source{
			{Kind: snapshot.SourceResources, Up: true, LastSuccess: at(3600), Duration: optional.Some(0.125), Interval: 60},
			{Kind: snapshot.SourceArchives, Storage: "backup-nfs", Up: true, LastSuccess: at(3000), Duration: optional.Some(1.5), Interval: 900},
			{Kind: snapshot.SourceTasks, Node: "pve2", Interval: 60, Problem: "no route to host"},
		},
		MissingPermissions: []snapshot.Permission{{Path: "/storage/pbs-remote", Privilege: "Datastore.Audit"}},
		Endpoints: []snapshot.Endpoint{
			{Address: "https://pve1:8006", Up: optional.Some(true)},
			{Address: "https://pve2:8006", Up: optional.Some(false)},
			{Address: "https://pve3:8006"},
		},
		Nodes: []snapshot.Node{
			{Name: "pve1", Online: true, ClockSkew: optional.Some(0.25), TaskRunningSince: at(3300)},
			{Name: "pve2", UnattributedFailure: true},
		},
		Guests: []snapshot.Guest{
			{
				ID: "qemu/100", Environment: "prod", VMID: 100, Name: "web", Type: "qemu", Node: "pve1", Pool: "prod",
				Covered: optional.Some(true), ExcludedDisks: optional.Some(1), BindMounts: optional.Some(0),
			},
			{
				ID: "lxc/101", Environment: "prod", VMID: 101, Name: "db", Type: "lxc", Node: "pve2", Pool: "prod",
				Covered: optional.Some(true), Lock: "backup", ExcludedDisks: optional.Some(0), BindMounts: optional.Some(2),
			},
			{
				ID: "qemu/102", Environment: "lab", VMID: 102, Name: "builder", Type: "qemu", Node: "pve1", Covered: optional.Some(true), Running: true,
				RunningSince: at(3300), RunningProgress: optional.Some(0.42),
			},
			{
				ID: "qemu/103", Environment: snapshot.Unassigned, VMID: 103, Name: "forgotten", Type: "qemu", Node: "pve1",
				Covered: optional.Some(false), Uncovered: snapshot.UncoveredJobDisabled,
			},
			{
				ID: "qemu/900", Environment: snapshot.Unassigned, VMID: 900, Name: "scratch", Type: "qemu", Node: "pve1",
				Covered: optional.Some(false), Exempt: true, Note: "scratch machine", ExemptUntil: at(86400),
			},
			{ID: "qemu/901", Environment: snapshot.Unassigned, VMID: 901, Name: "golden", Type: "qemu", Node: "pve1", Template: true, Exempt: true, Note: "template"},
		},
		Targets:  everyTarget(),
		Jobs:     everyJob(),
		Storages: everyStorage(),
		Drills: []snapshot.Drill{
			{
				Guest: "qemu/100", Environment: "prod", LastRun: at(-3600), Proof: "agent", LastSuccess: at(-3600), SuccessProof: "agent",
				Duration: optional.Some(412.5), Due: at(30 * 86400),
			},
			{
				Guest: "lxc/101", Environment: "prod", LastRun: at(-3600), Failed: true, Proof: "command", LastSuccess: at(-40 * 86400), SuccessProof: "started",
				Duration: optional.Some(95.0), Due: at(-10 * 86400),
			},
			{Guest: "qemu/102", Environment: "lab", LastRun: at(-7200), Failed: true},
			{Guest: "qemu/103", Environment: snapshot.Unassigned, Due: at(86400)},
		},
		Drift: []snapshot.Drift{
			{Kind: snapshot.DriftStorage},
			{Kind: snapshot.DriftJob, Objects: []snapshot.Drifted{{ID: "backup-lab", What: "is not there"}, {ID: "backup-prod", What: "schedule differs"}}},
		},
	}
}

func everyTarget() []snapshot.Target {
	return []snapshot.Target{
		{
			Key: snapshot.Key{Guest: "qemu/100", Storage: "backup-nfs"}, Environment: "prod", VMID: 100, Targeted: true,
			LastSuccess: at(120), LastAttempt: at(120), Due: at(172800), Observed: at(3600), Duration: optional.Some(int64(118)),
			ArchiveBytes: optional.Some(int64(1 << 30)), TransferredBytes: optional.Some(int64(3 << 30)), DowntimeSeconds: optional.Some(int64(0)),
			Attempts: 31, Failures: 1,
			Archives: optional.Some(snapshot.Archives{Count: 8, Protected: 1, Sized: 7, Bytes: 7 << 30, Oldest: at(-86400 * 30), Newest: at(2)}),
			Expected: optional.Some(7), Excess: optional.Some(0),
		},
		{
			Key: snapshot.Key{Guest: "qemu/100", Storage: "pbs-remote"}, Environment: "prod", VMID: 100, Targeted: true,
			LastSuccess: at(-86400 * 3), LastAttempt: at(-86400 * 3), Due: at(86400 * 5), Observed: at(3600), Duration: optional.Some(int64(5400)),
			Attempts: 4,
			Archives: optional.Some(snapshot.Archives{Count: 4, Oldest: at(-86400 * 24), Newest: at(-86400 * 3), Details: optional.Some(snapshot.ArchiveDetails{
				Encrypted: 4, Verified: 3, VerifyFailed: 1, LogicalBytes: optional.Some(int64(64 << 30)),
			})}),
		},
		{
			Key: snapshot.Key{Guest: "lxc/101", Storage: "backup-nfs"}, Environment: "prod", VMID: 101, Targeted: true,
			LastSuccess: at(-86400), LastAttempt: at(240), LastAttemptFailed: true, FailureReason: vzdump.ReasonStorageFull,
			Due: at(3000), Observed: at(3600), Attempts: 2, Failures: 1,
			Archives: optional.Some(snapshot.Archives{}), Expected: optional.Some(7), Excess: optional.Some(0),
		},
		{Key: snapshot.Key{Guest: "qemu/102", Storage: "backup-nfs"}, Environment: "lab", VMID: 102, Targeted: true, Due: at(90000), Observed: at(3600)},
	}
}

func everyJob() []snapshot.Job {
	return []snapshot.Job{
		{
			ID: "backup-prod", Storage: "backup-nfs", Schedule: "01:00", Mode: "snapshot", Compress: "zstd", Enabled: true, Guests: 3, Exclusive: 2,
			MissingGuests: 1, NextRun: at(86400), LastRun: at(0), LastRunFailed: optional.Some(true), LastRunDuration: optional.Some(int64(240)),
			Retention: []snapshot.Keep{{Keep: "keep-daily", Count: 7}, {Keep: "keep-weekly", Count: 4}},
		},
		{ID: "backup-old", Storage: "backup-nfs", Schedule: "sat 03:00", Mode: "stop", Node: "pve1", Guests: 1},
	}
}

func everyStorage() []snapshot.Storage {
	return []snapshot.Storage{
		{
			ID: "backup-nfs", Type: "nfs", Shared: true,
			Nodes: []snapshot.StorageNode{
				{Node: "pve1", Up: true, Needed: true, ContentVisible: optional.Some(true)},
				{Node: "pve2", Needed: true},
			},
			Usage:            []snapshot.StorageUsage{{Size: 4 << 40, Used: 1 << 40, Available: 3 << 40}},
			OrphanedArchives: optional.Some(2), OrphanedBytes: optional.Some(int64(5 << 30)),
		},
		{
			ID: "local-backup", Type: "dir", Nodes: []snapshot.StorageNode{{Node: "pve1", Up: true, ContentVisible: optional.Some(false)}},
			Usage: []snapshot.StorageUsage{{Node: "pve1", Size: 1 << 38, Used: 1 << 37, Available: 1 << 37}},
		},
	}
}

// healthy generates a cluster of which every fact is known and every guest is backed up to two storages.
func healthy(name string, guests int) *snapshot.Cluster {
	c := &snapshot.Cluster{
		Name: name, Taken: midnight, Up: true, Jobs: everyJob()[:1], Storages: everyStorage()[:1],
		Guests: make([]snapshot.Guest, guests), Targets: make([]snapshot.Target, 0, 2*guests),
	}
	for i := range c.Guests {
		id := fmt.Sprintf("qemu/%d", 100+i)
		c.Guests[i] = snapshot.Guest{
			ID: id, Environment: "prod", VMID: 100 + i, Name: fmt.Sprintf("guest-%d", i), Type: "qemu", Node: fmt.Sprintf("pve%d", i%5), Pool: "prod",
			Covered: optional.Some(true), ExcludedDisks: optional.Some(0), BindMounts: optional.Some(0),
		}
		for _, storage := range []string{"backup-nfs", "pbs-remote"} {
			target := everyTarget()[0]
			target.Key, target.VMID = snapshot.Key{Guest: id, Storage: storage}, 100+i
			c.Targets = append(c.Targets, target)
		}
	}
	return c
}

// withAPI has one request counted in a new API.
func withAPI() *API {
	api := NewAPI()
	api.Observe("home")("/cluster/resources", "200", 120*time.Millisecond)
	return api
}

// loaded is a declared file that was loaded at midnight.
func loaded() *Reload {
	reload := &Reload{}
	reload.Succeeded(time.Unix(midnight, 0))
	return reload
}
