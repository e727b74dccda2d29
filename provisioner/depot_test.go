package provisioner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

const threeStates = `
  prod:
    guests: {vmids: [100, 102]}
    backup: {profile: prod, storage: nas}
    terraform_state: {store: depot, bucket: tfstate-prod, directory: environments/prod, credentials: {access_key_file: prod.access, secret_key_file: prod.secret}}
  lab:
    guests: {pools: [lab]}
    terraform_state: {store: depot, bucket: tfstate-lab, directory: environments/lab, versions: {keep: 3, days: 7}}
  monitoring:
    guests: {tags: [monitoring]}
    terraform_state: {store: depot, bucket: tfstate-monitoring, directory: environments/monitoring}
`

func (w *warehouse) directories(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(w.folder, "environments", name), 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestThePlansThreeBuckets(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", threeStates)
	w.directories("prod", "lab", "monitoring")
	w.mustRun(dryRun)
	if _, writing := w.seen(); len(writing) > 0 {
		t.Errorf("a dry run sent %q", writing)
	}
	w.mustRun(nil)
	for _, name := range []string{"tfstate-prod", "tfstate-lab", "tfstate-monitoring"} {
		if bucket, err := w.admin().Bucket(t.Context(), name); err != nil || bucket.Versioning != objectstore.VersioningEnabled {
			t.Errorf("%s: %+v, %v", name, bucket, err)
		}
	}
	if !strings.Contains(w.read("environments/prod/backend.tf"), `bucket                      = "tfstate-prod"`) {
		t.Error(w.read("environments/prod/backend.tf"))
	}
	w.settledToo()
}
