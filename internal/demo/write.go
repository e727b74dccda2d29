package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// write puts a declaration and its files beside each other: where path says, or into a temporary folder, which remove deletes. It
// overwrites only what a demo wrote.
func write(path string, what declaration, drills result.File) (written string, remove func() error, err error) {
	remove = func() error { return nil }
	if path == "" {
		folder, err := os.MkdirTemp("", "pve-backup-exporter-demo-*")
		if err != nil {
			return "", nil, fmt.Errorf("demo: %w", err)
		}
		path, remove = filepath.Join(folder, "config.yml"), func() error { return os.RemoveAll(folder) }
	}
	if err := overwritable(path); err != nil {
		return "", nil, err
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("demo: %w", err), remove())
	}
	if err := drills.Save(filepath.Join(folder, result.FileName)); err != nil {
		return "", nil, errors.Join(fmt.Errorf("demo: %w", err), remove())
	}
	for name, content := range what.files {
		if err := put(filepath.Join(filepath.Dir(path), name), content); err != nil {
			return "", nil, errors.Join(err, remove())
		}
	}
	if err := put(path, strings.ReplaceAll(what.text, here, folder)); err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return path, remove, nil
}

func put(path, content string) error {
	if err := renameio.WriteFile(path, []byte(content), 0o600); err != nil {
		return ui.Hint(fmt.Errorf("demo: write %s: %w", path, err), "--config.out names a file in a folder that exists and can be written")
	}
	return nil
}

// overwritable reports whether nothing is lost by writing to a path.
func overwritable(path string) error {
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("demo: %w", err)
	case !strings.HasPrefix(string(content), head):
		return ui.Hint(fmt.Errorf("demo: %s exists and was not written by a demo", path), "choose another file for --config.out")
	default:
		return nil
	}
}
