package provisioner

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore/storetest"
)

// oneState is an environment with nothing but a state.
const oneState = `
  lab:
    guests: {pools: [lab]}
    terraform_state: {store: depot, bucket: tfstate-lab%s}
`

func oneStateWith(more string) string { return strings.Replace(oneState, "%s", more, 1) }

func (w *warehouse) directories(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(w.folder, "environments", name), 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
}

// everything is the store as its administrator sees it.
func (w *warehouse) everything() storetest.Store {
	w.t.Helper()
	return storetest.Connect(w.t, w.store.URL, w.store.AccessKey, w.store.SecretKey)
}

// says wants texts in what the last run printed or said.
func (w *warehouse) says(wanted ...string) {
	w.t.Helper()
	for _, text := range wanted {
		if !strings.Contains(w.printed+w.said, text) {
			w.t.Errorf("%q was not said:\n%s%s", text, w.printed, withoutLog(w.said))
		}
	}
}

// wroteNothing wants the store not to have been asked to change anything since the last look.
func (w *warehouse) wroteNothing() {
	w.t.Helper()
	if _, writing := w.seen(); len(writing) > 0 {
		w.t.Errorf("the store was sent %q", writing)
	}
}

func TestThePlansThreeBuckets(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", threeEnvironments)
	w.directories("prod", "lab", "monitoring")
	w.mustRun(dryRun)
	w.wroteNothing()
	w.says("Plan: 14 to add, 1 to change, 0 to remove.", "+ lock probe "+w.proxy.URL+" (on depot)", "+ bucket tfstate-prod (prod on depot)", "+ secret = (sensitive)")
	w.mustRun(nil)
	all := w.everything()
	for _, name := range []string{"tfstate-prod", "tfstate-lab", "tfstate-monitoring"} {
		if status, _ := all.Versioning(t, name); status != "Enabled" {
			t.Errorf("versioning of %s: %s", name, status)
		}
	}
	if names, _ := all.Buckets(t); len(names) != 3 {
		t.Errorf("there are %q", names)
	}
	for _, name := range []string{"prod.access", "prod.secret"} {
		if info, err := os.Stat(filepath.Join(w.folder, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if strings.Contains(w.printed+w.said, w.read("prod.secret")) {
		t.Error("the new secret was said")
	}
	if b := w.job("backup-prod"); b == nil {
		t.Error("the cluster's job was not made by the same run")
	}
	w.settledToo()
	if all, _ := w.seen(); len(all) != 0 {
		t.Errorf("%d requests after the run", len(all))
	}
	w.mustRun(nil)
	if all, _ := w.seen(); len(all) > 3*(5+4) {
		t.Errorf("%d requests for three buckets and keys: the documentation promises less\n%s", len(all), strings.Join(all, "\n"))
	}
	// On another machine, which remembers nothing, only the proof is missing.
	w.storage = t.TempDir()
	w.mustRun(dryRun)
	w.says("Plan: 1 to add, 0 to change, 0 to remove.", "+ lock probe")
}

// The key of an environment may do what Terraform must, and nothing else of what a key can do.
func TestAnAccessKeyOpensItsBucketAlone(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", threeEnvironments)
	w.mustRun(nil)
	own := storetest.Connect(t, w.store.URL, w.read("prod.access"), w.read("prod.secret"))
	const bucket, state, lock = "tfstate-prod", "terraform.tfstate", "terraform.tfstate.tflock"
	for what, code := range map[string]string{
		"write the state": own.Put(t, bucket, state, "{}"), "write a lock": own.Put(t, bucket, lock, "{}"), "release a lock": own.Remove(t, bucket, lock, ""),
	} {
		if code != "" {
			t.Errorf("it may not %s: %s", what, code)
		}
	}
	if content, code := own.Get(t, bucket, state, ""); content != "{}" || code != "" {
		t.Errorf("it may not read the state: %s", code)
	}
	if names, code := own.List(t, bucket); len(names) != 1 || code != "" {
		t.Errorf("it may not list its bucket: %q, %s", names, code)
	}
	versions, _ := w.everything().Versions(t, bucket, state)
	_, settings := own.Versioning(t, bucket)
	_, elsewhere := own.List(t, "tfstate-lab")
	_, other := own.Get(t, "tfstate-lab", state, "")
	for what, code := range map[string]string{
		"delete the state": own.Remove(t, bucket, state, ""), "delete a version of it": own.Remove(t, bucket, state, versions[0].ID),
		"read the versioning": settings, "list another bucket": elsewhere, "read another state": other,
		"write another state": own.Put(t, "tfstate-lab", state, "{}"), "make a bucket": own.Put(t, "another", state, "{}"),
	} {
		if code != "AccessDenied" {
			t.Errorf("it may %s: %q", what, code)
		}
	}
	if names, _ := own.Buckets(t); len(names) > 1 {
		t.Errorf("it sees %q", names)
	}
}

func TestABucketWithSomebodysContentIsLeftAlone(t *testing.T) {
	w := onMinIO(t)
	all := w.everything()
	all.MakeBucket(t, "tfstate-lab", false)
	all.Put(t, "tfstate-lab", "terraform.tfstate", "precious")
	w.declareStore("minio", oneStateWith(""))
	w.fails(nil, "bucket tfstate-lab exists, was not made by this tool, and is not as declared: versioning", "lifecycle tfstate-lab exists", "adopt: true")
	w.wroteNothing()
	w.declareStore("minio", oneStateWith(", adopt: true"))
	w.mustRun(nil)
	if content, _ := all.Get(t, "tfstate-lab", "terraform.tfstate", ""); content != "precious" {
		t.Errorf("it holds %q", content)
	}
	if versions, _ := all.Versions(t, "tfstate-lab", "terraform.tfstate"); len(versions) != 1 {
		t.Errorf("its versions are %v", versions)
	}
	w.settledToo()
	// What was taken over once is known.
	w.declareStore("minio", oneStateWith(", versions: {keep: 3, days: 5}"))
	w.mustRun(nil)
	w.says(`terraform.tfstate = "NoncurrentDays=90 NewerNoncurrentVersions=10" -> "NoncurrentDays=5 NewerNoncurrentVersions=3"`)
}

func TestAnEmptyBucketNeedsNoAdoption(t *testing.T) {
	w := onMinIO(t)
	w.everything().MakeBucket(t, "tfstate-lab", false)
	w.declareStore("minio", oneStateWith(""))
	w.mustRun(nil)
	w.settledToo()
}

func TestVersioningThatSomebodySuspendedIsSwitchedOnAgain(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", oneStateWith(""))
	w.mustRun(nil)
	all := w.everything()
	all.Put(t, "tfstate-lab", "terraform.tfstate", "{}")
	all.SuspendVersioning(t, "tfstate-lab")
	w.mustRun(dryRun)
	w.says(`versioning = "suspended" -> "enabled"`, "Plan: 0 to add, 1 to change, 0 to remove.")
	w.storage = t.TempDir() // whose bucket it is, its rules tell
	w.mustRun(nil)
	if status, _ := all.Versioning(t, "tfstate-lab"); status != "Enabled" {
		t.Errorf("versioning is %s", status)
	}
	w.settledToo()
}

func TestRulesOfOthersAreKept(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", oneStateWith(""))
	w.mustRun(nil)
	rules, err := w.admin().Lifecycle(t.Context(), "tfstate-lab")
	if err != nil || len(rules) != 2 {
		t.Fatalf("%v, %v", rules, err)
	}
	// Somebody puts others before ours, one of them harmful, and edits one of ours.
	w.everything().SetLifecycle(t, "tfstate-lab", `<LifecycleConfiguration>
<Rule><ID>logs</ID><Status>Enabled</Status><Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter><Expiration><Days>30</Days></Expiration></Rule>
<Rule><ID>sweep</ID><Status>Enabled</Status><Filter><Prefix>terra</Prefix></Filter><Expiration><Days>7</Days></Expiration></Rule>
<Rule><ID>`+rules[1].ID+`</ID><Status>Enabled</Status><Filter><Prefix>terraform.tfstate.tflock</Prefix></Filter><NoncurrentVersionExpiration><NoncurrentDays>4</NoncurrentDays></NoncurrentVersionExpiration></Rule>
<Rule><ID>`+rules[0].ID+`</ID><Status>Disabled</Status><Filter><Prefix>terraform.tfstate</Prefix></Filter><NoncurrentVersionExpiration><NoncurrentDays>90</NoncurrentDays><NewerNoncurrentVersions>10</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>
</LifecycleConfiguration>`)
	w.mustRun(nil)
	w.says(`terraform.tfstate = "Disabled NoncurrentDays=90 NewerNoncurrentVersions=10" -> "NoncurrentDays=90 NewerNoncurrentVersions=10"`,
		`terraform.tfstate.tflock = "NoncurrentDays=4" -> "NoncurrentDays=1 ExpiredObjectDeleteMarker=true"`,
		`rule "sweep" of bucket tfstate-lab, which was not made by this tool, removes the state itself (Days=7)`)
	after, err := w.admin().Lifecycle(t.Context(), "tfstate-lab")
	if err != nil || len(after) != 4 {
		t.Fatalf("%+v, %v", after, err)
	}
	for _, rule := range after {
		if rule.ID == "logs" && (!rule.Other || rule.Prefix != "logs/" || rule.ExpirationDays != 30) {
			t.Errorf("it became %+v", rule)
		}
	}
	w.settledToo()
	// Another key of the state: its rules come, those of the old one go.
	w.declareStore("minio", oneStateWith(", key: network/lab"))
	w.mustRun(nil)
	w.says(`- terraform.tfstate = "NoncurrentDays=90 NewerNoncurrentVersions=10"`, `+ network/lab = "NoncurrentDays=90 NewerNoncurrentVersions=10"`)
	w.settledToo()
}

func TestAStoreThatIsUnfitIsNamedAndLeftAsItWas(t *testing.T) {
	w := newWarehouse(t, func() *testprogram.Store { return testprogram.Versitygw(t) })
	w.directories("prod", "lab", "monitoring")
	w.declareStore("s3", strings.ReplaceAll(threeEnvironments, "    backup: {profile: prod, storage: nas}\n", ""))
	w.fails(nil, "lock probe "+w.proxy.URL+" on depot", "store depot is unfit for Terraform states", "Terraform could lock a state once and never again", "docs/object-stores.md names as fit")
	if names, _ := w.everything().Buckets(t); len(names) != 0 {
		t.Errorf("it left buckets %q", names)
	}
	if _, err := os.Stat(filepath.Join(w.folder, "environments", "prod", "backend.tf")); err == nil {
		t.Error("it wrote a backend file")
	}
	w.fails(nil, "unfit for Terraform states") // it is not taken for fit the next time
}

func TestAStoreThatCannotBeReadStopsAll(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", threeEnvironments)
	w.store.Stop()
	w.fails(nil, "store depot")
	if writes := w.writes(); len(writes) > 0 {
		t.Errorf("the cluster was sent %q", writes)
	}
	w.put("minio.admin.secret", "")
	w.fails(nil, "minio.admin.secret", "is empty")
}

func TestAStoreWithoutAKeyForProvisioningIsLeftAlone(t *testing.T) {
	w := onMinIO(t)
	w.directories("lab")
	w.declareStore("minio", oneStateWith(", directory: environments/lab"))
	config := w.read("config.yml")
	w.put("config.yml", strings.Replace(config, "    provisioner: {access_key_file: minio.admin, secret_key_file: minio.admin.secret}", "", 1))
	w.mustRun(nil)
	w.says("store depot has no access key for provisioning: its buckets are left as they are", "+ backend file environments/lab/backend.tf", "Plan: 1 to add")
	if all, _ := w.seen(); len(all) > 0 {
		t.Errorf("the store was asked %q", all)
	}
}

func TestTheDocumentOfAStore(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", threeEnvironments)
	asJSON := func(o *Options) { o.JSON, o.Environments = true, []string{"lab"} }
	w.mustRun(asJSON)
	var document struct {
		Result  string
		Changes []map[string]any
	}
	if err := json.Unmarshal([]byte(w.printed), &document); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, change := range document.Changes {
		if change["store"] != "depot" || change["cluster"] != nil || change["outcome"] != "done" {
			t.Errorf("%v", change)
		}
		got = append(got, change["kind"].(string)+" "+change["id"].(string))
	}
	if want := "lock_probe " + w.proxy.URL + ",bucket tfstate-lab,lifecycle tfstate-lab,access_key lab"; strings.Join(got, ",") != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	w.says("there is no directory")
}
