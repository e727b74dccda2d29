// Package s3sim is an object store in this process: the smallest S3 that holds Terraform states, with versions and locks, and looks like a MinIO.
//
// It is for the demo and for tests. It accepts every access key, keeps everything in memory, and has neither MinIO's metrics nor its
// administration API.
package s3sim

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Store is an object store. Its methods are safe for concurrent use.
type Store struct {
	backend *s3mem.Backend
	handler http.Handler
	clock   *clock

	mu         sync.Mutex
	lifecycles map[string][]byte // by bucket, as they were put
}

// clock tells the time, or another one while the past is made.
type clock struct {
	mu   sync.Mutex
	now  func() time.Time
	past time.Time
}

// Now implements gofakes3.TimeSource.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.past.IsZero() {
		return c.past
	}
	return c.now()
}

// Since implements gofakes3.TimeSource.
func (c *clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (c *clock) set(past time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = past
}

// New returns an empty store whose objects are written by this clock.
func New(now func() time.Time) *Store {
	s := &Store{clock: &clock{now: now}, lifecycles: map[string][]byte{}}
	s.backend = s3mem.New(s3mem.WithTimeSource(s.clock))
	s.handler = gofakes3.New(s.backend, gofakes3.WithTimeSource(s.clock), gofakes3.WithTimeSkewLimit(0), gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	return s
}

// MakeBucket makes a bucket, with or without versioning.
func (s *Store) MakeBucket(name string, versioned bool) error {
	if err := s.backend.CreateBucket(name); err != nil {
		return fmt.Errorf("simulated object store: bucket %s: %w", name, err)
	}
	if !versioned {
		return nil
	}
	return s.backend.SetVersioningConfiguration(name, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled})
}

// Put writes an object as if it were written at a time. No other request may be under way.
func (s *Store) Put(at time.Time, bucket, key, content string) error {
	s.clock.set(at)
	defer s.clock.set(time.Time{})
	if _, err := s.backend.PutObject(bucket, key, map[string]string{"Last-Modified": at.UTC().Format(http.TimeFormat)}, strings.NewReader(content), int64(len(content)), nil); err != nil {
		return fmt.Errorf("simulated object store: %s/%s: %w", bucket, key, err)
	}
	return nil
}

// health is where MinIO says that it is well.
const health = "/minio/health/"

// ServeHTTP implements http.Handler.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, health):
		w.WriteHeader(http.StatusOK)
	case strings.HasPrefix(r.URL.Path, "/minio/"):
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Query().Has("lifecycle"):
		s.lifecycle(w, r)
	default:
		s.handler.ServeHTTP(w, r)
	}
}

// maxLifecycle is more than any lifecycle configuration has.
const maxLifecycle = 1 << 20

// lifecycle keeps a bucket's rules and hands them back. Nothing acts on them.
func (s *Store) lifecycle(w http.ResponseWriter, r *http.Request) {
	bucket := strings.Trim(r.URL.Path, "/")
	exists, err := s.backend.BucketExists(bucket)
	if err != nil || !exists {
		refuse(w, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodPut:
		rules, err := io.ReadAll(io.LimitReader(r.Body, maxLifecycle))
		if err != nil || !bytes.Contains(rules, []byte("<LifecycleConfiguration")) {
			refuse(w, http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed")
			return
		}
		s.lifecycles[bucket] = rules
	case http.MethodDelete:
		delete(s.lifecycles, bucket)
		w.WriteHeader(http.StatusNoContent)
	default:
		rules, known := s.lifecycles[bucket]
		if !known {
			refuse(w, http.StatusNotFound, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write(rules)
	}
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}
