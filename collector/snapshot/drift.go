package snapshot

// DriftKind names a kind of object that the declared file describes.
type DriftKind string

// The kinds of a cluster, as the planner of provisioning calls them.
const (
	DriftStorage   DriftKind = "storage"    // a storage definition
	DriftJob       DriftKind = "job"        // a scheduled backup job
	DriftGuestDisk DriftKind = "guest_disk" // whether a volume of a guest is part of its backups
	DriftBucket    DriftKind = "bucket"     // a bucket of an object store, and its versioning
)

// Drift is how far the cluster is from the declared file in one kind of object. A kind of which the file declares nothing, or that could not
// be judged, has none.
type Drift struct {
	Kind    DriftKind
	Objects []Drifted // sorted by id; empty where all is as declared
}

// Drifted is one object that is not as declared.
type Drifted struct {
	ID   string // the job's or the storage's id, or guest and volume as in "qemu/104:scsi1"
	What string // in a few words: "is not there", "schedule differs". It never holds a secret and is never a label.
}
