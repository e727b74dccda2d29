package objectstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestAServerThatIsFit(t *testing.T) {
	m := inMemory(t)
	c := connect(t, Config{Endpoint: m.URL})
	if err := c.EnableVersioning(t.Context(), bucketName); err != nil {
		t.Error(err)
	}
	wantRequests(t, m.counted, 2)
	for range 2 { // it leaves nothing behind that would disturb the next time
		if err := c.ProbeState(t.Context(), bucketName); err != nil {
			t.Error(err)
		}
		wantRequests(t, m.counted, 14)
	}
	api := administrator(t, m.URL, testAccess, testSecret)
	for version := range api.ListObjectsIter(t.Context(), bucketName, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		t.Errorf("the probe left %s %s, %v", version.Key, version.VersionID, version.Err)
	}
}

// lock is a server of locks that has one fault or another.
type lock struct {
	mu                       sync.Mutex
	held, released           bool
	versions                 int
	ignores, once, forgetful bool
	refusal, second          int // status of every write, and of one while a lock is held
	stays                    bool
}

func (l *lock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case r.Method == http.MethodPut && r.Header.Get("If-None-Match") != "*":
		http.Error(w, "a write without a condition", http.StatusTeapot)
	case r.Method == http.MethodPut && l.refusal != 0:
		refuse(l.refusal, s3Error("Refused", "")).ServeHTTP(w, r)
	case r.Method == http.MethodPut && l.held && l.second != 0:
		refuse(l.second, s3Error("Refused", "")).ServeHTTP(w, r)
	case r.Method == http.MethodPut && (l.held && !l.ignores || l.released && l.once):
		refuse(http.StatusPreconditionFailed, s3Error("PreconditionFailed", "")).ServeHTTP(w, r)
	case r.Method == http.MethodPut:
		l.held = true
		l.versions++
	case r.Method == http.MethodDelete && r.URL.Query().Has("versionId"):
		if l.stays {
			refuse(http.StatusForbidden, s3Error("AccessDenied", "")).ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodDelete:
		l.held, l.released = false, true
		w.WriteHeader(http.StatusNoContent)
	default:
		fmt.Fprint(w, "<ListVersionsResult><Name>b</Name>")
		for n := range l.versions {
			if l.forgetful {
				break
			}
			fmt.Fprintf(w, "<Version><Key>%s</Key><VersionId>v%d</VersionId></Version>", r.URL.Query().Get("prefix"), n)
		}
		fmt.Fprint(w, "</ListVersionsResult>")
	}
}

func TestServersThatAreUnfit(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server *lock
		lacks  Unfitness // empty with reason: not found out; empty without: fit
		reason Reason
		hint   string
	}{
		{name: "fit", server: &lock{}},
		{name: "takes a lock twice", server: &lock{ignores: true}, lacks: LockTakenTwice, hint: "docs/object-stores.md"},
		{name: "locks once and never again", server: &lock{once: true}, lacks: LockOnlyOnce, hint: "newer version"},
		{name: "knows no conditions", server: &lock{refusal: 501}, lacks: NoConditionalWrite, hint: "docs/object-stores.md"},
		{name: "refuses each condition", server: &lock{refusal: 412}, lacks: NoConditionalWrite},
		{name: "keeps no versions", server: &lock{forgetful: true}, lacks: VersionsNotKept, hint: "such as MinIO"},
		{name: "may not write", server: &lock{refusal: 403}, reason: Denied, hint: "docs/object-stores.md"},
		{name: "is broken", server: &lock{refusal: 500}, reason: Other},
		{name: "breaks while a lock is held", server: &lock{second: 500}, reason: Other},
		{name: "cannot be cleaned", server: &lock{stays: true}, reason: Denied, hint: "what is left of the probe is .pve-backup-exporter/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.server)
			err := connect(t, Config{Endpoint: s.URL}).ProbeState(t.Context(), bucketName)
			wantRequests(t, s, 14)
			var unfit *UnfitError
			switch {
			case tt.lacks != "":
				if !errors.As(err, &unfit) || unfit.Lacks != tt.lacks || unfitTexts[tt.lacks] == "" {
					t.Fatalf("want %s, got %v", tt.lacks, err)
				}
				if hints := strings.Join(ui.Hints(err), "\n"); hints == "" || !strings.Contains(hints, tt.hint) {
					t.Errorf("hints %q", hints)
				}
				hidesSecrets(t, err)
			case tt.reason != "":
				wantReason(t, err, tt.reason, tt.hint)
				if errors.As(err, &unfit) {
					t.Errorf("it is not known to be unfit: %v", err)
				}
			case err != nil:
				t.Error(err)
			}
		})
	}
}

// A probe that is ended in the middle cleans up all the same.
func TestAProbeThatIsEndedLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var server lock
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete && !r.URL.Query().Has("versionId") {
			cancel()
			<-r.Context().Done()
			return
		}
		server.ServeHTTP(w, r)
	}))
	err := connect(t, Config{Endpoint: s.URL}).ProbeState(ctx, bucketName)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if seen := s.seen(); !strings.Contains(seen[len(seen)-1], "versionId=v0") {
		t.Errorf("it did not remove its version: %q", seen)
	}
}

func TestVersioningThatCannotBeSwitchedOn(t *testing.T) {
	for _, tt := range []struct {
		name        string
		set, status int
		read        string
		unfit       bool
		reason      Reason
	}{
		{name: "not implemented", set: 501, unfit: true},
		{name: "without effect", set: 200, status: 200, read: "<VersioningConfiguration></VersioningConfiguration>", unfit: true},
		{name: "may not", set: 403, reason: Denied},
		{name: "may not see", set: 200, status: 403, read: s3Error("AccessDenied", ""), reason: Denied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPut {
					refuse(tt.set, "").ServeHTTP(w, r)
					return
				}
				refuse(tt.status, tt.read).ServeHTTP(w, r)
			}))
			err := connect(t, Config{Endpoint: s.URL}).EnableVersioning(t.Context(), bucketName)
			wantRequests(t, s, 2)
			var unfit *UnfitError
			if errors.As(err, &unfit) != tt.unfit || tt.unfit && unfit.Lacks != NoVersioning {
				t.Errorf("%v", err)
			}
			if tt.reason != "" {
				wantReason(t, err, tt.reason, "docs/object-stores.md")
			}
		})
	}
}
