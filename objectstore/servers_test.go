package objectstore

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// stand is a server with one versioned bucket, seen through a proxy that counts.
type stand struct {
	*counted
	kind           Kind
	access, secret string
	api            *minio.Client // past the proxy, with all rights
}

func (s *stand) client(t *testing.T) *Client {
	return connect(t, Config{Endpoint: s.URL, Kind: s.kind, Credentials: key(s.access, s.secret)})
}

func newStand(t *testing.T, address string, kind Kind, access, secret string) *stand {
	t.Helper()
	proxy := inFront(t, address)
	s := &stand{counted: proxy, kind: kind, access: access, secret: secret, api: administrator(t, address, access, secret)}
	if err := s.api.MakeBucket(t.Context(), bucketName, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// servers are those of the table in docs/object-stores.md.
var servers = []struct {
	name string
	slow bool // a program of its own
	make func(*testing.T) *stand
}{
	{name: "MinIO", slow: true, make: func(t *testing.T) *stand {
		store := testprogram.MinIO(t, "")
		return newStand(t, store.URL, MinIO, store.AccessKey, store.SecretKey)
	}},
	{name: "versitygw", slow: true, make: func(t *testing.T) *stand {
		store := testprogram.Versitygw(t)
		return newStand(t, store.URL, S3, store.AccessKey, store.SecretKey)
	}},
	{name: "gofakes3", make: func(t *testing.T) *stand {
		fake := serve(t, gofakes3.New(s3mem.New(), gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
		return newStand(t, fake.URL, S3, testAccess, testSecret)
	}},
}

// abilities are the rows of the table, tried in this order on one server: what it does, and who does not.
var abilities = []struct {
	name string
	try  func(*testing.T, *stand) error
	not  map[string]string // by server: why not, as the table says
}{
	{name: "health", try: tryHealth},
	{name: "a bucket's versioning, switched on and read", try: tryVersioning},
	{name: "a bucket that is missing is told", try: tryMissing},
	{name: "a wrong secret and an unknown key are told", try: tryWrongKey, not: map[string]string{"gofakes3": "accepts every key"}},
	{name: "a state's last change, size and versions", try: tryState},
	{name: "a lock that is held, and that it was released", try: tryLock},
	{name: "a state that was deleted", try: tryDeleted},
	{name: "the head of a state", try: tryHead},
	{name: "objects and bytes by listing", try: tryListing},
	{name: "locks in a versioned bucket, twice in a row", try: tryLocks, not: map[string]string{"versitygw": "refuses a lock that was released before: unfit for states"}},
	{name: "versioning that was suspended is told", try: trySuspended},
}

// TestServersOfSeveralMakes is where the table of docs/object-stores.md comes from.
func TestServersOfSeveralMakes(t *testing.T) {
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			if server.slow && testing.Short() {
				t.Skip("slow: it starts a server")
			}
			s := server.make(t)
			for _, ability := range abilities {
				t.Run(ability.name, func(t *testing.T) {
					err := ability.try(t, s)
					if why := ability.not[server.name]; (err != nil) != (why != "") {
						t.Errorf("the table says %q, and it says %v", why, err)
					}
					if err != nil {
						hidesSecrets(t, err)
					}
				})
			}
		})
	}
}

func TestTheTableIsInTheDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/object-stores.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| |")
	for _, server := range servers {
		table.WriteString(" " + server.name + " |")
	}
	table.WriteString("\n|---|" + strings.Repeat("---|", len(servers)) + "\n")
	for _, ability := range abilities {
		table.WriteString("| " + ability.name + " |")
		for _, server := range servers {
			if why, ok := ability.not[server.name]; ok {
				table.WriteString(" **no**: " + why + " |")
			} else {
				table.WriteString(" yes |")
			}
		}
		table.WriteString("\n")
	}
	if !strings.Contains(string(page), table.String()) {
		t.Errorf("docs/object-stores.md lacks this table:\n%s", table.String())
	}
}

// saw says what was seen in place of what the table promises, and the error that came with it, if any.
func saw(err error, what string, about ...any) error {
	return errors.Join(fmt.Errorf(what, about...), err)
}

func tryHealth(t *testing.T, s *stand) error {
	health, err := s.client(t).Health(t.Context())
	wantRequests(t, s.counted, 4)
	if err == nil && !health.Up() {
		err = errors.New(health.Why)
	}
	return err
}

func tryVersioning(t *testing.T, s *stand) error {
	c := s.client(t)
	before, err := c.Bucket(t.Context(), bucketName)
	if err != nil || before.Versioning != VersioningOff {
		return saw(err, "a new bucket: %q", before.Versioning)
	}
	wantRequests(t, s.counted, 2)
	if err := c.EnableVersioning(t.Context(), bucketName); err != nil {
		return err
	}
	wantRequests(t, s.counted, 2)
	after, err := c.Bucket(t.Context(), bucketName)
	if err == nil && after.Versioning != VersioningEnabled {
		err = fmt.Errorf("after it was enabled: %q", after.Versioning)
	}
	return err
}

