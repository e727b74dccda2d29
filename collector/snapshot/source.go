package snapshot

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"

// SourceKind names a group of API calls that succeeds or fails alone.
type SourceKind string

// The sources of a cluster.
const (
	SourceResources   SourceKind = "resources"   // GET /cluster/resources, /cluster/status: the inventory
	SourcePermissions SourceKind = "permissions" // GET /access/permissions
	SourceJobs        SourceKind = "jobs"        // GET /cluster/backup
	SourceSchedules   SourceKind = "schedules"   // GET /cluster/jobs/schedule-analyze
	SourceVolumes     SourceKind = "volumes"     // GET /cluster/backup/{id}/included_volumes
	SourceTasks       SourceKind = "tasks"       // GET /cluster/tasks, and per node /nodes/{node}/tasks
	SourceLogs        SourceKind = "logs"        // GET /nodes/{node}/tasks/{upid}/log, per node
	SourceStorages    SourceKind = "storages"    // GET /storage
	SourceArchives    SourceKind = "archives"    // GET /nodes/{node}/storage/{storage}/prunebackups or content, per storage, a local one per node
	SourceTime        SourceKind = "time"        // GET /nodes/{node}/time, per node
	SourceDrills      SourceKind = "drills"      // the file with the results of restore drills
	SourceDefaults    SourceKind = "defaults"    // GET /nodes/{node}/vzdump/defaults, per node
)

// Source is the state of one source. Node, Storage and Store are empty where they do not apply.
type Source struct {
	Kind          SourceKind
	Node, Storage string
	Store         string `json:",omitempty"` // the object store, of whose sources alone it is set
	Up            bool
	LastSuccess   Seconds
	Duration      optional.Value[float64] // of the last attempt, in seconds
	Interval      float64                 // how often it is read, in seconds
	// Problem says in words why the source is down, for the landing page. It never holds a secret and is never a label.
	Problem string
}
