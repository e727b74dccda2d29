package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// checkStorage makes sure that the state can be kept. To go on without it would only show after the next restart, when counters start
// anew and what the cluster has forgotten is lost.
func checkStorage(folder string) error {
	if folder == "" {
		return nil
	}
	info, err := os.Stat(folder)
	if err != nil {
		return storageError(folder, err)
	}
	if !info.IsDir() {
		return ui.Hint(fmt.Errorf("storage path %s: is not a folder", folder), "name a folder with --storage.path, where the state file is kept")
	}
	// Only writing tells: rights, read-only file systems and full disks all look the same before.
	probe, err := os.CreateTemp(folder, ".writable-*")
	if err != nil {
		return storageError(folder, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func storageError(folder string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err // the path is told already
	}
	err = fmt.Errorf("storage path %s: %w", folder, err)
	if errors.Is(err, fs.ErrNotExist) {
		return ui.Hint(err, "create it for the user that runs this: install -d -m 0700 -o USER %s; or name another folder with --storage.path", folder)
	}
	return ui.Hint(err, "let the user that runs this write there: chown USER %s; or name another folder with --storage.path", folder)
}
