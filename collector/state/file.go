package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Version is the version of the file's form. A file of another version is set aside, never overwritten.
const Version = 1

// fileName is the name of the state file inside the storage path.
const fileName = "state.json"

// maxFileSize bounds what is read at the start: far above what 20,000 guests need.
const maxFileSize = 1 << 30

// ErrSetAside tells that a state file could not be used and was renamed. The exporter goes on without memory: nothing is lost that the
// cluster still knows.
var ErrSetAside = errors.New("state file set aside")

// header is the first line of the file: it proves that the rest is whole.
type header struct {
	Version  int    `json:"version"`
	Checksum string `json:"sha256"`
	Size     int    `json:"bytes"`
}

// body is the rest of the file. Clusters are decoded one by one, when they are asked for.
type body struct {
	Clusters map[string]json.RawMessage `json:"clusters"`
}

// File keeps the memory of all clusters in one folder. A File without a folder keeps nothing.
type File struct{ dir string }

// Open returns the file in dir, which must exist; an empty dir keeps nothing.
func Open(dir string) *File { return &File{dir: dir} }

// Path returns where the state is kept, or an empty string.
func (f *File) Path() string {
	if f.dir == "" {
		return ""
	}
	return filepath.Join(f.dir, fileName)
}

// Load reads the memory of all clusters. A missing file is no error. One that is corrupt, cut or of another version is renamed, and the
// error, which then wraps [ErrSetAside], tells where to: the returned map is empty and usable in every case.
func (f *File) Load() (map[string]json.RawMessage, error) {
	empty := map[string]json.RawMessage{}
	if f.dir == "" {
		return empty, nil
	}
	data, err := readBounded(f.Path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return empty, nil
	case errors.Is(err, fs.ErrPermission):
		return empty, fmt.Errorf("read state: %w", err)
	case err != nil:
		return empty, f.setAside(err)
	}
	clusters, err := Decode(data)
	if err != nil {
		return empty, f.setAside(err)
	}
	return clusters, nil
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFileSize {
		return nil, fmt.Errorf("%d bytes are more than a state file has", info.Size())
	}
	return os.ReadFile(path)
}

func (f *File) setAside(cause error) error {
	aside := f.Path() + ".unusable"
	if err := os.Rename(f.Path(), aside); err != nil {
		return fmt.Errorf("%w: %w; it could not be renamed: %w", ErrSetAside, cause, err)
	}
	return fmt.Errorf("%w as %s: %w", ErrSetAside, aside, cause)
}

// Save writes the memory of all clusters so that the file is whole at every moment: a crash leaves the old one or the new one.
func (f *File) Save(clusters map[string]json.RawMessage) error {
	if f.dir == "" {
		return nil
	}
	data, err := Encode(clusters)
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := renameio.WriteFile(f.Path(), data, 0o600, renameio.WithTempDir(f.dir)); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return syncFolder(f.dir)
}

// syncFolder makes the rename itself survive a power cut.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Encode returns the file's content.
func Encode(clusters map[string]json.RawMessage) ([]byte, error) {
	rest, err := json.Marshal(body{Clusters: clusters})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(rest)
	first, err := json.Marshal(header{Version: Version, Checksum: hex.EncodeToString(sum[:]), Size: len(rest)})
	if err != nil {
		return nil, err
	}
	return append(append(first, '\n'), rest...), nil
}

// Decode reads what [Encode] wrote. It refuses anything else as a whole.
func Decode(data []byte) (map[string]json.RawMessage, error) {
	first, rest, found := bytes.Cut(data, []byte{'\n'})
	if !found {
		return nil, errors.New("no header line")
	}
	var head header
	if err := json.Unmarshal(first, &head); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if head.Version != Version {
		return nil, fmt.Errorf("version %d, this program knows version %d", head.Version, Version)
	}
	if head.Size != len(rest) {
		return nil, fmt.Errorf("%d bytes where the header says %d", len(rest), head.Size)
	}
	if sum := sha256.Sum256(rest); hex.EncodeToString(sum[:]) != head.Checksum {
		return nil, errors.New("checksum differs")
	}
	var content body
	if err := json.Unmarshal(rest, &content); err != nil {
		return nil, fmt.Errorf("content: %w", err)
	}
	if content.Clusters == nil {
		content.Clusters = map[string]json.RawMessage{}
	}
	return content.Clusters, nil
}
