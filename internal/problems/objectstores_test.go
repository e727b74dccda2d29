package problems

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// wellStore is an object store in which nothing is wrong.
func wellStore() *snapshot.ObjectStore {
	return &snapshot.ObjectStore{
		Name: "minio", Taken: now, Up: optional.Some(true), TLSNotAfter: in(90 * day),
		Sources: []snapshot.Source{{Kind: snapshot.SourceHealth, Store: "minio", Up: true}, {Kind: snapshot.SourceStates, Store: "minio", Up: true}},
		Buckets: []snapshot.Bucket{{Name: "tfstate-prod", Up: optional.Some(true), Versioning: snapshot.VersioningEnabled}},
		States: []snapshot.TerraformState{{
			Environment: "prod", Bucket: "tfstate-prod", Key: "terraform.tfstate", Exists: optional.Some(true), LastModified: ago(day), Versions: optional.Some(9),
			LockedSince: ago(60),
		}},
	}
}

type storeTest struct {
	name   string
	change func(*snapshot.ObjectStore)
	want   []string
}

var aboutStores = []storeTest{
	{"all is well, somebody works on the state", func(*snapshot.ObjectStore) {}, nil},
	{"a state that never was", func(s *snapshot.ObjectStore) {
		s.States[0] = snapshot.TerraformState{Environment: "prod", Exists: optional.Some(false), Versions: optional.Some(0)}
	}, nil},
	{
		"down, with all that comes of it in one line", func(s *snapshot.ObjectStore) {
			s.Up, s.Problem = optional.Some(false), "store minio (https://minio:9000): ask for its health: connection refused"
			s.Buckets[0].Up, s.Sources[0].Up, s.Sources[1].Up = optional.Some(false), false, false
		},
		[]string{"critical object_store_down: Object store minio cannot be used, nor can the Terraform states that lie there: store minio (https://minio:9000): ask for its health: connection refused"},
	},
	{
		"its certificate has expired", func(s *snapshot.ObjectStore) {
			s.Up, s.Problem, s.TLSNotAfter = optional.Some(false), "the certificate has expired", ago(hour)
		},
		[]string{"critical object_store_down: Object store minio cannot be used, nor can the Terraform states that lie there: the certificate has expired"},
	},
	{
		"its certificate expires tomorrow", func(s *snapshot.ObjectStore) { s.TLSNotAfter = in(day + hour) },
		[]string{"warning certificate_expiring: The certificate of object store minio expires in 25 h"},
	},
	{
		"a bucket is gone", func(s *snapshot.ObjectStore) {
			s.Buckets[0] = snapshot.Bucket{Name: "tfstate-prod", Up: optional.Some(false), Missing: true}
			s.States[0] = snapshot.TerraformState{Environment: "prod", Exists: optional.Some(false)}
		},
		[]string{"critical bucket_down: Bucket tfstate-prod of object store minio is not there, nor is the Terraform state that the declared file places in it"},
	},
	{
		"a bucket does not answer", func(s *snapshot.ObjectStore) {
			s.Buckets[0].Up, s.Buckets[0].Problem, s.Sources[1].Up = optional.Some(false), "no answer in time", false
		},
		[]string{"critical bucket_down: Bucket tfstate-prod of object store minio cannot be asked: no answer in time"},
	},
	{
		"the key is refused", func(s *snapshot.ObjectStore) {
			s.Buckets[0].Up = optional.Value[bool]{}
			s.Sources[1].Up, s.Sources[1].Problem = false, "the access key is not accepted"
		},
		[]string{"warning source_down: The Terraform states of object store minio cannot be read: the access key is not accepted"},
	},
	{
		"versioning is suspended", func(s *snapshot.ObjectStore) { s.Buckets[0].Versioning = snapshot.VersioningSuspended },
		[]string{"warning bucket_unversioned: Versioning of bucket tfstate-prod of object store minio is suspended: a Terraform state that is overwritten there cannot be brought back"},
	},
	{
		"a lock that stayed", func(s *snapshot.ObjectStore) { s.States[0].LockedSince = ago(3 * hour) },
		[]string{"warning state_locked: The Terraform state of environment prod was locked 3 h ago and still is: no other run can begin"},
	},
	{
		"the state was deleted", func(s *snapshot.ObjectStore) {
			s.States[0].Exists, s.States[0].LastModified = optional.Some(false), snapshot.Seconds{}
		},
		[]string{"warning state_deleted: The Terraform state of environment prod was deleted from bucket tfstate-prod; 9 versions of it can be brought back"},
	},
}

func TestObjectStores(t *testing.T) {
	for _, test := range aboutStores {
		t.Run(test.name, func(t *testing.T) {
			store := wellStore()
			test.change(store)
			var got []string
			for _, p := range List(nil, time.Unix(now, 0), store) {
				got = append(got, fmt.Sprintf("%s %s: %s", p.Severity, p.Kind, p.Text))
				if p.Store != "minio" || p.Cluster != "" || p.Hint == "" {
					t.Errorf("%q: store %q, cluster %q, hint %q", p.Text, p.Store, p.Cluster, p.Hint)
				}
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(test.want, "\n  "))
			}
		})
	}
}
