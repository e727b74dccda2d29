package snapshot

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"

// ObjectStore is one immutable picture of a configured object store, with what lies there of the declared file: the Terraform states of
// environments, and the buckets that hold them. What was read once stays while the store cannot be asked; only Up, those of the buckets and
// the sources are of the last refresh.
type ObjectStore struct {
	Name  string // the configured name
	Taken int64  // when the picture was put together, by the exporter's clock
	// Up reports that the server answers and says that nothing is wrong with it. A key that it refuses does not make it false; it is unknown while
	// the exporter's own files keep it from asking.
	Up optional.Value[bool]
	// Problem says in words why it is not, for the landing page. It never holds a secret.
	Problem string

	Sources     []Source
	TLSNotAfter Seconds // the end of its certificate's time; unknown for plain http
	Buckets     []Bucket
	States      []TerraformState
	Drift       []Drift // by kind; nil while nothing could be judged
}

// The sources of an object store.
const (
	SourceHealth      SourceKind = "health"      // MinIO's endpoints of health, of other servers the list of buckets
	SourceCertificate SourceKind = "certificate" // what the server shows of itself
	SourceBuckets     SourceKind = "buckets"     // their versioning
	SourceStates      SourceKind = "states"      // the versions of each state, and its lock
	SourceSerials     SourceKind = "serials"     // the head of each state that may be read
	SourceUsage       SourceKind = "usage"       // MinIO's own metrics, else a listing of each bucket
)

// Versioning says whether a bucket keeps earlier versions of its objects.
type Versioning string

// What a bucket's versioning can be.
const (
	VersioningEnabled   Versioning = "enabled"
	VersioningPartial   Versioning = "partial" // not for all prefixes
	VersioningSuspended Versioning = "suspended"
	VersioningOff       Versioning = "off" // it was never switched on
	VersioningUnknown   Versioning = ""
)

// Bucket is a bucket that holds a declared Terraform state.
type Bucket struct {
	Name string
	// Up is unknown while the server refuses the exporter's key: then nobody can tell.
	Up         optional.Value[bool]
	Problem    string // why it is not up, in words
	Missing    bool   // the server says that there is no such bucket
	Versioning Versioning

	Objects optional.Value[int64] // one for each key that has any version left
	Bytes   optional.Value[int64] // of all versions
}

// TerraformState is the state of one environment, as far as it can be seen from outside.
type TerraformState struct {
	Environment, Bucket, Key string

	Exists       optional.Value[bool] // false where it never was, and where it was deleted
	LastModified Seconds
	Bytes        optional.Value[int64] // of the present version
	Versions     optional.Value[int]   // the present one included; unknown where there are more than are counted
	Serial       optional.Value[int64] // where it may be read
	LockedSince  Seconds               // while somebody holds its lock
}
