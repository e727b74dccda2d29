package drift

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

const declaredStates = `version: 1
clusters:
  home: {endpoints: [https://pve1.example:8006], exporter: {token_id: e@pve!m, token_secret_file: s}}
environments:
  prod: {guests: {tags: [prod]}, terraform_state: {store: minio, bucket: tfstate-prod}}
  lab: {guests: {tags: [lab]}, terraform_state: {store: minio, bucket: tfstate-lab}}
  other: {guests: {tags: [other]}, terraform_state: {store: other, bucket: tfstate-other}}
stores:
  minio: {kind: minio, endpoint: "https://minio.example:9000", access_key_file: a, secret_key_file: b}
  other: {kind: s3, endpoint: "https://other.example", access_key_file: a, secret_key_file: b}
`

func TestDriftOfBuckets(t *testing.T) {
	enabled := snapshot.Bucket{Up: optional.Some(true), Versioning: snapshot.VersioningEnabled}
	for name, tt := range map[string]struct {
		prod, lab snapshot.Bucket
		want      string
	}{
		"as declared": {enabled, enabled, "bucket 0"},
		"suspended":   {snapshot.Bucket{Versioning: snapshot.VersioningSuspended}, enabled, "bucket 1\n  tfstate-prod versioning is suspended, not enabled"},
		"missing": {
			snapshot.Bucket{Missing: true},
			snapshot.Bucket{Versioning: snapshot.VersioningOff},
			"bucket 2\n  tfstate-lab versioning is off, not enabled\n  tfstate-prod is not there",
		},
		"in part":           {snapshot.Bucket{Versioning: snapshot.VersioningPartial}, enabled, "bucket 1\n  tfstate-prod versioning is partial, not enabled"},
		"one is not known":  {snapshot.Bucket{}, enabled, "bucket 0"},
		"nothing was read":  {snapshot.Bucket{}, snapshot.Bucket{}, ""},
		"it is down since":  {snapshot.Bucket{Up: optional.Some(false), Versioning: snapshot.VersioningOff}, enabled, "bucket 1\n  tfstate-prod versioning is off, not enabled"},
		"a key without any": {snapshot.Bucket{Up: optional.Some(true)}, snapshot.Bucket{Up: optional.Some(true)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := load(t, declaredStates)
			declared, _ := file.Store("minio")
			tt.prod.Name, tt.lab.Name = "tfstate-prod", "tfstate-lab"
			got := lines(OfStore(file, declared, &snapshot.ObjectStore{Name: "minio", Buckets: []snapshot.Bucket{tt.prod, tt.lab}}))
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