func tryMissing(t *testing.T, s *stand) error {
	c := s.client(t)
	_, bucket := c.Bucket(t.Context(), "no-such-bucket")
	_, state := c.State(t.Context(), "no-such-bucket", stateKey)
	_, usage := c.Usage(t.Context(), "no-such-bucket")
	s.seen()
	for _, err := range []error{bucket, state, usage} {
		if ReasonOf(err) != BucketMissing {
			return saw(err, "another reason")
		}
	}
	return nil
}

func tryWrongKey(t *testing.T, s *stand) error {
	for _, credentials := range []func() (string, string, error){key(s.access, testSecret), key(testAccess, s.secret)} {
		c := connect(t, Config{Endpoint: s.URL, Kind: s.kind, Credentials: credentials})
		_, err := c.Bucket(t.Context(), bucketName)
		if ReasonOf(err) != WrongKey {
			return saw(err, "another reason")
		}
		hidesSecrets(t, err)
	}
	s.seen()
	return nil
}

func tryState(t *testing.T, s *stand) error {
	put(t, s.api, bucketName, stateKey, "first")
	put(t, s.api, bucketName, stateKey, stateText)
	put(t, s.api, bucketName, stateKey+".backup", "beside it")
	state, err := s.client(t).State(t.Context(), bucketName, stateKey)
	wantRequests(t, s.counted, 12)
	if err != nil {
		return err
	}
	info, err := s.api.StatObject(t.Context(), bucketName, stateKey, minio.StatObjectOptions{})
	if err != nil {
		return err
	}
	if change := state.LastModified.Unix(); !state.Exists || change != info.LastModified.Unix() || state.Bytes != int64(len(stateText)) || state.Versions != 2 || !state.Counted {
		return fmt.Errorf("it shows %+v, changed %v", state, info.LastModified)
	}
	return nil
}

func tryLock(t *testing.T, s *stand) error {
	c := s.client(t)
	for n := range 3 {
		put(t, s.api, bucketName, stateKey+LockSuffix, "{}")
		held, err := c.State(t.Context(), bucketName, stateKey)
		if err != nil || held.LockedSince.IsZero() || held.Versions != 2 {
			return saw(err, "held for the %d. time: %+v", n+1, held)
		}
		remove(t, s.api, bucketName, stateKey+LockSuffix)
		released, err := c.State(t.Context(), bucketName, stateKey)
		if err != nil || !released.LockedSince.IsZero() || released.Versions != 2 {
			return saw(err, "released for the %d. time: %+v", n+1, released)
		}
	}
	s.seen()
	return nil
}

func tryDeleted(t *testing.T, s *stand) error {
	remove(t, s.api, bucketName, stateKey)
	state, err := s.client(t).State(t.Context(), bucketName, stateKey)
	if err != nil || state.Exists || state.Versions != 2 || !state.Counted {
		return saw(err, "it shows %+v", state)
	}
	return nil
}

func tryHead(t *testing.T, s *stand) error {
	c := s.client(t)
	put(t, s.api, bucketName, stateKey, stateText)
	s.seen()
	head, err := c.StateHead(t.Context(), bucketName, stateKey)
	wantRequests(t, s.counted, 1)
	if err != nil || head.Serial != 7 {
		return saw(err, "%+v", head)
	}
	if _, err := c.StateHead(t.Context(), bucketName, "no-such-key"); ReasonOf(err) != ObjectMissing {
		return saw(err, "of an object that is not there")
	}
	return nil
}

func tryListing(t *testing.T, s *stand) error {
	if err := s.api.MakeBucket(t.Context(), "counted", minio.MakeBucketOptions{}); err != nil {
		return err
	}
	if err := s.api.EnableVersioning(t.Context(), "counted"); err != nil {
		return err
	}
	for _, key := range []string{"a", "b/c", "b/d", "a"} {
		put(t, s.api, "counted", key, "12345")
	}
	remove(t, s.api, "counted", "b/d")
	s.seen()
	c := connect(t, Config{Endpoint: s.URL, Kind: S3, Credentials: key(s.access, s.secret)})
	usage, err := c.Usage(t.Context(), "counted")
	wantRequests(t, s.counted, 11)
	if want := (Usage{Objects: 3, Bytes: 20}); err != nil || usage["counted"] != want {
		return saw(err, "%+v", usage)
	}
	return nil
}

func tryLocks(t *testing.T, s *stand) error {
	s.seen()
	err := s.client(t).ProbeState(t.Context(), bucketName)
	wantRequests(t, s.counted, 14)
	for version := range s.api.ListObjectsIter(t.Context(), bucketName, minio.ListObjectsOptions{Prefix: ".pve-backup-exporter/", Recursive: true, WithVersions: true}) {
		t.Errorf("the probe left %s, %v", version.Key, version.Err)
	}
	var unfit *UnfitError
	if errors.As(err, &unfit) && unfit.Lacks != LockOnlyOnce {
		t.Errorf("it lacks %s", unfit.Lacks)
	}
	return err
}

func trySuspended(t *testing.T, s *stand) error {
	if err := s.api.SuspendVersioning(t.Context(), bucketName); err != nil {
		return err
	}
	bucket, err := s.client(t).Bucket(t.Context(), bucketName)
	if err == nil && bucket.Versioning != VersioningSuspended {
		err = fmt.Errorf("it says %q", bucket.Versioning)
	}
	return err
}
