package provisioner

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func (w *warehouse) dump(name string) (string, error) {
	w.t.Helper()
	var printed, said bytes.Buffer
	err := DumpStore(w.t.Context(), DumpOptions{ConfigFile: filepath.Join(w.folder, "config.yml"), Store: name, Root: w.folder, Data: &printed, Talk: &said})
	return printed.String(), err
}

func TestWhatIsDumpedOfAStoreNeedsNoChange(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", strings.ReplaceAll(threeEnvironments, "bucket: tfstate-lab", "bucket: tfstate-lab, versions: {keep: 3, days: 7}"))
	w.mustRun(nil)
	all := w.everything()
	for _, bucket := range []string{"tfstate-prod", "tfstate-lab", "tfstate-monitoring"} {
		all.Put(t, bucket, "terraform.tfstate", "{}")
		all.Put(t, bucket, "terraform.tfstate.tflock", "{}")
	}
	all.MakeBucket(t, "by-hand", false)
	all.Put(t, "by-hand", "network/terraform.tfstate", "{}")
	all.Put(t, "by-hand", "notes.txt", "none")
	all.MakeBucket(t, "pictures", false)
	// Somebody else begins with an empty file.
	w.declareStore("minio", "  nobody: {guests: {pools: [nobody]}}")
	w.seen()
	text, err := w.dump("depot")
	if err != nil {
		t.Fatal(err)
	}
	w.wroteNothing()
	for _, want := range []string{
		"# Bucket pictures holds no state.", "# versioning is off: provisioning would switch it on", "  by-hand-network:\n", "versions:\n        keep: 3\n        days: 7\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var dumped struct {
		Environments map[string]map[string]any
	}
	if err := yaml.Unmarshal([]byte(text), &dumped); err != nil || len(dumped.Environments) != 4 {
		t.Fatalf("%v\n%s", err, text)
	}
	delete(dumped.Environments, "by-hand-network")
	for name, environment := range dumped.Environments {
		environment["guests"] = map[string]any{"pools": []string{name}}
	}
	environments, err := yaml.Marshal(dumped.Environments)
	if err != nil {
		t.Fatal(err)
	}
	w.declareStore("minio", "  "+strings.ReplaceAll(strings.TrimSpace(string(environments)), "\n", "\n  "))
	w.mustRun(dryRun)
	w.says("No changes. Everything is as declared.")
}

func TestAStoreThatTheFileDoesNotHave(t *testing.T) {
	b := onFiles(t)
	w := &warehouse{bench: b}
	_, err := w.dump("deport")
	if err == nil || !strings.Contains(strings.Join(ui.Hints(err), ""), "--store=depot") {
		t.Errorf("%v %q", err, ui.Hints(err))
	}
}
