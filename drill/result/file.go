package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// version is that of the file's form.
const version = 1

// maxFile bounds what is read: far above what 20,000 guests need.
const maxFile = 64 << 20

// Mode is that of the file: the exporter reads it, as another user than the one that drills.
const Mode = 0o644

// File is the content of the file.
type File struct {
	Version  int                         `json:"version"`
	Clusters map[string]map[string]Guest `json:"clusters"` // by name, then by qemu/100 or lxc/101
}

// New returns a file without results.
func New() File { return File{Version: version, Clusters: map[string]map[string]Guest{}} }

// ErrUnusable tells that a file is there that could not be understood.
var ErrUnusable = errors.New("results of drills cannot be used")

// Load reads a file. One that is not there is empty: nothing was drilled yet. The error wraps [ErrUnusable] for one that is corrupt or of a
// later version.
func Load(path string) (File, error) {
	empty := New()
	opened, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, fmt.Errorf("read the results of drills: %w", err)
	}
	defer func() { _ = opened.Close() }()
	data, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err != nil {
		return empty, fmt.Errorf("read the results of drills: %w", err)
	}
	if len(data) > maxFile {
		return empty, fmt.Errorf("%w: %s: larger than %d bytes", ErrUnusable, path, maxFile)
	}
	var read File
	if err := json.Unmarshal(data, &read); err != nil {
		return empty, fmt.Errorf("%w: %s: %w", ErrUnusable, path, err)
	}
	if read.Version != version {
		return empty, fmt.Errorf("%w: %s: version %d, this program knows version %d", ErrUnusable, path, read.Version, version)
	}
	if read.Clusters == nil {
		read.Clusters = empty.Clusters
	}
	return read, nil
}

// Add takes over a drill of a guest.
func (f *File) Add(cluster, guest string, drill Drill) {
	entry := f.of(cluster)[guest]
	entry.Add(drill)
	f.of(cluster)[guest] = entry
}

// Know returns what is known of a guest that has to be drilled, from now on if nothing was known before.
func (f *File) Know(cluster, guest string, now int64) Guest {
	entry := f.of(cluster)[guest]
	if entry.Since == 0 {
		entry.Since = now
		f.of(cluster)[guest] = entry
	}
	return entry
}

func (f *File) of(cluster string) map[string]Guest {
	guests := f.Clusters[cluster]
	if guests == nil {
		guests = map[string]Guest{}
		f.Clusters[cluster] = guests
	}
	return guests
}

// Save writes the file so that it is whole at every moment, on the disk when Save returns, and readable to everybody.
func (f *File) Save(path string) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write the results of drills: %w", err)
	}
	err = renameio.WriteFile(path, append(data, '\n'), Mode, renameio.WithTempDir(filepath.Dir(path)), renameio.IgnoreUmask())
	if err != nil {
		return fmt.Errorf("write the results of drills: %w", err)
	}
	return nil
}
