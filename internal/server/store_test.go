package server

import (
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

func TestPageShowsObjectStores(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 0))
	exporter.PublishObjectStore(&snapshot.ObjectStore{
		Name: "minio", Up: optional.Some(true), TLSNotAfter: optional.Some(now + 90*86400),
		Buckets: []snapshot.Bucket{
			{Name: "tfstate-prod", Up: optional.Some(true), Versioning: snapshot.VersioningEnabled, Objects: optional.Some(int64(1)), Bytes: optional.Some(int64(4096))},
			{Name: "tfstate-<b>lab", Versioning: snapshot.VersioningSuspended},
		},
		States: []snapshot.TerraformState{
			{
				Environment: "prod", Bucket: "tfstate-prod", Key: "terraform.tfstate", Exists: optional.Some(true), LastModified: optional.Some(now - 7200),
				Bytes: optional.Some(int64(2048)), Versions: optional.Some(9), Serial: optional.Some(int64(41)), LockedSince: optional.Some(now - 3*3600),
			},
			{Environment: "lab", Bucket: "tfstate-lab", Key: "terraform.tfstate", Exists: optional.Some(false), Versions: optional.Some(2)},
		},
	})
	exporter.PublishObjectStore(&snapshot.ObjectStore{Name: "away", Up: optional.Some(false), Problem: "connection refused"})
	page := ask(newServer(t, exporter, nil), "GET", "/").Body.String()
	for _, want := range []string{
		"critical Object store away cannot be used, nor can the Terraform states that lie there: connection refused",
		"Object store away cannot be used",
		"Object store minio is well, certificate valid until 2026-12-20",
		"tfstate-prod yes kept 1 object 4.0 KiB",
		"tfstate-&lt;b&gt;lab not known suspended",
		"prod tfstate-prod/terraform.tfstate 2 h ago 2.0 KiB 9 versions 41 changes 3 h ago",
		"lab tfstate-lab/terraform.tfstate not there 2 versions",
	} {
		if !strings.Contains(text(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, text(page))
		}
	}
}
