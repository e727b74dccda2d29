package docs

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

const backend = `terraform {
  backend "s3" {
    bucket = "tfstate-prod"
    key    = "terraform.tfstate"
    region = "us-east-1"
    endpoints      = { s3 = "https://minio.home:9000" }
    use_path_style = true
    use_lockfile   = true
    max_retries    = 1
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
  }
}
`

// versionLine is what the page shows of a version.
var versionLine = regexp.MustCompile(`^(terraform\.tfstate(?:\.tflock)?)  (\S+Z)  \d+  (true|false)  ([0-9a-f-]{36})$`)

// Procedures 3, 4 and 7 as the page has them, with the real Terraform, curl and MinIO: a state brought back, one that was deleted, the time
// without MinIO and the return, a planned stop, and a new server that is filled from copies.
func TestTheStateProceduresWork(t *testing.T) {
	if testing.Short() {
		t.Skip("runs MinIO and Terraform")
	}
	for _, program := range []string{"terraform", "curl", "perl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: procedures 3, 4 and 7 of the page are not run", program)
		}
	}
	minio := testprogram.Path(t, "minio")
	f := follow(t)
	address := testprogram.FreeAddress(t)
	f.reads["https://minio.home:9000"] = "http://" + address
	f.reads["ADMIN:SECRET"] = "admin:secret-of-the-test"
	for name, value := range map[string]string{
		"MINIO_ROOT_USER": "admin", "MINIO_ROOT_PASSWORD": "secret-of-the-test", "MINIO_BROWSER": "off", "MINIO_UPDATE": "off",
		"AWS_ACCESS_KEY_ID": "admin", "AWS_SECRET_ACCESS_KEY": "secret-of-the-test",
		"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/dev/null", "TF_CLI_ARGS": "-no-color",
	} {
		t.Setenv(name, value)
	}
	f.write("environments/prod/backend.tf", strings.ReplaceAll(backend, "https://minio.home:9000", "http://"+address))
	f.write("environments/prod/main.tf", "resource \"terraform_data\" \"web\" { input = trimspace(file(\"name.txt\")) }\n")

	begin := func(t *testing.T, data string) {
		testprogram.Start(t, minio, "server", filepath.Join(f.home, data), "--address", address)
		testprogram.Until(t, "http://"+address+"/minio/health/ready", func(string) bool { return true })
	}
	for _, part := range []struct {
		name, data string // without data there is no server
		do         func(*follower)
	}{
		{"the states are made and copied", "data", makeStates},
		{"3.1 an earlier version", "data", bringBackAVersion},
		{"3.1 a deleted state", "data", bringBackADeletedState},
		{"4.1 fall back", "", fallBack},
		{"4.2 return", "data", goBack},
		{"4.3 a planned stop", "data", planAStop},
		{"7 a new server", "new data", refill},
	} {
		if !t.Run(part.name, func(t *testing.T) {
			f.t, f.folder = t, "environments/prod"
			if part.data != "" {
				begin(t, part.data)
			}
			part.do(f)
		}) {
			return // the next part builds on this one
		}
	}
}

// world is what exists: the one resource has this name.
func (f *follower) world(name string) { f.write("environments/prod/name.txt", name+"\n") }

func (f *follower) apply(name string) {
	f.t.Helper()
	f.world(name)
	f.shell("terraform apply -auto-approve -input=false")
}

// settled says that a plan in what was printed found nothing to do.
func (f *follower) settled(said string) {
	f.t.Helper()
	if !strings.Contains(said, "No changes.") {
		f.t.Errorf("the plan is not empty:\n%s", said)
	}
}

func (f *follower) makeBucket() {
	f.t.Helper()
	f.run("state-client")
	f.write("versioning.xml", `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`)
	bucket := f.reads["https://minio.home:9000"] + "/tfstate-prod"
	f.shell(fmt.Sprintf("curl -K ~/s3.curl -X PUT %s; curl -K ~/s3.curl -T ~/versioning.xml '%s?versioning='", bucket, bucket))
}

