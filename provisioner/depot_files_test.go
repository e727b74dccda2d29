package provisioner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// onFiles is a bench with nothing but a backend file to write: its store has no key for provisioning, and is not asked.
func onFiles(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.put("minio.access", "observer\n")
	b.put("minio.secret", "not-used-here\n")
	b.put("ca.crt", "not read here\n")
	b.declare(`
environments:
  lab:
    guests: {pools: [lab]}
    terraform_state: {store: depot, bucket: tfstate-lab, directory: environments/lab}
stores:
  depot: {kind: minio, endpoint: "https://minio.example:9000", ca_file: ca.crt, access_key_file: minio.access, secret_key_file: minio.secret}
`)
	if err := os.MkdirAll(filepath.Join(b.folder, "environments", "lab"), 0o755); err != nil {
		t.Fatal(err)
	}
	return b
}

const backendOfTheLab = "environments/lab/backend.tf"

func (b *bench) content(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.folder, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func (b *bench) mentions(wanted ...string) {
	b.t.Helper()
	for _, text := range wanted {
		if !strings.Contains(b.printed+b.said, text) {
			b.t.Errorf("%q was not said:\n%s%s", text, b.printed, withoutLog(b.said))
		}
	}
}

func TestABackendFileIsWrittenAndKept(t *testing.T) {
	b := onFiles(t)
	b.mustRun(dryRun)
	if _, err := os.Stat(filepath.Join(b.folder, backendOfTheLab)); err == nil {
		t.Fatal("a dry run wrote it")
	}
	b.mustRun(nil)
	written := b.content(backendOfTheLab)
	for _, want := range []string{`= "tfstate-lab"`, `{ s3 = "https://minio.example:9000" }`, `= "../../ca.crt"`, "use_lockfile                = true"} {
		if !strings.Contains(written, want) {
			t.Errorf("it lacks %s:\n%s", want, written)
		}
	}
	if info, err := os.Stat(filepath.Join(b.folder, backendOfTheLab)); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	if strings.Contains(written, "observer") || strings.Contains(written, "not-used-here") {
		t.Error("it holds a secret")
	}
	before, err := os.Stat(filepath.Join(b.folder, backendOfTheLab))
	if err != nil {
		t.Fatal(err)
	}
	b.settled()
	if after, err := os.Stat(filepath.Join(b.folder, backendOfTheLab)); err != nil || !os.SameFile(before, after) {
		t.Errorf("the second run wrote it again: %v", err)
	}
	for _, edit := range []struct{ old, new, says string }{
		{"use_lockfile                = true", "use_lockfile                = false", `use_lockfile = "false" -> "true"`},
		{"    use_path_style ", "    max_retries                 = 1\n    use_path_style ", `- max_retries = "1"`},
		{`"tfstate-lab"`, `"tfstate-prod"`, `bucket = "tfstate-prod" -> "tfstate-lab"`},
		{"  }\n}\n", "    assume_role = {\n      role_arn = \"x\"\n    }\n  }\n}\n", `text = "edited by hand" -> "generated"`},
		{"terraform {", "terraform  {", `text = "edited by hand" -> "generated"`},
	} {
		edited := strings.Replace(written, edit.old, edit.new, 1)
		if edited == written {
			t.Fatalf("%q is not in it", edit.old)
		}
		if err := os.WriteFile(filepath.Join(b.folder, backendOfTheLab), []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
		b.mustRun(nil)
		b.mentions(edit.says, "~ backend file "+backendOfTheLab+" (lab on depot)")
		if got := b.content(backendOfTheLab); got != written {
			t.Errorf("after %q it is\n%s", edit.new, got)
		}
		b.settled()
	}
}

func TestABackendFileOfSomebodyElseIsNotTouched(t *testing.T) {
	for name, arrange := range map[string]func(t *testing.T, path string) (says string){
		"a file": func(t *testing.T, path string) string {
			write(t, path, "terraform {\n  backend \"local\" {}\n}\n")
			return "backend file " + backendOfTheLab + " exists, was not made by this tool"
		},
		"an empty file": func(t *testing.T, path string) string {
			write(t, path, "")
			return "was not made by this tool"
		},
		"a link": func(t *testing.T, path string) string {
			write(t, filepath.Dir(path)+"/shared", "# Written by `pve-backup-exporter provision`\n")
			if err := os.Symlink("shared", path); err != nil {
				t.Fatal(err)
			}
			return "was not made by this tool"
		},
		"another backend": func(t *testing.T, path string) string {
			write(t, filepath.Dir(path)+"/main.tf", "terraform {\n  # here\n  backend \"s3\" {\n  }\n}\n")
			return "main.tf has a backend for environment lab already: Terraform takes one"
		},
		"the cloud": func(t *testing.T, path string) string {
			write(t, filepath.Dir(path)+"/cloud.tf", "terraform {\n  cloud {\n  }\n}\n")
			return "cloud.tf has a backend"
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := onFiles(t)
			path := filepath.Join(b.folder, backendOfTheLab)
			says := arrange(t, path)
			before, _ := os.ReadFile(path)
			b.fails(nil, says, "take `directory` out of the declared file", "Refused for 1 reason")
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Errorf("it became\n%s", after)
			}
			b.declare(strings.Replace(strings.Join(strings.Split(b.content("config.yml"), "\n")[6:], "\n"), "bucket: tfstate-lab", "bucket: tfstate-lab, adopt: true", 1))
			b.fails(nil, says) // not even if asked
		})
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDirectoriesThatAreNotThere(t *testing.T) {
	b := onFiles(t)
	folder := filepath.Join(b.folder, "environments", "lab")
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	b.mustRun(nil)
	b.mentions("there is no directory "+folder+": no backend.tf is written for environment lab", "mkdir -p "+folder, "No changes.")
	if _, err := os.Stat(folder); err == nil {
		t.Error("it was made")
	}
	write(t, folder, "a file")
	b.fails(nil, folder+" is no directory", "name the directory of environment lab's Terraform configuration")
	if os.Getuid() == 0 {
		return // to whom all is allowed
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	b.fails(nil, "let the user that runs this write into that directory")
}
