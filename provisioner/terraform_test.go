package provisioner

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore/storetest"
)

const (
	resourceFile = `resource "terraform_data" "web" { input = trimspace(file("name.txt")) }
`
	waitingFile = `resource "terraform_data" "gate" {
  provisioner "local-exec" { command = "cat gate" }
}
`
)

// threeEnvironments is the plan's: a bucket, an access key and a backend for each.
const threeEnvironments = `
  prod:
    guests: {vmids: [100, 102]}
    backup: {profile: prod, storage: nas}
    terraform_state: {store: depot, bucket: tfstate-prod, directory: environments/prod, credentials: {access_key_file: prod.access, secret_key_file: prod.secret}}
  lab:
    guests: {pools: [lab]}
    terraform_state: {store: depot, bucket: tfstate-lab, directory: environments/lab, credentials: {access_key_file: lab.access, secret_key_file: lab.secret}}
  monitoring:
    guests: {tags: [monitoring]}
    terraform_state: {store: depot, bucket: tfstate-monitoring, directory: environments/monitoring, credentials: {access_key_file: monitoring.access, secret_key_file: monitoring.secret}}
`

// tool is Terraform, or OpenTofu.
type tool struct {
	name, path string
}

// tools are those that this machine has: terraform where it is installed, OpenTofu where it is built.
func tools(t *testing.T) []tool {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs MinIO and Terraform")
	}
	var found []tool
	if path, err := exec.LookPath("terraform"); err == nil {
		found = append(found, tool{"terraform", path})
	}
	if path := filepath.Join(testprogram.Root(t), "bin", "tools", "tofu"); isThere(path) {
		found = append(found, tool{"OpenTofu", path})
	}
	if len(found) == 0 {
		t.Skip("neither terraform is installed, nor tofu built (make tools)")
	}
	return found
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// site of one environment: its directory, and the access key that provisioning made for it.
type place struct {
	*warehouse
	tool        tool
	environment string
}

func (p place) folderOf() string { return filepath.Join(p.folder, "environments", p.environment) }

func (p place) write(name, content string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.folderOf(), name), []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// command runs the tool in the environment's directory, with the environment's own key where there is one.
func (p place) command(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, p.tool.path, arguments...)
	command.Dir = p.folderOf()
	command.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE=/dev/null", "TF_CLI_ARGS=-no-color", "TF_IN_AUTOMATION=1", "AWS_MAX_ATTEMPTS=1",
		"AWS_EC2_METADATA_DISABLED=true")
	if name := filepath.Join(p.folder, p.environment+".access"); isThere(name) {
		command.Env = append(command.Env, "AWS_ACCESS_KEY_ID="+p.read(p.environment+".access"), "AWS_SECRET_ACCESS_KEY="+p.read(p.environment+".secret"))
	}
	return command
}

// does runs the tool to its end, and wants it to end well.
func (p place) does(arguments ...string) string {
	p.t.Helper()
	said, err := p.command(p.t.Context(), arguments...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s in %s: %s %q: %v\n%s", p.tool.name, p.environment, p.tool.path, arguments, err, said)
	}
	return string(said)
}

// fails runs the tool, and wants it to fail with these words.
func (p place) fails(wanted string, arguments ...string) string {
	p.t.Helper()
	said, err := p.command(p.t.Context(), arguments...).CombinedOutput()
	if err == nil || !strings.Contains(string(said), wanted) {
		p.t.Fatalf("%s %q: %v, %q was not said:\n%s", p.tool.name, arguments, err, wanted, said)
	}
	return string(said)
}

// unchanged wants a plan to find nothing to do.
func (p place) unchanged() {
	p.t.Helper()
	p.does("plan", "-input=false", "-detailed-exitcode")
}

func (p place) apply(name string) {
	p.t.Helper()
	p.write("name.txt", name+"\n")
	p.does("apply", "-input=false", "-auto-approve")
}

// Criterion CS-006: local states of three environments move into the provisioned buckets, each with its own key that may do no more than it must.
func TestTerraformMovesIntoTheProvisionedBuckets(t *testing.T) {
	for _, tool := range tools(t) {
		t.Run(tool.name, func(t *testing.T) {
			w := onMinIO(t)
			w.directories("prod", "lab", "monitoring")
			w.declareStore("minio", threeEnvironments)
			places := map[string]place{}
			for _, environment := range []string{"prod", "lab", "monitoring"} {
				p := place{w, tool, environment}
				places[environment] = p
				p.write("main.tf", resourceFile)
				p.write("name.txt", "one\n")
				p.does("init", "-input=false")
				p.apply("one")
			}
			w.mustRun(nil)
			for _, environment := range []string{"prod", "lab", "monitoring"} {
				p := places[environment]
				p.does("fmt", "-check", "-diff")
				p.does("init", "-migrate-state", "-force-copy", "-input=false")
				p.does("validate")
				p.unchanged()
				if local, err := os.Stat(filepath.Join(p.folderOf(), "terraform.tfstate")); err != nil || local.Size() != 0 {
					t.Errorf("%s: the local state is still there: %v, %v", environment, local, err)
				}
				for _, name := range []string{"two", "three"} {
					p.apply(name)
				}
			}
			w.settledToo()
			t.Run("a lock holds off a second run", places["lab"].locked)
			t.Run("an earlier version is brought back", places["monitoring"].bringsBack)
			t.Run("back to a local state", places["lab"].movesBack)
			t.Run("work goes on while the server is down", places["prod"].fallsBack)
		})
	}
}

