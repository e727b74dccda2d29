package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

const secret = "canary-5ec2e7"

var storage = plan.Key{Scope: "home", Kind: plan.Storage, ID: "pbs"}

func load(t *testing.T, dir string) *Memory {
	t.Helper()
	memory, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return memory
}

func TestWhatWasRememberedIsFoundByTheNextRun(t *testing.T) {
	dir := t.TempDir()
	first := load(t, dir)
	if first.Known(storage) || first.Compare(storage, "password", secret) != Unknown {
		t.Error("an empty memory must know nothing")
	}
	first.SetKnown(storage, true)
	first.Remember(storage, "password", secret)
	if err := first.Save(); err != nil {
		t.Fatal(err)
	}
	next := load(t, dir)
	if !next.Known(storage) {
		t.Error("the storage is forgotten")
	}
	other := plan.Key{Scope: "office", Kind: plan.Storage, ID: "pbs"}
	for _, c := range []struct {
		key       plan.Key
		parameter string
		secret    string
		want      Comparison
	}{
		{storage, "password", secret, Same},
		{storage, "password", secret + "x", Changed},
		{storage, "encryption-key", secret, Unknown},
		{other, "password", secret, Unknown},
	} {
		if got := next.Compare(c.key, c.parameter, c.secret); got != c.want {
			t.Errorf("%s %s: got %d, want %d", c.key.Scope, c.parameter, got, c.want)
		}
	}
}

func TestTheFileHoldsNoSecretAndIsNobodyElses(t *testing.T) {
	dir := t.TempDir()
	memory := load(t, dir)
	memory.Remember(storage, "password", secret)
	other := plan.Key{Scope: "home", Kind: plan.Storage, ID: "other"}
	memory.Remember(other, "password", secret)
	if err := memory.Save(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(memory.Path())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), secret) {
		t.Error("the secret is in the file")
	}
	if kept := memory.content.Objects; kept["home/storage/pbs"].Secrets["password"] == kept["home/storage/other"].Secrets["password"] {
		t.Error("that two storages have the same password shows")
	}
	info, err := os.Stat(memory.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v, want one file", entries, err)
	}
}

func TestForgettingAStorageForgetsItsSecrets(t *testing.T) {
	memory := load(t, t.TempDir())
	memory.SetKnown(storage, true)
	memory.Remember(storage, "password", secret)
	memory.SetKnown(storage, false)
	if memory.Known(storage) || memory.Compare(storage, "password", secret) != Unknown {
		t.Error("still known")
	}
}

func TestAFileThatCannotBeUsedIsKeptAside(t *testing.T) {
	for name, text := range map[string]string{
		"empty":         "",
		"cut":           `{"version": 1, "key": "00`,
		"newer version": `{"version": 2}`,
		"no key":        `{"version": 1, "objects": {}}`,
		"short key":     `{"version": 1, "key": "00", "objects": {}}`,
		"another form":  `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			memory, err := Load(dir)
			if !errors.Is(err, ErrUnusable) || !strings.Contains(err.Error(), path) {
				t.Fatalf("got %v", err)
			}
			if kept, err := os.ReadFile(path); err != nil || string(kept) != text {
				t.Errorf("reading changed the file: %q, %v", kept, err)
			}
			memory.Remember(storage, "password", secret)
			if err := memory.Save(); err != nil {
				t.Fatal(err)
			}
			if kept, err := os.ReadFile(path + ".unusable"); err != nil || string(kept) != text {
				t.Errorf("it was not kept aside: %q, %v", kept, err)
			}
			if load(t, dir).Compare(storage, "password", secret) != Same {
				t.Error("the new one does not remember")
			}
		})
	}
}

func TestAMemoryWithoutAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	memory := load(t, dir)
	err := memory.Save()
	if err == nil || !strings.Contains(err.Error(), dir) || len(ui.Hints(err)) == 0 {
		t.Errorf("got %v", err)
	}
}

func TestOnlyOneRunAtATime(t *testing.T) {
	dir := t.TempDir()
	first, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Acquire(dir)
	if !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "process ") || len(ui.Hints(err)) == 0 {
		t.Errorf("got %v", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	next, err := Acquire(dir)
	if err != nil {
		t.Fatalf("a lock that was released: %v", err)
	}
	if err := next.Release(); err != nil {
		t.Error(err)
	}
}

func TestNoPlaceForTheLock(t *testing.T) {
	for _, dir := range []string{"", filepath.Join(t.TempDir(), "gone")} {
		if _, err := Acquire(dir); err == nil || len(ui.Hints(err)) == 0 {
			t.Errorf("%q: got %v, want an error with a hint", dir, err)
		}
	}
}
