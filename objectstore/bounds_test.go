package objectstore

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// endless is a server that always has another page: a bucket of any size. What it lists has the given key, or numbered keys where that is empty.
func endless(key string, versions bool) http.Handler {
	var entries atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Has("versions") && !versions {
			refuse(http.StatusNotImplemented, s3Error("NotImplemented", "")).ServeHTTP(w, r)
			return
		}
		root, entry, next := "ListBucketResult", "Contents", "NextContinuationToken"
		if query.Has("versions") {
			root, entry, next = "ListVersionsResult", "Version", "NextKeyMarker"
		}
		fmt.Fprintf(w, "<%s><Name>%s</Name><IsTruncated>true</IsTruncated><%s>more</%s>", root, bucketName, next, next)
		for i := range pageSize {
			n, name := entries.Add(1), key
			if key == "" {
				name = fmt.Sprintf("object-%09d", n)
			}
			if strings.HasSuffix(query.Get("prefix"), LockSuffix) {
				name = query.Get("prefix")
			}
			latest := key == "" || i == 0 && query.Get("key-marker") == "" // the newest version comes first
			fmt.Fprintf(w, "<%s><Key>%s</Key><VersionId>v%d</VersionId><IsLatest>%t</IsLatest><Size>3</Size><LastModified>2026-11-22T10:00:00.000Z</LastModified></%s>",
				entry, name, n, latest, entry)
		}
		fmt.Fprintf(w, "</%s>", root)
	})
}

// However large a bucket is, a probe sends no more than it promises, and what it could not find out it does not tell.
func TestBoundsHoldForBucketsOfAnySize(t *testing.T) {
	for _, versions := range []bool{true, false} {
		for _, pages := range []int{1, 3} {
			t.Run(fmt.Sprintf("versions %t, %d pages", versions, pages), func(t *testing.T) {
				s := serve(t, endless("", versions))
				c := connect(t, Config{Endpoint: s.URL, MaxPages: pages})
				usage, err := c.Usage(t.Context(), bucketName)
				if err != nil || len(usage) != 0 {
					t.Errorf("usage %v, %v", usage, err)
				}
				wantRequests(t, s, pages+1)
				if usage, err = c.Usage(t.Context(), bucketName, "tfstate-prod"); err != nil || len(usage) != 0 {
					t.Errorf("usage of two %v, %v", usage, err)
				}
				wantRequests(t, s, 2*(pages+1))

				s = serve(t, endless(stateKey, versions))
				c = connect(t, Config{Endpoint: s.URL, MaxPages: pages})
				state, err := c.State(t.Context(), bucketName, stateKey)
				if err != nil || !state.Exists || state.LockedSince.IsZero() || state.Counted || state.Bytes != 3 {
					t.Errorf("%+v, %v: all but the count can be known", state, err)
				}
				wantRequests(t, s, pages+2)
			})
		}
	}
}

// A bucket of exactly as many entries as may be listed is known.
func TestTheBoundIsNotTooLow(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<ListVersionsResult><Name>b</Name>")
		for n := range pageSize {
			fmt.Fprintf(w, "<Version><Key>%d</Key><IsLatest>%t</IsLatest><Size>2</Size></Version>", n, n%2 == 0)
		}
		fmt.Fprint(w, "</ListVersionsResult>")
	}))
	usage, err := connect(t, Config{Endpoint: s.URL, MaxPages: 1}).Usage(t.Context(), bucketName)
	if want := (Usage{Objects: pageSize / 2, Bytes: 2 * pageSize}); err != nil || usage[bucketName] != want {
		t.Errorf("%+v, %v; want %+v", usage, err, want)
	}
	wantRequests(t, s, 1)
}

// What is beyond a probe's bound is an error within the package, and never leaves it.
func TestTheTransportCounts(t *testing.T) {
	s := serve(t, refuse(http.StatusOK, ""))
	c := connect(t, Config{Endpoint: s.URL})
	ctx, e := c.begin(t.Context(), 2, "test")
	defer e.stop()
	for n := range 4 {
		reply, err := c.get(ctx, "/", nil)
		if err == nil {
			reply.Body.Close()
		}
		if spent := errors.Is(err, errSpent); spent != (n >= 2) {
			t.Errorf("request %d: %v", n, err)
		}
	}
	wantRequests(t, s, 2)
}