func (p place) locked(t *testing.T) {
	p.t = t
	p.write("gate.tf", waitingFile)
	gate := filepath.Join(p.folderOf(), "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	first := p.command(t.Context(), "apply", "-input=false", "-auto-approve")
	first.Stdout, first.Stderr = &said, &said
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	// Opening it waits until the first run reads it, in the midst of its work.
	opened, err := os.OpenFile(gate, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	second := p.fails("Error acquiring the state lock", "plan", "-input=false", "-lock-timeout=0s")
	if !strings.Contains(second, "tfstate-lab/terraform.tfstate") {
		t.Errorf("the second run does not say which state is locked:\n%s", second)
	}
	if _, err := opened.WriteString("open\n"); err != nil {
		t.Fatal(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil {
		t.Fatalf("the first run: %v\n%s", err, said.String())
	}
	p.unchanged() // it takes and releases the lock again
}

func (p place) bringsBack(t *testing.T) {
	p.t = t
	admin := storetest.Connect(t, p.store.URL, p.store.AccessKey, p.store.SecretKey)
	versions, code := admin.Versions(t, "tfstate-monitoring", "terraform.tfstate")
	if len(versions) != 3 || code != "" {
		t.Fatalf("there are %d versions of the state, %s", len(versions), code)
	}
	older, code := admin.Get(t, "tfstate-monitoring", "terraform.tfstate", versions[1].ID)
	if code != "" || !strings.Contains(older, `"two"`) {
		t.Fatalf("%s: %s", code, older)
	}
	p.write("older.tfstate", older)
	p.does("state", "push", "-force", "older.tfstate")
	p.write("name.txt", "two\n")
	p.unchanged()
	p.apply("four")
}

func (p place) movesBack(t *testing.T) {
	p.t = t
	if err := os.Rename(filepath.Join(p.folderOf(), "backend.tf"), filepath.Join(p.folderOf(), "backend.tf.off")); err != nil {
		t.Fatal(err)
	}
	p.does("init", "-migrate-state", "-force-copy", "-input=false")
	p.unchanged()
	if local, err := os.ReadFile(filepath.Join(p.folderOf(), "terraform.tfstate")); err != nil || !strings.Contains(string(local), `"three"`) {
		t.Errorf("the local state: %v\n%s", err, local)
	}
}

func (p place) fallsBack(t *testing.T) {
	p.t = t
	copied, err := p.command(t.Context(), "state", "pull").Output() // in good times
	if err != nil {
		t.Fatal(err)
	}
	p.store.Stop()
	p.fails("exceeded maximum number of attempts", "plan", "-input=false")
	for _, name := range []string{"backend.tf", ".terraform/terraform.tfstate"} {
		if err := os.Rename(filepath.Join(p.folderOf(), name), filepath.Join(p.folderOf(), name+".off")); err != nil {
			t.Fatal(err)
		}
	}
	p.write("terraform.tfstate", string(copied))
	p.does("init", "-input=false")
	p.unchanged()
	p.apply("five")
}

// What is generated, whatever the names, and the example are as `fmt` and `validate` want them.
func TestBackendFilesAreWellFormed(t *testing.T) {
	for _, tool := range tools(t) {
		t.Run(tool.name, func(t *testing.T) {
			b := onFiles(t)
			p := place{&warehouse{bench: b}, tool, "lab"}
			example, err := os.ReadFile(filepath.Join(testprogram.Root(t), "examples", "terraform", "backend.tf"))
			if err != nil {
				t.Fatal(err)
			}
			p.write("backend.tf", string(example))
			p.does("fmt", "-check", "-diff")
			p.does("init", "-backend=false", "-input=false")
			p.does("validate")
			if err := os.Remove(filepath.Join(p.folderOf(), "backend.tf")); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"terraform.tfstate", "network/lab.tfstate"} {
				b.declare(`
environments:
  lab:
    guests: {pools: [lab]}
    terraform_state: {store: depot, bucket: tfstate-lab, directory: environments/lab, key: "` + key + `"}
stores:
  depot: {kind: minio, endpoint: "https://minio.example:9000", ca_file: "/etc/${dir}/ca \" file", access_key_file: minio.access, secret_key_file: minio.secret}
`)
				b.mustRun(nil)
				p.does("fmt", "-check", "-diff")
				p.does("validate")
				b.settled()
			}
		})
	}
}
