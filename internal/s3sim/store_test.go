package s3sim

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func ask(t *testing.T, store http.Handler, method, path, body string) (int, string) {
	t.Helper()
	reply := httptest.NewRecorder()
	store.ServeHTTP(reply, httptest.NewRequestWithContext(t.Context(), method, "http://store.example"+path, strings.NewReader(body)))
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.Code, string(text)
}

func TestObjectsOfThePast(t *testing.T) {
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	store := New(func() time.Time { return now })
	if err := store.MakeBucket("tfstate", true); err != nil {
		t.Fatal(err)
	}
	if err := store.MakeBucket("tfstate", true); err == nil {
		t.Error("a bucket was made twice")
	}
	for _, ago := range []time.Duration{48 * time.Hour, 24 * time.Hour} {
		if err := store.Put(now.Add(-ago), "tfstate", "terraform.tfstate", ago.String()); err != nil {
			t.Fatal(err)
		}
	}
	if status, text := ask(t, store, http.MethodGet, "/tfstate?versions", ""); status != http.StatusOK || strings.Count(text, "<Version>") != 2 || !strings.Contains(text, "2026-11-22T06:00:00") {
		t.Errorf("%d %s", status, text)
	}
	if status, text := ask(t, store, http.MethodGet, "/tfstate/terraform.tfstate", ""); status != http.StatusOK || text != "24h0m0s" {
		t.Errorf("%d %s", status, text)
	}
	if err := store.Put(now, "missing", "terraform.tfstate", ""); err == nil {
		t.Error("an object was written into a bucket that is not there")
	}
}

func TestLifecyclesAreKept(t *testing.T) {
	store := New(time.Now)
	if err := store.MakeBucket("tfstate", true); err != nil {
		t.Fatal(err)
	}
	const rules = `<LifecycleConfiguration><Rule><ID>a</ID></Rule></LifecycleConfiguration>`
	for _, step := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{http.MethodGet, "/tfstate?lifecycle", "", http.StatusNotFound, "NoSuchLifecycleConfiguration"},
		{http.MethodPut, "/tfstate?lifecycle", "no rules", http.StatusBadRequest, "MalformedXML"},
		{http.MethodPut, "/tfstate?lifecycle", rules, http.StatusOK, ""},
		{http.MethodGet, "/tfstate?lifecycle", "", http.StatusOK, rules},
		{http.MethodDelete, "/tfstate?lifecycle", "", http.StatusNoContent, ""},
		{http.MethodGet, "/tfstate?lifecycle", "", http.StatusNotFound, "NoSuchLifecycleConfiguration"},
		{http.MethodGet, "/missing?lifecycle", "", http.StatusNotFound, "NoSuchBucket"},
		{http.MethodGet, "/minio/health/cluster", "", http.StatusOK, ""},
		{http.MethodGet, "/minio/v2/metrics/cluster", "", http.StatusForbidden, ""},
	} {
		if status, text := ask(t, store, step.method, step.path, step.body); status != step.status || !strings.Contains(text, step.want) {
			t.Errorf("%s %s: %d %s", step.method, step.path, status, text)
		}
	}
}
