package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

var update = flag.Bool("update", false, "rewrite the expected texts")

// TestBadFiles compares what users see of each bad file, word by word.
func TestBadFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yml")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d bad files, error %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yml"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = config.LoadBytes(filepath.Base(path), data)
			if err == nil {
				t.Fatal("it was accepted")
			}
			checkProblems(t, err)
			var got strings.Builder
			ui.PrintError(&got, "pve-backup-exporter", err)
			if strings.Contains(got.String(), "canary-hunter2") || strings.Contains(got.String(), "cafe") {
				t.Errorf("the text shows a secret:\n%s", got.String())
			}
			golden := strings.TrimSuffix(path, ".yml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
			}
		})
	}
}

// checkProblems asserts what holds for every bad file: each problem is told once, with a place and a hint.
func checkProblems(t *testing.T, err error) {
	t.Helper()
	each := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		each = joined.Unwrap()
	}
	seen := map[string]bool{}
	for _, one := range each {
		if hints := ui.Hints(one); len(hints) != 1 || hints[0] == "" {
			t.Errorf("%v: hints %q, want one", one, hints)
		}
		if seen[one.Error()] {
			t.Errorf("told twice: %v", one)
		}
		seen[one.Error()] = true
		var problem *config.Problem
		if errors.As(one, &problem) && problem.Position.File == "" {
			t.Errorf("%v: no file in its position", one)
		}
	}
}
