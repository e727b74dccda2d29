package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/refresh"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// shelf is an object store whose answers a test sets. It counts what it is asked.
type shelf struct {
	mu       sync.Mutex
	calls    map[string]int
	failures map[string]error // by method, or method and bucket
	health   objectstore.Health
	bucket   objectstore.Bucket
	state    objectstore.State
	head     objectstore.StateHead
	usage    map[string]objectstore.Usage
}

func newShelf() *shelf {
	return &shelf{
		failures: map[string]error{}, calls: map[string]int{}, health: objectstore.Health{Live: true, Ready: true, Writable: true, Readable: true},
		bucket: objectstore.Bucket{Versioning: objectstore.VersioningEnabled},
		state:  objectstore.State{Exists: true, LastModified: time.Unix(1000, 5), Bytes: 123, Versions: 4, Counted: true},
		head:   objectstore.StateHead{Serial: 42},
		usage:  map[string]objectstore.Usage{"tfstate-prod": {Objects: 2, Bytes: 500}, "tfstate-lab": {Objects: 1, Bytes: 10}},
	}
}

func (s *shelf) ask(method, bucket string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[method]++
	if err := s.failures[method+" "+bucket]; err != nil {
		return err
	}
	return s.failures[method]
}

// counted returns how often each method was called since the last time.
func (s *shelf) counted() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = map[string]int{}
	return calls
}

func (s *shelf) Health(context.Context) (objectstore.Health, error) {
	err := s.ask("health", "")
	if err != nil {
		return objectstore.Health{}, err
	}
	return s.health, nil
}

func (s *shelf) Certificate(context.Context) (objectstore.Certificate, error) {
	return objectstore.Certificate{NotAfter: time.Unix(5000, 0)}, s.ask("certificate", "")
}

func (s *shelf) Bucket(_ context.Context, bucket string) (objectstore.Bucket, error) {
	return s.bucket, s.ask("bucket", bucket)
}

func (s *shelf) State(_ context.Context, bucket, _ string) (objectstore.State, error) {
	return s.state, s.ask("state", bucket)
}

func (s *shelf) StateHead(_ context.Context, bucket, _ string) (objectstore.StateHead, error) {
	return s.head, s.ask("head", bucket)
}

func (s *shelf) Usage(_ context.Context, buckets ...string) (map[string]objectstore.Usage, error) {
	err := s.ask("usage", strings.Join(buckets, ","))
	found := map[string]objectstore.Usage{}
	for _, bucket := range buckets {
		if usage, known := s.usage[bucket]; known && s.failures["usage "+bucket] == nil {
			found[bucket] = usage
		}
	}
	return found, err
}

// reader refreshes from a shelf.
type reader struct {
	*shelf
	*refresh.ObjectStoreRefresher
	now time.Time
	got *snapshot.ObjectStore
}

func readShelf(s *shelf) *reader {
	r := &reader{shelf: s, now: time.Unix(100000, 0)}
	r.ObjectStoreRefresher = refresh.NewObjectStore(refresh.ObjectStoreOptions{
		Client: s, Name: "minio", Interval: time.Minute, SlowInterval: 15 * time.Minute, Logger: slog.New(slog.DiscardHandler),
		States: []refresh.DeclaredState{
			{Environment: "prod", Bucket: "tfstate-prod", Key: "terraform.tfstate", ReadSerial: true},
			{Environment: "lab", Bucket: "tfstate-lab", Key: "terraform.tfstate"},
		},
		Publish: func(picture *snapshot.ObjectStore) { r.got = picture },
		Now:     func() time.Time { return r.now },
	})
	return r
}

func (r *reader) refresh(t *testing.T, slow bool) *snapshot.ObjectStore {
	t.Helper()
	r.now = r.now.Add(time.Minute)
	r.Refresh(t.Context(), slow)
	return r.got
}

// says writes what matters of a picture in one line.
func says(picture *snapshot.ObjectStore) string {
	var text strings.Builder
	up := "?"
	if known, ok := picture.Up.Get(); ok {
		up = fmt.Sprint(known)
	}
	fmt.Fprintf(&text, "up=%s", up)
	for _, b := range picture.Buckets {
		up := "?"
		if known, ok := b.Up.Get(); ok {
			up = fmt.Sprint(known)
		}
		fmt.Fprintf(&text, " %s:%s/%s/%d", strings.TrimPrefix(b.Name, "tfstate-"), up, b.Versioning, b.Objects.Or(-1))
	}
	s := picture.States[0]
	fmt.Fprintf(&text, " state=%d/%d/%d/%d", s.Bytes.Or(-1), s.Versions.Or(-1), s.Serial.Or(-1), s.LockedSince.Or(-1))
	for _, source := range picture.Sources {
		if !source.Up {
			fmt.Fprintf(&text, " !%s", source.Kind)
		}
	}
	return text.String()
}

