package mixingen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/mixingen"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
)

func TestCommittedFilesAreUpToDate(t *testing.T) {
	t.Parallel()
	files, err := mixingen.Files(mixin.Default(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		committed, err := os.ReadFile(filepath.Join("../..", file.Path))
		if err != nil || !bytes.Equal(committed, file.Content) {
			t.Errorf("%s is out of date: run make generate (%v)", file.Path, err)
		}
	}
}

func TestFilesAreReplaced(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for _, content := range []string{"long before", "after"} {
		if err := mixingen.Write(dir, []mixingen.File{{Path: "a/b.yml", Content: []byte(content)}}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "a", "b.yml"))
	if err != nil || string(got) != "after" {
		t.Errorf("got %q, %v", got, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "a")); err != nil || len(left) != 1 {
		t.Errorf("other files were left behind: %v, %v", left, err)
	}
}

func TestSettingsFileWithTroubles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mixin.yml")
	if err := os.WriteFile(file, []byte("alerts: {BackupStorageFull: {above: 2, severity: loud}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := mixingen.Load(file)
	if err == nil {
		t.Fatal("no error")
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		if !strings.HasPrefix(line, file+": alerts.BackupStorageFull.") {
			t.Errorf("%q does not say where", line)
		}
	}
	if len(ui.Hints(err)) != 1 {
		t.Errorf("hints: %v", ui.Hints(err))
	}
}