func makeStates(f *follower) {
	f.makeBucket()
	f.world("one")
	f.shell("terraform init -input=false")
	for _, name := range []string{"one", "two", "three"} {
		f.apply(name)
	}
	f.run("state-copy")
	f.shell("grep -q three ~/state-copies/prod.tfstate && test \"$(stat -c %a ~/state-copies)\" = 700")
}

// versions lists the ids of the state's versions, and whether the newest is the present one.
func (f *follower) versions() (ids []string, present bool) {
	f.t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(f.run("state-versions")), "\n") {
		parts := versionLine.FindStringSubmatch(line)
		if parts == nil {
			f.t.Fatalf("%q is not as the page shows it", line)
		}
		if parts[1] == "terraform.tfstate" {
			present = present || parts[3] == "true"
			ids = append(ids, parts[4])
		}
	}
	return ids, present
}

// shownVersion is the id that the page fetches.
const shownVersion = "56d56e47-5f58-452f-b2a8-5d5596c5bb81"

func bringBackAVersion(f *follower) {
	f.run("state-client")
	f.run("state-keep")
	ids, present := f.versions()
	if len(ids) != 3 || !present {
		f.t.Fatalf("%d versions, present %v", len(ids), present)
	}
	f.reads[shownVersion] = ids[1]
	if said := f.run("state-fetch"); !strings.Contains(said, `"two"`) || !strings.Contains(said, `"serial": 2`) {
		f.t.Errorf("fetched another version:\n%s", said)
	}
	f.world("two")
	f.settled(f.run("state-put"))
	f.world("three")
	f.settled(f.run("state-undo"))
	f.shell("test ! -e before.tfstate && test ! -e old.tfstate && test ! -e ~/s3.curl")
}

func bringBackADeletedState(f *follower) {
	f.run("state-client")
	f.shell("curl -K ~/s3.curl -X DELETE " + f.reads["https://minio.home:9000"] + "/tfstate-prod/terraform.tfstate")
	ids, present := f.versions()
	if present || len(ids) == 0 {
		f.t.Fatalf("after the deletion there are %d versions, present %v", len(ids), present)
	}
	f.reads[shownVersion] = ids[0]
	f.run("state-fetch")
	f.settled(f.run("state-put"))
}

func fallBack(f *follower) {
	f.failed = true
	if said := f.run("store-health"); strings.TrimSpace(said) == "200" {
		f.t.Fatal("MinIO still answers")
	}
	f.failed = true
	if said := f.shell("terraform plan -input=false 2>&1"); !strings.Contains(said, "exceeded maximum number of attempts") {
		f.t.Errorf("the symptom is not the one of the page's table:\n%s", said)
	}
	f.run("fallback")
	f.apply("four")
}

func goBack(f *follower) {
	if said := f.run("store-health"); strings.TrimSpace(said) != "200" {
		f.t.Fatalf("health: %s", said)
	}
	f.run("return-look")
	f.settled(f.run("return"))
	if said := f.shell("terraform state pull"); !strings.Contains(said, "four") {
		f.t.Errorf("what was applied meanwhile is not in the bucket:\n%s", said)
	}
}

func planAStop(f *follower) {
	f.settled(f.run("planned"))
	f.reads["rm .terraform/terraform.tfstate.off\n"] = "" // as the page says
	f.settled(f.run("return"))
	f.run("state-copy")
}

func refill(f *follower) {
	if answer, err := http.Get(f.reads["https://minio.home:9000"] + "/minio/health/live"); err != nil || answer.Body.Close() != nil {
		f.t.Fatal(err)
	}
	f.makeBucket()
	f.run("refill")
	if ids, present := f.versions(); len(ids) != 1 || !present {
		f.t.Errorf("the new server has %d versions, present %v", len(ids), present)
	}
}
