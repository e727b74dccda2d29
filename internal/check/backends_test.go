package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/backend"
)

func TestBackendFilesAreLookedAt(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ours", "edited", "none", "foreign"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	text := "version: 1\nclusters:\n  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: s}}\nenvironments:\n"
	for _, name := range []string{"ours", "edited", "none", "foreign", "away"} {
		text += "  " + name + ": {guests: {tags: [" + name + "]}, terraform_state: {store: minio, bucket: tfstate-" + name + ", directory: " + name + "}}\n"
	}
	text += "stores:\n  minio: {kind: minio, endpoint: \"https://minio.example:9000\", access_key_file: a, secret_key_file: b}\n"
	file, err := config.LoadBytes(filepath.Join(folder, "config.yml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	declared, _ := file.Store("minio")
	for _, environment := range file.Environments {
		rendered := backend.Render(environment.Name, backend.Settings(declared, *environment.TerraformState))
		switch environment.Name {
		case "ours":
			write("ours/backend.tf", rendered)
		case "edited":
			write("edited/backend.tf", strings.Replace(rendered, "use_lockfile                = true", "use_lockfile                = false", 1))
		case "foreign":
			write("foreign/backend.tf", "terraform {}\n")
		}
	}
	f := &storeFacts{store: declared}
	f.files, f.filesErr = backend.Look(file, nil)
	var lines []string
	for _, finding := range f.checkBackends() {
		lines = append(lines, string(finding.Level)+" "+finding.What)
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"ok ours/backend.tf is as declared", "warning edited/backend.tf is not as declared", "info none/backend.tf is not there yet",
		"warning backend file foreign/backend.tf exists, was not made by this tool", "info there is no directory " + filepath.Join(folder, "away"),
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	if len(lines) != 5 {
		t.Errorf("%d findings:\n%s", len(lines), all)
	}
}
