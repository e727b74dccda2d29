package backend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Files is the provider of backend files.
type Files struct{ File *config.File }

func (f Files) find(key plan.Key) (target, error) {
	for _, each := range targets(f.File, nil) {
		if each.key == key {
			return each, nil
		}
	}
	return target{}, fmt.Errorf("no environment declares %s", key.ID)
}

// Read reads a file.
func (f Files) Read(_ context.Context, key plan.Key) (apply.Object, error) {
	each, err := f.find(key)
	if err != nil {
		return apply.Object{}, err
	}
	current, digest, exists, err := inspect(each)
	return apply.Object{Current: current, Exists: exists, Digest: digest}, err
}

// Write writes a file so that it is whole at every moment. A new one takes the place of nothing, and a changed one only of what was read.
func (f Files) Write(_ context.Context, change plan.Change, seen apply.Object) error {
	each, err := f.find(change.Key)
	if err != nil {
		return err
	}
	content := []byte(Render(each.environment, each.settings))
	switch change.Action {
	case plan.Create:
		return create(each.path(), content)
	case plan.Delete:
		return fmt.Errorf("backend files are not removed: %s", change.ID)
	}
	if _, digest, exists, err := inspect(each); err != nil || !exists || digest != seen.Digest {
		return &apply.Conflict{Err: errors.Join(fmt.Errorf("%s was changed", each.path()), err)}
	}
	return writable(renameio.WriteFile(each.path(), content, mode, renameio.WithTempDir(each.folder)))
}

// mode lets those read it who read Terraform's other files: there is no secret in it.
const mode = 0o644

// create writes a file that must not be there.
func create(path string, content []byte) error {
	temporary, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(mode))
	if err != nil {
		return writable(err)
	}
	defer func() { _ = temporary.Cleanup() }()
	if _, err := temporary.Write(content); err != nil {
		return writable(err)
	}
	if err := temporary.Sync(); err != nil {
		return writable(err)
	}
	err = os.Link(temporary.Name(), path) // unlike a rename it never replaces anything
	if errors.Is(err, fs.ErrExist) {
		return &apply.Conflict{Err: fmt.Errorf("%s was made meanwhile", path)}
	}
	return writable(err)
}

func writable(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return ui.Hint(err, "let the user that runs this write into that directory")
	}
	return err
}
