// Package sharedtest finds the recordings of a real Proxmox VE that lie beside a checkout, for tests that compare with them.
//
// They are not part of the project: a test that wants them skips where they are absent, and the project's own golden data stands in.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder of the recordings, or skips the test where there is none.
func Dir(t testing.TB) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(root)
		if parent == root {
			t.Fatal("no go.mod above the test's folder")
		}
		root = parent
	}
	dir := filepath.Join(filepath.Dir(root), "shared", "pve")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the recordings of a real Proxmox VE are not beside this checkout (%s): skipping the comparison with them", filepath.Join("..", "shared", "pve"))
	}
	return dir
}
