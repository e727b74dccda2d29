package testprogram

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Path returns the path of a program that `make tools` has built, by the name of its command, such as "promtool". Where there is none the
// test skips: a program of that name which happens to be installed would be of another version.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Root(t), "bin", "tools", name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not built (make tools)", name)
	} else if err != nil {
		t.Fatal(err)
	}
	return path
}

// Root returns the folder of the project, which holds go.mod.
func Root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("no go.mod above the test's folder")
		}
		folder = above
	}
}

// Exporter builds the product and returns the path of its binary.
func Exporter(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pve-backup-exporter")
	compiler := "go"
	if other := os.Getenv("GO"); other != "" { // as make has it
		compiler = other
	}
	build := exec.CommandContext(t.Context(), compiler, "build", "-o", path, "./cmd/pve-backup-exporter")
	build.Dir = Root(t)
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the exporter: %v\n%s", err, said)
	}
	return path
}

// Run runs a program to its end and returns what it said. The test fails unless it ends well.
func Run(t testing.TB, path string, arguments ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), path, arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %q: %v\n%s", filepath.Base(path), arguments, err, said)
	}
	return string(said)
}
