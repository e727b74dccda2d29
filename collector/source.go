package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// LabelSource names a group of API calls that succeeds or fails alone: resources, jobs, tasks, logs, archives and so on.
const LabelSource = "source"

// Names of the metrics about the sources of facts.
const (
	SourceUp          = Prefix + "source_up"
	SourceLastSuccess = Prefix + "source_last_success_timestamp_seconds"
	SourceDuration    = Prefix + "source_duration_seconds"
	SourceInterval    = Prefix + "source_interval_seconds"
)

const sourcesIntro = "Facts come from sources: groups of API calls that succeed or fail alone, so that one dead node or storage hides nothing else. The label `" +
	LabelSource + "` is one of `" +
	string(snapshot.SourceResources) + "` (inventory), `" +
	string(snapshot.SourcePermissions) + "` (what the token may do), `" +
	string(snapshot.SourceJobs) + "`, `" +
	string(snapshot.SourceSchedules) + "` (their runs), `" +
	string(snapshot.SourceVolumes) + "` (the volumes that they include), `" +
	string(snapshot.SourceTasks) + "`, `" +
	string(snapshot.SourceLogs) + "`, `" +
	string(snapshot.SourceStorages) + "`, `" +
	string(snapshot.SourceArchives) + "`, `" +
	string(snapshot.SourceTime) + "` (the nodes' clocks), `" +
	string(snapshot.SourceDrills) + "` (the results of restore drills, a local file) and `" +
	string(snapshot.SourceDefaults) + "` (the nodes' vzdump defaults). Object stores have sources of their own, which carry the label `" + LabelStore +
	"` and an empty `" + LabelCluster + "`: `" +
	string(snapshot.SourceHealth) + "`, `" +
	string(snapshot.SourceCertificate) + "`, `" +
	string(snapshot.SourceBuckets) + "` (their versioning), `" +
	string(snapshot.SourceStates) + "` (with versions and locks), `" +
	string(snapshot.SourceSerials) + "` and `" +
	string(snapshot.SourceUsage) + "` (what the buckets hold)."

var sources = group[snapshot.Source]{
	labels:   []string{LabelSource, LabelNode, LabelStorage, LabelStore},
	identity: func(s *snapshot.Source) []string { return []string{string(s.Kind), s.Node, s.Storage, s.Store} },
	families: []family[snapshot.Source]{
		{
			name: SourceUp,
			meaning: "1 when the last reading of the source succeeded, else 0. The labels node, storage and store are empty where they do not " +
				"apply.",
			origin: "the API calls of the source",
			value:  func(s *snapshot.Source) (float64, bool) { return yesNo(s.Up) },
		},
		{
			name:    SourceLastSuccess,
			meaning: "When the source was last read with success, in Unix seconds.",
			origin:  "the exporter's clock",
			value:   func(s *snapshot.Source) (float64, bool) { return number(s.LastSuccess) },
		},
		{
			name:    SourceDuration,
			meaning: "How long the last reading of the source took, in seconds, whether it succeeded or not.",
			origin:  "the exporter's clock",
			value:   func(s *snapshot.Source) (float64, bool) { return number(s.Duration) },
		},
		{
			name:    SourceInterval,
			meaning: "How often the source is read, in seconds.",
			origin:  "the exporter's refresh cycle",
			value:   func(s *snapshot.Source) (float64, bool) { return s.Interval, s.Interval > 0 },
		},
	},
}
