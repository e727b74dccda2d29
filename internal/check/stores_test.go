package check

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/s3sim"
)

// withStore adds an object store to the site: two environments have their state there.
func (s *site) withStore(t *testing.T, address string) {
	t.Helper()
	s.write(t, "minio.access", canary+"-name\n")
	s.write(t, "minio.secret", canary+"\n")
	s.write(t, "config.yml", fmt.Sprintf(`version: 1
clusters:
  home:
    endpoints: [%s]
    ca_file: home-ca.pem
    exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: home.exporter}
environments:
  prod: {guests: {nodes: [pve1]}, terraform_state: {store: minio, bucket: tfstate-prod, read_serial: true}}
  lab: {guests: {nodes: [pve2]}, terraform_state: {store: minio, bucket: tfstate-lab}}
stores:
  minio: {kind: minio, endpoint: "%s", access_key_file: minio.access, secret_key_file: minio.secret}
`, s.servers[0].URL, address))
}

// storeLines returns the part of a report about the object store.
func storeLines(text string) string {
	_, part, _ := strings.Cut(text, "\nobject store minio\n")
	return part
}

func TestObjectStores(t *testing.T) {
	fill := func(t *testing.T, store *s3sim.Store, now time.Time) {
		for i := range 3 {
			for _, bucket := range []string{"tfstate-prod", "tfstate-lab"} {
				content := fmt.Sprintf(`{"version": 4, "terraform_version": "1.11.4", "serial": %d, "lineage": "3f9a0f6e-%s"}`, i+1, bucket)
				if err := store.Put(now.Add(time.Duration(i-5)*time.Hour), bucket, "terraform.tfstate", content); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, test := range []struct {
		name   string
		change func(*testing.T, *site, *s3sim.Store, *httptest.Server)
		want   []string
		not    []string
	}{
		{
			"all is well", func(t *testing.T, s *site, store *s3sim.Store, _ *httptest.Server) { fill(t, store, s.clock.Now()) },
			[]string{"is well", "bucket tfstate-prod is there and keeps versions: 1 object, ", "environment lab: changed 3 h ago, 3 versions", "minio.secret (exporter): mode 0600"},
			[]string{"problem  ", "warning  "},
		},
		{
			"a state is not there yet, a lock is held", func(t *testing.T, s *site, store *s3sim.Store, _ *httptest.Server) {
				if err := store.Put(s.clock.Now().Add(-2*time.Hour), "tfstate-lab", "terraform.tfstate.tflock", "{}"); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"environment prod is not there yet: terraform.tfstate in bucket tfstate-prod", "environment lab was locked 2 h ago and still is"},
			[]string{"problem  "},
		},
		{
			"something else is at the key", func(t *testing.T, s *site, store *s3sim.Store, _ *httptest.Server) {
				if err := store.Put(s.clock.Now(), "tfstate-prod", "terraform.tfstate", "no state at all"); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"problem  the serial of the Terraform state of environment prod cannot be read", "compare `bucket` and `key`"},
			nil,
		},
		{
			"the secret is not there", func(t *testing.T, s *site, _ *s3sim.Store, _ *httptest.Server) { s.write(t, "minio.secret", "") },
			[]string{"problem  the exporter's secret cannot be used", "minio.secret"},
			[]string{"bucket tfstate-prod"},
		},
		{
			"nobody answers", func(_ *testing.T, _ *site, _ *s3sim.Store, server *httptest.Server) { server.Close() },
			[]string{"problem  the store at http", "connection refused", "hint: nothing listens there"},
			[]string{"bucket tfstate-prod"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			store := s3sim.New(s.clock.Now)
			server := httptest.NewServer(store)
			t.Cleanup(server.Close)
			for _, bucket := range []string{"tfstate-prod", "tfstate-lab"} {
				if err := store.MakeBucket(bucket, true); err != nil {
					t.Fatal(err)
				}
			}
			s.withStore(t, server.URL)
			test.change(t, s, store, server)
			_, text := s.run(t)
			part := storeLines(text)
			for _, want := range test.want {
				if !strings.Contains(part, want) {
					t.Errorf("%q is not in\n%s", want, part)
				}
			}
			for _, not := range test.not {
				if strings.Contains(part, not) {
					t.Errorf("%q is in\n%s", not, part)
				}
			}
		})
	}
}

func TestABucketWithoutVersionsAndOneThatIsMissing(t *testing.T) {
	s := newSite(t)
	store := s3sim.New(s.clock.Now)
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	if err := store.MakeBucket("tfstate-lab", false); err != nil {
		t.Fatal(err)
	}
	s.withStore(t, server.URL)
	_, text := s.run(t)
	for _, want := range []string{"problem  bucket tfstate-prod cannot be looked at", "there is no such bucket", "problem  bucket tfstate-lab does not keep versions", "versioning is off"} {
		if part := storeLines(text); !strings.Contains(part, want) {
			t.Errorf("%q is not in\n%s", want, part)
		}
	}
}

// A store that hangs keeps nobody from reading of the cluster.
func TestAStoreThatHangs(t *testing.T) {
	s := newSite(t)
	s.timeout = 3 * time.Second
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-hang:
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { close(hang); server.Close() })
	s.withStore(t, "http://"+listener.Addr().String())
	report, text := s.run(t)
	if part := storeLines(text); !strings.Contains(part, "no answer in time") && !strings.Contains(part, "deadline") {
		t.Errorf("got\n%s", part)
	}
	if len(report.Findings) < 15 {
		t.Errorf("only %d findings:\n%s", len(report.Findings), text)
	}
}
