package objectstore

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// refuse answers every request alike.
func refuse(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

func s3Error(code, message string) string {
	return fmt.Sprintf(`<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name       string
		status     int
		body       string
		reason     Reason
		text, hint string
	}{
		{name: "unknown key", status: 403, body: s3Error("InvalidAccessKeyId", "The key "+testAccess+" does not exist"), reason: WrongKey, text: "the access key is not accepted (403 InvalidAccessKeyId)", hint: "compare the two secret files"},
		{name: "wrong secret", status: 403, body: s3Error("SignatureDoesNotMatch", "with "+testSecret), reason: WrongKey, hint: "the secret is of another key"},
		{name: "clock", status: 403, body: s3Error("RequestTimeTooSkewed", "too large"), reason: ClockSkew, hint: "let both"},
		{name: "no such bucket", status: 404, body: s3Error("NoSuchBucket", "not there"), reason: BucketMissing, text: "there is no such bucket", hint: "create it"},
		{name: "denied", status: 403, body: s3Error("AccessDenied", "Access Denied."), reason: Denied, text: "access denied (403 AccessDenied)", hint: "docs/object-stores.md"},
		{name: "another region", status: 400, body: s3Error("AuthorizationHeaderMalformed", "expecting eu"), reason: WrongRegion, hint: "`region`"},
		{name: "starting", status: 503, body: s3Error("XMinioServerNotInitialized", "Server not initialized yet"), reason: Busy, hint: "own log"},
		{name: "full", status: 507, body: s3Error("XMinioStorageFull", "minimum free drive threshold"), reason: Other, text: "minimum free drive threshold (507 XMinioStorageFull)"},
		{
			name: "a server that repeats the key", status: 400, body: s3Error("Strange", "key "+testAccess+" with "+testSecret+" is strange"), reason: Other,
			text: "key *** with *** is strange (400 Strange)",
		},
		{name: "reverse proxy", status: 502, body: "<html>bad gateway</html>", reason: Busy},
		{name: "something else", status: 418, body: "canary\x1b[31m teapot", reason: NotS3, text: "something else than an object store does (418)", hint: "console"},
		{name: "redirect", status: 307, body: "", reason: Redirected, hint: "redirects are not followed"},
		{name: "web page", status: 200, body: "<html><body>canary</html>", reason: NotS3, hint: "console"},
		{name: "no page", status: 200, body: "canary", reason: NotS3, hint: "console"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, refuse(tt.status, tt.body))
			c := connect(t, Config{Endpoint: s.URL})
			_, state := c.State(t.Context(), bucketName, stateKey)
			_, usage := c.Usage(t.Context(), bucketName)
			for _, err := range []error{state, usage} {
				wantReason(t, err, tt.reason, tt.hint)
				if err != nil && !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%v lacks %q", err, tt.text)
				}
			}
		})
	}
}

// What is known of the server's clock is told: it saves a search.
func TestClocksAreCompared(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"behind the server's": time.Hour, "ahead of the server's": -time.Hour} {
		s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, s3Error("RequestTimeTooSkewed", ""))
		}))
		_, err := connect(t, Config{Endpoint: s.URL}).Bucket(t.Context(), bucketName)
		wantReason(t, err, ClockSkew, name)
	}
}

func TestBucket(t *testing.T) {
	document := func(inner string) string {
		return `<VersioningConfiguration>` + inner + `</VersioningConfiguration>`
	}
	listing := `<ListBucketResult><Name>tfstate-lab</Name></ListBucketResult>`
	for _, tt := range []struct {
		name               string
		status, listStatus int
		versioning, list   string
		want               Versioning
		reason             Reason
	}{
		{name: "never", status: 200, versioning: document(""), want: VersioningOff},
		{name: "enabled", status: 200, versioning: document("<Status>Enabled</Status>"), want: VersioningEnabled},
		{name: "suspended", status: 200, versioning: document("<Status>Suspended</Status>"), want: VersioningSuspended},
		{name: "not everywhere", status: 200, versioning: document("<Status>Enabled</Status><ExcludedPrefixes><Prefix>x/</Prefix></ExcludedPrefixes>"), want: VersioningPartial},
		{name: "may not ask", status: 403, versioning: s3Error("AccessDenied", ""), listStatus: 200, list: listing, want: VersioningUnknown},
		{name: "may do nothing", status: 403, versioning: s3Error("AccessDenied", ""), listStatus: 403, list: s3Error("AccessDenied", ""), reason: Denied},
		{name: "does not know", status: 501, versioning: s3Error("NotImplemented", ""), listStatus: 200, list: listing, want: VersioningOff},
		{name: "missing", status: 404, versioning: s3Error("NoSuchBucket", ""), reason: BucketMissing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Has("versioning") {
					refuse(tt.status, tt.versioning).ServeHTTP(w, r)
				} else {
					refuse(tt.listStatus, tt.list).ServeHTTP(w, r)
				}
			}))
			bucket, err := connect(t, Config{Endpoint: s.URL}).Bucket(t.Context(), bucketName)
			wantRequests(t, s, 2)
			if tt.reason != "" {
				wantReason(t, err, tt.reason, "")
			} else if err != nil || bucket.Versioning != tt.want {
				t.Errorf("%+v, %v; want %q", bucket, err, tt.want)
			}
		})
	}
}

// An empty object has no first byte, and S3 refuses the range.
func TestAnEmptyObjectIsNoState(t *testing.T) {
	s := serve(t, refuse(http.StatusRequestedRangeNotSatisfiable, s3Error("InvalidRange", "")))
	_, err := connect(t, Config{Endpoint: s.URL}).StateHead(t.Context(), bucketName, stateKey)
	wantReason(t, err, NotState, "compare")
}

func TestEndlessRepliesEnd(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<ListBucketResult><Name>")
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	}))
	_, err := connect(t, Config{Endpoint: s.URL}).State(t.Context(), bucketName, stateKey)
	var e *Error
	if !errors.As(err, &e) || e.Reason != NotS3 {
		t.Errorf("%v", err)
	}
}
