package refresh

import (
	"context"
	"log/slog"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// ObjectStoreClient is what a refresh needs of an object store; [objectstore.Client] is one. All calls only read.
type ObjectStoreClient interface {
	Health(ctx context.Context) (objectstore.Health, error)
	Certificate(ctx context.Context) (objectstore.Certificate, error)
	Bucket(ctx context.Context, bucket string) (objectstore.Bucket, error)
	State(ctx context.Context, bucket, key string) (objectstore.State, error)
	StateHead(ctx context.Context, bucket, key string) (objectstore.StateHead, error)
	Usage(ctx context.Context, buckets ...string) (map[string]objectstore.Usage, error)
}

var _ ObjectStoreClient = (*objectstore.Client)(nil)

// DeclaredState is a Terraform state that the declared file places in an object store.
type DeclaredState struct {
	Environment, Bucket, Key string
	ReadSerial               bool // the head of the object may be read
}

// ObjectStoreOptions is what an [ObjectStoreRefresher] works with.
type ObjectStoreOptions struct {
	Client ObjectStoreClient
	Name   string // the configured name
	States []DeclaredState
	// Interval is the time between fast cycles, SlowInterval that between slow ones.
	Interval, SlowInterval time.Duration
	// Publish shows a new picture and may not change it.
	Publish func(*snapshot.ObjectStore)
	// Drift compares a picture with the declared file, without asking for more; nil compares nothing.
	Drift  func(*snapshot.ObjectStore) []snapshot.Drift
	Logger *slog.Logger
	Now    func() time.Time
}

// ObjectStoreRefresher reads one object store. It is used by one goroutine, and remembers nothing over a restart: all that it shows is still there.
type ObjectStoreRefresher struct {
	ObjectStoreOptions

	sources  *sources
	buckets  []snapshot.Bucket // in the order of the declared file
	states   []stateFacts
	notAfter snapshot.Seconds // of the certificate
	lastSlow time.Time        // when the last slow cycle began
	err      error            // why the store could not be asked in the last cycle
}

// stateFacts is what is known of a declared state.
type stateFacts struct {
	DeclaredState
	snapshot.TerraformState
	present, headOf version // the one that is there now, and the one whose head was read
}

// version tells two versions of a state apart as far as a listing shows them. The zero value is none.
type version struct {
	written  time.Time
	bytes    int64
	versions int
}

// NewObjectStore returns a refresher. Nothing is read before the first [ObjectStoreRefresher.Refresh].
func NewObjectStore(options ObjectStoreOptions) *ObjectStoreRefresher {
	r := &ObjectStoreRefresher{ObjectStoreOptions: options}
	r.sources = &sources{
		interval: r.interval, logger: options.Logger.With("store", options.Name), store: options.Name, known: map[sourceKey]*snapshot.Source{},
	}
	seen := map[string]bool{}
	for _, state := range options.States {
		if !seen[state.Bucket] {
			seen[state.Bucket] = true
			r.buckets = append(r.buckets, snapshot.Bucket{Name: state.Bucket})
		}
		r.states = append(r.states, stateFacts{
			DeclaredState:  state,
			TerraformState: snapshot.TerraformState{Environment: state.Environment, Bucket: state.Bucket, Key: state.Key},
		})
	}
	return r
}

func (r *ObjectStoreRefresher) interval(kind snapshot.SourceKind) float64 {
	if kind == snapshot.SourceCertificate || kind == snapshot.SourceUsage {
		return r.SlowInterval.Seconds()
	}
	return r.Interval.Seconds()
}

// Run refreshes until the context ends: at once, then every interval, slowly when the slow interval has passed.
func (r *ObjectStoreRefresher) Run(ctx context.Context) {
	ticker := time.NewTicker(r.Interval)
	defer ticker.Stop()
	for {
		r.Refresh(ctx, r.lastSlow.IsZero() || r.Now().Sub(r.lastSlow) >= r.SlowInterval-r.Interval/2)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Err returns why the store could not be asked in the last refresh, or nil.
func (r *ObjectStoreRefresher) Err() error { return r.err }

// publish shows what is known now.
func (r *ObjectStoreRefresher) publish(up optional.Value[bool], problem string) {
	picture := &snapshot.ObjectStore{
		Name: r.Name, Taken: r.Now().Unix(), Up: up, Problem: problem, Sources: r.sources.list(), TLSNotAfter: r.notAfter,
		Buckets: append([]snapshot.Bucket(nil), r.buckets...), States: make([]snapshot.TerraformState, len(r.states)),
	}
	for i := range r.states {
		picture.States[i] = r.states[i].TerraformState
	}
	if r.Drift != nil {
		picture.Drift = r.Drift(picture)
	}
	r.Publish(picture)
}

func seconds(t time.Time) snapshot.Seconds {
	if t.IsZero() {
		return snapshot.Seconds{}
	}
	return optional.Some(t.Unix())
}
