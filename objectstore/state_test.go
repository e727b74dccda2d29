package objectstore

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const stateText = `{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "2f9c0b5e-0000-4e6f-9d1a-3b1f3f0f8a11",
  "outputs": {"password": {"value": "hunter2-canary", "type": "string"}},
  "resources": []
}
`

func TestStateIsSeenWithoutReadingIt(t *testing.T) {
	m := inMemory(t)
	api := administrator(t, m.URL, testAccess, testSecret)
	c := connect(t, Config{Endpoint: m.URL})
	look := func() State {
		t.Helper()
		m.seen()
		state, err := c.State(t.Context(), bucketName, stateKey)
		if err != nil {
			t.Fatal(err)
		}
		for _, request := range m.seen() {
			if !strings.HasPrefix(request, "GET /"+bucketName+"/?") {
				t.Errorf("it asked %s", request)
			}
		}
		return state
	}
	if got := look(); got != (State{Counted: true}) {
		t.Errorf("an empty bucket: %+v", got)
	}

	put(t, api, bucketName, stateKey, "first")
	put(t, api, bucketName, stateKey+".backup", "beside it, and longer")
	put(t, api, bucketName, "terraform.tfstat", "before it")
	m.now = m.now.Add(time.Hour)
	put(t, api, bucketName, stateKey, "second one")
	want := State{Exists: true, LastModified: m.now, Bytes: 10, Versions: 2, Counted: true}
	same(t, "two versions", look(), want)

	for range 3 { // runs of Terraform
		put(t, api, bucketName, stateKey+LockSuffix, "{}")
		remove(t, api, bucketName, stateKey+LockSuffix)
	}
	same(t, "locks that were released", look(), want)

	m.now = m.now.Add(time.Hour)
	put(t, api, bucketName, stateKey+LockSuffix, "{}")
	want.LockedSince = m.now
	same(t, "a lock that is held", look(), want)

	put(t, api, bucketName, stateKey+LockSuffix+".old", "{}")
	remove(t, api, bucketName, stateKey+LockSuffix)
	want.LockedSince = time.Time{}
	same(t, "a file that is called like a lock", look(), want)

	remove(t, api, bucketName, stateKey)
	same(t, "a state that was deleted", look(), State{Versions: 2, Counted: true})
}

