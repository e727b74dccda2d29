package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// lockName is the name of the lock file inside the storage path. It stays where it is: the lock is on it, not in it.
const lockName = "drill.lock"

// ErrBusy tells that another drill holds the lock.
var ErrBusy = errors.New("another drill is at work")

// Lock keeps other drills on this machine away until it is released. It ends with the process, too.
type Lock struct{ file *os.File }

// Acquire takes the lock of a folder, which must exist and be writable. It does not wait: the error wraps [ErrBusy] while another process,
// which it names, holds the lock.
func Acquire(dir string) (*Lock, error) {
	if dir == "" {
		return nil, ui.Hint(errors.New("no storage path"), "name a folder with --storage.path: drills keep their lock, journal and results there")
	}
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, folderError(dir, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer func() { _ = file.Close() }()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ui.Hint(fmt.Errorf("%w%s: it holds %s", ErrBusy, holder(file), file.Name()), "wait until it has ended, then run this again")
		}
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	// Whose lock it is only serves the message above.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return &Lock{file: file}, nil
}

// Release lets the next drill begin.
func (l *Lock) Release() error { return l.file.Close() }

// holder names the process that wrote its number into a lock file.
func holder(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 20))
	number := strings.TrimSpace(string(text))
	if err != nil || number == "" || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return " (process " + number + ")"
}

func folderError(dir string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err // the path is told already
	}
	err = fmt.Errorf("storage path %s: %w", dir, err)
	if errors.Is(err, fs.ErrNotExist) {
		return ui.Hint(err, "create it for the user that runs this: install -d -m 0755 -o USER %s; or name another folder with --storage.path", dir)
	}
	return ui.Hint(err, "let the user that runs this write there: chown USER %s; or name another folder with --storage.path", dir)
}
