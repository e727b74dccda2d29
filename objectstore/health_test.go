package objectstore

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestHealthOfMinIO(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status map[string]int // by endpoint; 200 where it is not named
		header string
		want   Health
		reason Reason
		most   int
	}{
		{name: "well", want: Health{Live: true, Ready: true, Writable: true, Readable: true}, most: 4},
		{name: "cannot write", status: map[string]int{"cluster": 503}, want: Health{Live: true, Ready: true, Readable: true, Why: "too few drives are there to write"}, most: 4},
		{name: "cannot read", status: map[string]int{"cluster": 503, "cluster/read": 503}, want: Health{Live: true, Ready: true, Why: "too few drives are there to write"}, most: 4},
		{name: "not ready", status: map[string]int{"ready": 503}, want: Health{Live: true, Writable: true, Readable: true, Why: "the server is not ready"}, most: 4},
		{name: "starting", header: "offline", want: Health{Live: true, Why: "the server says that it is offline"}, most: 1},
		{name: "overloaded", status: map[string]int{"live": 429, "ready": 429, "cluster": 503, "cluster/read": 503}, want: Health{Live: true, Why: "the server is not live"}, most: 4},
		{name: "another server", status: map[string]int{"live": 403}, reason: NotS3, most: 1},
		{name: "no such page", status: map[string]int{"live": 404}, reason: NotS3, most: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "" {
					t.Error("credentials are sent")
				}
				if tt.header != "" {
					w.Header().Set("X-Minio-Server-Status", tt.header)
				}
				if status, ok := tt.status[strings.TrimPrefix(r.URL.Path, "/minio/health/")]; ok {
					w.WriteHeader(status)
				}
			}))
			health, err := connect(t, Config{Endpoint: s.URL, Kind: MinIO}).Health(t.Context())
			wantRequests(t, s, tt.most)
			if tt.reason != "" {
				wantReason(t, err, tt.reason, "kind: minio")
			} else if err != nil {
				t.Error(err)
			}
			if health != tt.want {
				t.Errorf("got %+v, want %+v", health, tt.want)
			}
			if health.Up() != (tt.name == "well") {
				t.Errorf("up %t", health.Up())
			}
		})
	}
}

func TestHealthOfOthers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		up     bool
		live   bool
		reason Reason
	}{
		{name: "well", status: 200, body: "<ListAllMyBucketsResult></ListAllMyBucketsResult>", up: true, live: true},
		{name: "may not list", status: 403, body: s3Error("AccessDenied", ""), up: true, live: true},
		{name: "wrong key", status: 403, body: s3Error("InvalidAccessKeyId", ""), live: true, reason: WrongKey},
		{name: "busy", status: 503, body: s3Error("SlowDown", ""), live: true, reason: Busy},
		{name: "something else", status: 404, body: "not here", reason: NotS3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, refuse(tt.status, tt.body))
			health, err := connect(t, Config{Endpoint: s.URL}).Health(t.Context())
			if seen := s.seen(); !slices.Equal(seen, []string{"GET /"}) {
				t.Errorf("asked %q", seen)
			}
			if tt.reason != "" {
				wantReason(t, err, tt.reason, "")
			} else if err != nil {
				t.Error(err)
			}
			if health.Up() != tt.up || health.Live != tt.live {
				t.Errorf("got %+v", health)
			}
		})
	}
}
