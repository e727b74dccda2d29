package result

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
)

func TestResultsAreFoundByTheNextRunAndByTheExporter(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	file, err := Load(path)
	if err != nil {
		t.Fatal("a file that is not there is no error:", err)
	}
	good := Drill{Start: 100, End: 400, Verdict: Success, Proof: plan.Agent, Stages: []Timing{{Prepare, 5}, {Restore, 90}, {Start, 2.5}, {Prove, 30}, {Remove, 9}}}
	file.Add("home", "qemu/101", good)
	file.Add("home", "qemu/101", Drill{Start: 500, End: 600, Verdict: Failed, Proof: plan.Agent, Stage: Restore, Reason: "no"})
	file.Add("home", "qemu/101", Drill{Start: 700, End: 800, Verdict: Inconclusive, Stage: Prepare, Reason: "no room"})
	if err := file.Save(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != Mode {
		t.Errorf("mode %v, %v: the exporter reads it as another user", info.Mode(), err)
	}
	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	guest := again.Clusters["home"]["qemu/101"]
	if guest.Tried.End != 800 || guest.Last.End != 600 || guest.Success.End != 400 {
		t.Errorf("got %+v, %+v, %+v", guest.Tried, guest.Last, guest.Success)
	}
	if took := guest.Success.Restored(); took != 122500*time.Millisecond {
		t.Errorf("restored in %s: neither the search nor the removal is part of it", took)
	}
}

func TestFilesThatCannotBeUsedAreToldOf(t *testing.T) {
	for name, content := range map[string]string{"cut": `{"version":1,"clus`, "later": `{"version":2}`, "empty": "", "other": `[]`} {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Load(path)
		if !errors.Is(err, ErrUnusable) || file.Clusters == nil {
			t.Errorf("%s: got %+v, %v", name, file, err)
		}
	}
}
