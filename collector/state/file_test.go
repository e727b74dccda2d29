package state

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

func sample() *Cluster {
	memory := New()
	memory.Started, memory.LastComplete, memory.Settled = 1000, 2000, true
	guest := &Guest{FirstSeen: 1000, VMID: 100, Type: "qemu", Node: "pve1", HomeNode: "pve1"}
	target := guest.Target("nas")
	target.Success = &Success{Start: 1500, End: 1600, Task: "UPID:x", ArchiveBytes: optional.Some(int64(0))}
	target.Due = 9000
	memory.Guests["qemu/100"] = guest
	memory.Node("pve1").Cursor = 1500
	return memory
}

func TestWhatWasPutIsFoundAfterARestart(t *testing.T) {
	dir := t.TempDir()
	keeper, err := NewKeeper(Open(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Put("home", sample()); err != nil {
		t.Fatal(err)
	}
	again, err := NewKeeper(Open(dir))
	if err != nil {
		t.Fatal(err)
	}
	memory, err := again.Cluster("home")
	if err != nil {
		t.Fatal(err)
	}
	target := memory.Guests["qemu/100"].Targets["nas"]
	if target == nil || target.Success == nil || target.Success.End != 1600 || target.Due != 9000 {
		t.Fatalf("the result of the backup is lost: %+v", target)
	}
	if size, known := target.Success.ArchiveBytes.Get(); !known || size != 0 {
		t.Errorf("a known size of 0 must stay known, got %d, %t", size, known)
	}
	if target.Success.Duration.Known() {
		t.Error("an unknown duration must stay unknown")
	}
	if memory.Nodes["pve1"].Cursor != 1500 {
		t.Errorf("cursor: got %d, want 1500", memory.Nodes["pve1"].Cursor)
	}
}

func TestClustersDoNotOverwriteEachOther(t *testing.T) {
	dir := t.TempDir()
	keeper, err := NewKeeper(Open(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"home", "office"} {
		if err := keeper.Put(name, sample()); err != nil {
			t.Fatal(err)
		}
	}
	keeper.Forget([]string{"office"})
	if err := keeper.Put("office", sample()); err != nil {
		t.Fatal(err)
	}
	again, err := NewKeeper(Open(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"home": 0, "office": 1} {
		memory, err := again.Cluster(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(memory.Guests); got != want {
			t.Errorf("%s: got %d guests, want %d", name, got, want)
		}
	}
}

func TestUnusableFilesAreSetAside(t *testing.T) {
	good, err := Encode(map[string]json.RawMessage{"home": json.RawMessage(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":         "",
		"binary":        "\x00\x01\x02\n\xff",
		"cut":           string(good[:len(good)-3]),
		"changed":       strings.Replace(string(good), "home", "hame", 1),
		"newer version": strings.Replace(string(good), `"version":1`, `"version":2`, 1),
		"no clusters":   "{}\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			keeper, err := NewKeeper(Open(dir))
			if !errors.Is(err, ErrSetAside) {
				t.Fatalf("got error %v, want one that tells of the file set aside", err)
			}
			kept, err := os.ReadFile(path + ".unusable")
			if err != nil || string(kept) != content {
				t.Errorf("the file set aside must hold what the file held: %q, %v", kept, err)
			}
			if err := keeper.Put("home", sample()); err != nil {
				t.Errorf("the keeper must go on: %v", err)
			}
		})
	}
}

func TestAFolderThatIsGoneIsAnError(t *testing.T) {
	keeper, err := NewKeeper(Open(filepath.Join(t.TempDir(), "gone")))
	if err != nil {
		t.Fatalf("a missing file is no error, got %v", err)
	}
	if err := keeper.Put("home", sample()); err == nil {
		t.Error("a state that could not be written must be told of")
	}
}

func TestNothingIsKeptWithoutAFolder(t *testing.T) {
	keeper, err := NewKeeper(Open(""))
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Put("home", sample()); err != nil {
		t.Fatal(err)
	}
	memory, err := keeper.Cluster("home")
	if err != nil || len(memory.Guests) != 1 {
		t.Errorf("a reload must find the memory all the same: %v, %v", memory, err)
	}
}

func TestAWriteLeavesNoOtherFiles(t *testing.T) {
	dir := t.TempDir()
	keeper, err := NewKeeper(Open(dir))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := keeper.Put("home", sample()); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != fileName {
		t.Errorf("got %v, want only %s", entries, fileName)
	}
}

func FuzzDecode(f *testing.F) {
	raw, err := json.Marshal(sample())
	if err != nil {
		f.Fatal(err)
	}
	good, err := Encode(map[string]json.RawMessage{"home": raw})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("{}\n"))
	f.Add([]byte("{\"version\":1,\"sha256\":\"\",\"bytes\":0}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		clusters, err := Decode(data)
		if err != nil {
			return
		}
		back, err := Encode(clusters)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if _, err := Decode(back); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

func FuzzCluster(f *testing.F) {
	raw, err := json.Marshal(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"guests":{"qemu/100":null},"nodes":{"pve1":null},"jobs":{"a":null}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keeper := &Keeper{file: Open(""), clusters: map[string]json.RawMessage{"home": data}}
		memory, err := keeper.Cluster("home")
		if memory == nil {
			t.Fatalf("no memory at all, %v", err)
		}
		for id, guest := range memory.Guests {
			guest.Target("nas") // must be usable
			if guest.Targets["nas"] == nil {
				t.Errorf("%s: a target that was asked for is not there", id)
			}
		}
		memory.Node("pve1").Folded["UPID"] = 1
	})
}