const allWell = "up=true prod:true/enabled/2 lab:true/enabled/1 state=123/4/42/-1"

func failing(reason objectstore.Reason) error {
	return &objectstore.Error{Store: "minio", What: "ask", Reason: reason}
}

func TestObjectStoreRefresh(t *testing.T) {
	tests := []struct {
		name   string
		change func(*shelf)
		want   string
	}{
		{"all is well", func(*shelf) {}, allWell},
		{
			"the store is down: what was known stays", func(s *shelf) { s.failures["health"] = failing(objectstore.Refused) },
			"up=false prod:false/enabled/2 lab:false/enabled/1 state=123/4/42/-1 !buckets !health !serials !states !usage",
		},
		{
			"it lacks drives, and reads still work", func(s *shelf) { s.health.Writable, s.health.Why = false, "too few drives are there to write" },
			strings.Replace(allWell, "up=true", "up=false", 1),
		},
		{
			"the key is refused: it is up, and nobody can tell of the buckets",
			func(s *shelf) { s.failures["bucket"] = failing(objectstore.WrongKey) },
			"up=true prod:?/enabled/2 lab:?/enabled/1 state=123/4/42/-1 !buckets !states !usage",
		},
		{
			"the key is refused by a store that has no other health", func(s *shelf) { s.failures["health"] = failing(objectstore.WrongKey) },
			"up=true prod:?/enabled/2 lab:?/enabled/1 state=123/4/42/-1 !buckets !health !serials !states !usage",
		},
		{
			"the files of the key cannot be read: nothing is asked", func(s *shelf) { s.failures["health"] = errors.New("minio.secret: no such file") },
			"up=? prod:?/enabled/2 lab:?/enabled/1 state=123/4/42/-1 !buckets !health !serials !states !usage",
		},
		{
			"a bucket is gone, with all that was in it", func(s *shelf) { s.failures["bucket tfstate-prod"] = failing(objectstore.BucketMissing) },
			"up=true prod:false//-1 lab:true/enabled/1 state=-1/-1/-1/-1",
		},
		{
			"a bucket hangs: the other is read", func(s *shelf) { s.failures["bucket tfstate-prod"] = failing(objectstore.Timeout) },
			"up=true prod:false/enabled/2 lab:true/enabled/1 state=123/4/42/-1 !buckets !states !usage",
		},
		{
			"versioning is suspended", func(s *shelf) { s.bucket.Versioning = objectstore.VersioningSuspended },
			"up=true prod:true/suspended/2 lab:true/suspended/1 state=123/4/42/-1",
		},
		{"a lock is held", func(s *shelf) { s.state.LockedSince = time.Unix(900, 0) }, "up=true prod:true/enabled/2 lab:true/enabled/1 state=123/4/42/900"},
		{
			"the state is deleted", func(s *shelf) { s.state = objectstore.State{Versions: 4, Counted: true} },
			"up=true prod:true/enabled/2 lab:true/enabled/1 state=-1/4/-1/-1",
		},
		{
			"a new version whose head cannot be read: the old serial is not shown",
			func(s *shelf) { s.state.Versions++; s.failures["head"] = failing(objectstore.Denied) },
			"up=true prod:true/enabled/2 lab:true/enabled/1 state=123/5/-1/-1 !serials",
		},
		{"more versions than are counted", func(s *shelf) { s.state.Counted = false }, "up=true prod:true/enabled/2 lab:true/enabled/1 state=123/-1/42/-1"},
		{
			"a bucket is too large to count", func(s *shelf) { delete(s.usage, "tfstate-prod") },
			"up=true prod:true/enabled/-1 lab:true/enabled/1 state=123/4/42/-1",
		},
		{
			"the size of one cannot be read", func(s *shelf) {
				s.failures["usage"] = failing(objectstore.Timeout)
				delete(s.usage, "tfstate-prod")
			},
			allWell + " !usage",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := readShelf(newShelf())
			if got := says(r.refresh(t, false)); got != allWell {
				t.Fatalf("at first: %s", got)
			}
			test.change(r.shelf)
			if got := says(r.refresh(t, true)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			*r.shelf = *newShelf()
			if got := says(r.refresh(t, true)); got != allWell {
				t.Errorf("afterwards: %s", got)
			}
		})
	}
}

