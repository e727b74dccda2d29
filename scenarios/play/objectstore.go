package play

import (
	"context"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// objectStore answers for an object store of a story, as [objectstore.Client] would of a real one. That client is tested on real servers.
type objectStore struct {
	*story.ObjectStore

	start    time.Time
	clock    *pvesim.Clock
	byBucket map[string]string // the environment whose bucket it is
}

func newObjectStore(told *story.Story, at int, clock *pvesim.Clock) *objectStore {
	s := &objectStore{ObjectStore: &told.ObjectStores[at], start: told.Start, clock: clock, byBucket: map[string]string{}}
	for _, state := range told.StatesIn(s.Name) {
		s.byBucket[state.Bucket] = state.Environment
	}
	return s
}

func (s *objectStore) since() time.Duration { return s.clock.Now().Sub(s.start) }

// is reports whether a kind of trouble is there now, and since when.
func (s *objectStore) is(kind, bucket string) (time.Time, bool) {
	from, is := s.At(s.since(), kind, s.byBucket[bucket])
	return s.start.Add(from), is
}

func (s *objectStore) failure(reason objectstore.Reason) error {
	return &objectstore.Error{Store: s.Name, Address: "https://" + s.Name + ".invalid:9000", What: "ask", Reason: reason}
}

// reach is why the store cannot be asked, or nil.
func (s *objectStore) reach() error {
	if _, down := s.is(story.StoreDown, ""); down {
		return s.failure(objectstore.Timeout)
	}
	if until, shown := s.CertificateAt(s.since()); shown && until < s.since() {
		return s.failure(objectstore.Expired)
	}
	return nil
}

// ask is why a bucket cannot be asked, or nil.
func (s *objectStore) ask(bucket string) error {
	if err := s.reach(); err != nil {
		return err
	}
	if _, refused := s.is(story.StoreKeyRefused, ""); refused {
		return s.failure(objectstore.WrongKey)
	}
	if _, gone := s.is(story.BucketGone, bucket); gone {
		return s.failure(objectstore.BucketMissing)
	}
	return nil
}

// Health implements refresh.ObjectStoreClient, as do those that follow.
func (s *objectStore) Health(context.Context) (objectstore.Health, error) {
	_, sick := s.is(story.StoreSick, "")
	return objectstore.Health{Live: true, Ready: true, Readable: true, Writable: !sick}, s.reach()
}

func (s *objectStore) Certificate(context.Context) (objectstore.Certificate, error) {
	if _, down := s.is(story.StoreDown, ""); down {
		return objectstore.Certificate{}, s.failure(objectstore.Timeout)
	}
	if until, shown := s.CertificateAt(s.since()); shown {
		return objectstore.Certificate{NotAfter: s.start.Add(until)}, nil
	}
	return objectstore.Certificate{}, nil
}

func (s *objectStore) Bucket(_ context.Context, bucket string) (objectstore.Bucket, error) {
	if _, suspended := s.is(story.BucketSuspended, bucket); suspended {
		return objectstore.Bucket{Versioning: objectstore.VersioningSuspended}, s.ask(bucket)
	}
	return objectstore.Bucket{Versioning: objectstore.VersioningEnabled}, s.ask(bucket)
}

func (s *objectStore) State(_ context.Context, bucket, _ string) (objectstore.State, error) {
	state := objectstore.State{Exists: true, LastModified: s.start.Add(-24 * time.Hour), Bytes: 4096, Versions: 7, Counted: true}
	if _, deleted := s.is(story.StateDeleted, bucket); deleted {
		state = objectstore.State{Versions: 7, Counted: true}
	}
	if from, locked := s.is(story.StateLocked, bucket); locked {
		state.LockedSince = from
	}
	return state, s.ask(bucket)
}

func (s *objectStore) StateHead(_ context.Context, bucket, _ string) (objectstore.StateHead, error) {
	return objectstore.StateHead{Version: 4, Serial: 7}, s.ask(bucket)
}

func (s *objectStore) Usage(_ context.Context, buckets ...string) (map[string]objectstore.Usage, error) {
	usage := map[string]objectstore.Usage{}
	for _, bucket := range buckets {
		if err := s.ask(bucket); err != nil {
			return nil, err
		}
		usage[bucket] = objectstore.Usage{Objects: 2, Bytes: 7 * 4096}
	}
	return usage, nil
}