func same(t *testing.T, what string, got, want State) {
	t.Helper()
	if !got.LastModified.Equal(want.LastModified) || !got.LockedSince.Equal(want.LockedSince) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
	got.LastModified, got.LockedSince = want.LastModified, want.LockedSince
	if got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func TestStateHead(t *testing.T) {
	m := inMemory(t)
	api := administrator(t, m.URL, testAccess, testSecret)
	c := connect(t, Config{Endpoint: m.URL})
	good := StateHead{Version: 4, TerraformVersion: "1.11.4", Serial: 7, Lineage: "2f9c0b5e-0000-4e6f-9d1a-3b1f3f0f8a11"}
	for name, tt := range map[string]struct {
		content string
		want    StateHead
		reason  Reason
	}{
		"state":             {content: stateText, want: good},
		"large state":       {content: strings.TrimSuffix(stateText, "\n}\n") + strings.Repeat(" ", 2*headSize) + "}", want: good},
		"encrypted":         {content: `{"serial":3,"lineage":"a-b","meta":{"k":"hunter2-canary"},"encrypted_data":"x"}`, want: StateHead{Serial: 3, Lineage: "a-b"}},
		"another order":     {content: `{"outputs":{"a":[1,{"b":2}]},"lineage":"a-b","serial":3}`, want: StateHead{Serial: 3, Lineage: "a-b"}},
		"not JSON":          {content: "canary", reason: NotState},
		"a list":            {content: `["canary"]`, reason: NotState},
		"cut off":           {content: stateText[:40], reason: NotState},
		"serial is a text":  {content: `{"serial":"canary","lineage":"a"}`, reason: NotState},
		"no lineage":        {content: `{"serial":1}`, reason: NotState},
		"negative serial":   {content: `{"serial":-1,"lineage":"a"}`, reason: NotState},
		"head far too late": {content: `{"x":"` + strings.Repeat("canary", headSize) + `","serial":1,"lineage":"a"}`, reason: NotState},
	} {
		t.Run(name, func(t *testing.T) {
			put(t, api, bucketName, stateKey, tt.content)
			m.seen()
			got, err := c.StateHead(t.Context(), bucketName, stateKey)
			wantRequests(t, m.counted, 1)
			if tt.reason != "" {
				wantReason(t, err, tt.reason, "compare `bucket` and `key`")
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	_, err := c.StateHead(t.Context(), bucketName, "elsewhere")
	wantReason(t, err, ObjectMissing, "")
}

// Only the beginning of a state crosses the network.
func TestStateHeadAsksForTheBeginning(t *testing.T) {
	var ranges []string
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
		fmt.Fprint(w, stateText, strings.Repeat("canary", 1<<20)) // a server that does not know ranges
	}))
	head, err := connect(t, Config{Endpoint: s.URL}).StateHead(t.Context(), bucketName, stateKey)
	if err != nil || head.Serial != 7 {
		t.Errorf("%+v, %v", head, err)
	}
	if len(ranges) != 1 || ranges[0] != "bytes=0-4095" {
		t.Errorf("ranges %q", ranges)
	}
}

// A head that comes too late is not searched for, whatever the server sends.
func TestStateHeadReadsTheBeginningAlone(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
		fmt.Fprintf(w, `{"x":%q,"serial":1,"lineage":"a"}`, strings.Repeat("canary", headSize))
	}))
	_, err := connect(t, Config{Endpoint: s.URL}).StateHead(t.Context(), bucketName, stateKey)
	wantReason(t, err, NotState, "compare")
}

// Some servers list the delete markers of a page before all else.
func TestDeleteMarkersMayComeFirst(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("versions") {
			fmt.Fprint(w, `<ListBucketResult><Name>b</Name></ListBucketResult>`)
			return
		}
		fmt.Fprint(w, `<ListVersionsResult><Name>b</Name><DeleteMarker><Key>terraform.tfstate.tflock</Key><IsLatest>true</IsLatest></DeleteMarker>`+
			`<Version><Key>terraform.tfstate</Key><IsLatest>true</IsLatest><Size>5</Size><LastModified>2026-11-22T10:00:00.000Z</LastModified></Version>`+
			`<Version><Key>terraform.tfstate</Key><IsLatest>false</IsLatest><Size>4</Size></Version>`+
			`<Version><Key>terraform.tfstate.tflock</Key><IsLatest>false</IsLatest><Size>2</Size></Version></ListVersionsResult>`)
	}))
	state, err := connect(t, Config{Endpoint: s.URL}).State(t.Context(), bucketName, stateKey)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "markers first", state, State{Exists: true, LastModified: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Bytes: 5, Versions: 2, Counted: true})
}

func TestStatesFollowEachOther(t *testing.T) {
	now := StateHead{Serial: 7, Lineage: "a"}
	for _, tt := range []struct {
		next StateHead
		want error
	}{
		{StateHead{Serial: 8, Lineage: "a"}, nil},
		{StateHead{Serial: 7, Lineage: "a"}, nil},
		{StateHead{Serial: 6, Lineage: "a"}, ErrOlderSerial},
		{StateHead{Serial: 8, Lineage: "b"}, ErrOtherLineage},
	} {
		if err := tt.next.Follows(now); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.next, err, tt.want)
		}
	}
}

func FuzzReadStateHead(f *testing.F) {
	for _, text := range []string{stateText, `{"serial":1,"lineage":"a"}`, `{"a":{`, `[`, ``} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		head, err := ReadStateHead(strings.NewReader(text))
		if err == nil && (head.Serial < 0 || head.Lineage == "") {
			t.Errorf("%+v of %q", head, text)
		}
		if err != nil && err.Error() != errNoState.Error() {
			t.Errorf("the error %q may hold something of the content", err)
		}
	})
}