// What is asked in one refresh does not depend on what lies in the buckets, and less is asked of a store that does not answer.
func TestCallsOfAnObjectStore(t *testing.T) {
	r := readShelf(newShelf())
	for _, step := range []struct {
		name   string
		slow   bool
		change func(*shelf)
		want   map[string]int
	}{
		{"the first is slow", false, nil, map[string]int{"health": 1, "certificate": 1, "bucket": 2, "state": 2, "head": 1, "usage": 1}},
		{"a state that was not changed is not read again", false, nil, map[string]int{"health": 1, "bucket": 2, "state": 2}},
		{"one that was, is", false, func(s *shelf) { s.state.LastModified = time.Unix(2000, 0) }, map[string]int{"health": 1, "bucket": 2, "state": 2, "head": 1}},
		{"down", false, func(s *shelf) { s.failures["health"] = failing(objectstore.Timeout) }, map[string]int{"health": 1}},
		{"back: what was not read meanwhile is read at once", false, func(s *shelf) { clear(s.failures) }, map[string]int{
			"health": 1, "certificate": 1, "bucket": 2, "state": 2, "usage": 1,
		}},
		{"down", true, func(s *shelf) { s.failures["health"] = failing(objectstore.Timeout) }, map[string]int{"health": 1, "certificate": 1}},
	} {
		if step.change != nil {
			step.change(r.shelf)
		}
		r.refresh(t, step.slow)
		if got := r.counted(); fmt.Sprint(got) != fmt.Sprint(step.want) {
			t.Errorf("%s: got %v, want %v", step.name, got, step.want)
		}
	}
}

// A refresh that the end of the program cuts short shows nothing: its failures would be the program's own.
func TestACancelledRefreshOfAStoreShowsNothing(t *testing.T) {
	r := readShelf(newShelf())
	before := r.refresh(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.failures["health"] = context.Canceled
	r.Refresh(ctx, true)
	if r.got != before {
		t.Error("it was published")
	}
	if got := says(r.refresh(t, false)); !strings.Contains(got, "!health") {
		t.Errorf("the next one: %s", got)
	}
}

func TestSourcesOfAStoreTellTheirAge(t *testing.T) {
	r := readShelf(newShelf())
	first := r.refresh(t, false)
	r.failures["state"] = failing(objectstore.Denied)
	second := r.refresh(t, false)
	for i, source := range second.Sources {
		if source.Store != "minio" || source.Node != "" || source.Storage != "" {
			t.Errorf("%+v", source)
		}
		slow := source.Kind == snapshot.SourceCertificate || source.Kind == snapshot.SourceUsage
		if want := map[bool]float64{false: 60, true: 900}[slow]; source.Interval != want {
			t.Errorf("%s every %v seconds", source.Kind, source.Interval)
		}
		older := slow || source.Kind == snapshot.SourceStates
		if same := source.LastSuccess == first.Sources[i].LastSuccess; same != older {
			t.Errorf("%s: last read %v, before %v", source.Kind, source.LastSuccess, first.Sources[i].LastSuccess)
		}
	}
	if len(second.Sources) != 6 {
		t.Errorf("%d sources", len(second.Sources))
	}
}

func TestThePictureIsComparedWithTheDeclaredFile(t *testing.T) {
	shelf := newShelf()
	r := readShelf(shelf)
	r.Drift = func(picture *snapshot.ObjectStore) []snapshot.Drift {
		drift := snapshot.Drift{Kind: snapshot.DriftBucket}
		for _, bucket := range picture.Buckets {
			if bucket.Versioning != snapshot.VersioningEnabled {
				drift.Objects = append(drift.Objects, snapshot.Drifted{ID: bucket.Name})
			}
		}
		return []snapshot.Drift{drift}
	}
	for versioning, want := range map[objectstore.Versioning]int{objectstore.VersioningEnabled: 0, objectstore.VersioningSuspended: 2} {
		shelf.bucket.Versioning = versioning
		r.Refresh(t.Context(), false)
		if got := r.got.Drift; len(got) != 1 || len(got[0].Objects) != want {
			t.Errorf("%s: %+v", versioning, got)
		}
	}
}
