package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestSecretsAreWrittenOnce(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "lab.secret")
	if err := writeNew(path, "one"); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(path, "two"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v", err)
	}
	content, err := os.ReadFile(path)
	info, _ := os.Stat(path)
	if err != nil || string(content) != "one\n" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v, %v", content, info.Mode(), err)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("beside it there are %v", entries)
	}
	if err := writeNew(filepath.Join(folder, "nowhere", "lab.secret"), "one"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a folder: %v", err)
	}
}

func TestSecretsDiffer(t *testing.T) {
	if one, two := newSecret(), newSecret(); one == two || len(one) != 40 {
		t.Errorf("%q, %q", one, two)
	}
}
