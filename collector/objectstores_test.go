package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// publishStores publishes two object stores: one in which each metric has a series, and one that was never reached.
func publishStores(store *Store) {
	store.PublishObjectStore(&snapshot.ObjectStore{
		Name: "minio", Taken: midnight + 3600, Up: optional.Some(true), TLSNotAfter: at(90 * 86400),
		Sources: []snapshot.Source{
			{Kind: snapshot.SourceHealth, Store: "minio", Up: true, LastSuccess: at(3600), Duration: optional.Some(0.01), Interval: 60},
			{Kind: snapshot.SourceUsage, Store: "minio", Up: true, LastSuccess: at(3000), Duration: optional.Some(0.2), Interval: 900},
		},
		Buckets: []snapshot.Bucket{
			{Name: "tfstate-prod", Up: optional.Some(true), Versioning: snapshot.VersioningEnabled, Objects: optional.Some(int64(2)), Bytes: optional.Some(int64(123456))},
			{Name: "tfstate-lab", Up: optional.Some(true), Versioning: snapshot.VersioningSuspended},
			{Name: "gone", Up: optional.Some(false), Missing: true},
		},
		States: []snapshot.TerraformState{
			{
				Environment: "prod", Bucket: "tfstate-prod", Key: "terraform.tfstate", Exists: optional.Some(true), LastModified: at(-86400),
				Bytes: optional.Some(int64(34567)), Versions: optional.Some(12), Serial: optional.Some(int64(42)), LockedSince: at(-7200),
			},
			{Environment: "lab", Bucket: "tfstate-lab", Key: "terraform.tfstate", Exists: optional.Some(false), Versions: optional.Some(3)},
		},
		Drift: []snapshot.Drift{{Kind: snapshot.DriftBucket, Objects: []snapshot.Drifted{{ID: "gone", What: "is not there"}, {ID: "tfstate-lab", What: "versioning is suspended, not enabled"}}}},
	})
	store.PublishObjectStore(&snapshot.ObjectStore{
		Name: "away", Up: optional.Some(false), Sources: []snapshot.Source{{Kind: snapshot.SourceHealth, Store: "away", Interval: 60, Problem: "connection refused"}},
	})
}

func TestStoresComeAndGoBesideClusters(t *testing.T) {
	store := NewStore(silent())
	store.Publish(everything())
	alone := series(t, store)
	publishStores(store)
	all := store.ObjectStores()
	if len(all) != 2 || all[0].Name != "away" || all[1].Name != "minio" {
		t.Fatalf("got %v", all)
	}
	with := series(t, store)
	for _, each := range with {
		if of := strings.Contains(each, `store="minio"`) || strings.Contains(each, `store="away"`); of == slices.Contains(alone, each) {
			t.Errorf("%s", each)
		}
	}
	store.Publish(everything()) // a new picture of a cluster leaves the stores alone, and the other way round
	if again := series(t, store); !slices.Equal(again, with) {
		t.Errorf("got %d series, want %d", len(again), len(with))
	}
	store.KeepObjectStores("minio", "unheard-of")
	for _, each := range series(t, store) {
		if strings.Contains(each, `store="away"`) {
			t.Errorf("away was removed and still has %s", each)
		}
	}
	store.KeepObjectStores()
	if left := series(t, store); !slices.Equal(left, alone) {
		t.Errorf("without stores: got %d series, want %d", len(left), len(alone))
	}
}

// Two stores with the same sources and buckets come out of a registry that checks everything as they come out of the gatherer.
func TestStoresAgreeWithARegistry(t *testing.T) {
	store := NewStore(silent())
	for _, name := range []string{"b", "a", "c"} {
		store.PublishObjectStore(&snapshot.ObjectStore{
			Name: name, Up: optional.Some(true), Buckets: []snapshot.Bucket{{Name: "tfstate", Up: optional.Some(true)}, {Name: "another", Up: optional.Some(false)}},
			Sources: []snapshot.Source{{Kind: snapshot.SourceStates, Store: name}, {Kind: snapshot.SourceHealth, Store: name, Up: true}},
		})
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(store)
	plain := expfmt.NewFormat(expfmt.TypeTextPlain)
	if got, want := string(encode(t, store.Gatherer(prometheus.NewRegistry()), plain)), string(encode(t, registry, plain)); got != want {
		t.Errorf("the gatherer wrote\n%s\nthe registry\n%s", got, want)
	}
}

func TestWhatIsNotKnownOfAStoreIsAbsent(t *testing.T) {
	store := NewStore(silent())
	store.PublishObjectStore(&snapshot.ObjectStore{
		Name: "minio", Up: optional.Some(false), Buckets: []snapshot.Bucket{{Name: "tfstate-prod"}}, States: []snapshot.TerraformState{{Environment: "prod", Bucket: "tfstate-prod", Key: "k"}},
	})
	if got := series(t, store); len(got) != 1 || got[0] != ObjectStoreUp+`{store="minio"}` {
		t.Errorf("got %v", got)
	}
	store.PublishObjectStore(&snapshot.ObjectStore{Name: "minio"})
	if got := series(t, store); len(got) != 0 {
		t.Errorf("of a store that was never asked: %v", got)
	}
	publishStores(store)
	shown := series(t, store)
	for _, absent := range []string{
		TerraformStateLastModified + `{bucket="tfstate-lab",environment="lab"`, TerraformStateBytes + `{bucket="tfstate-lab"`,
		TerraformStateLockedSince + `{bucket="tfstate-lab"`, BucketVersioning + `{bucket="gone"`, BucketObjects + `{bucket="tfstate-lab"`, ObjectStoreTLSEnd + `{store="away"`,
	} {
		if slices.ContainsFunc(shown, func(each string) bool { return strings.HasPrefix(each, absent) }) {
			t.Errorf("%s is there", absent)
		}
	}
	for _, present := range []string{TerraformStateVersions + `{bucket="tfstate-lab"`, BucketUp + `{bucket="gone"`, BucketVersioning + `{bucket="tfstate-lab"`} {
		if !slices.ContainsFunc(shown, func(each string) bool { return strings.HasPrefix(each, present) }) {
			t.Errorf("%s is missing", present)
		}
	}
}
