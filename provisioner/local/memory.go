package local

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// version is that of the file's form.
const version = 1

// keyBytes is the length of the random key of the hashes.
const keyBytes = 32

// fileName is the name of the memory inside the storage path.
const fileName = "provision.json"

// ErrUnusable tells that a memory file could not be understood. The next [Memory.Save] renames it and writes a new one.
var ErrUnusable = errors.New("memory of provision cannot be used")

// Comparison is what is known of a declared secret.
type Comparison int

// A secret that was never sent from this machine is unknown: nobody can read it back to compare.
const (
	Unknown Comparison = iota
	Same
	Changed
)

// Memory is what earlier runs on this machine left. It is not safe for concurrent use; a [Lock] keeps other processes away.
type Memory struct {
	dir      string
	unusable bool
	content  content
}

// content is the form of the file.
type content struct {
	Version int               `json:"version"`
	Key     string            `json:"key"` // of the hashes, in hexadecimal
	Objects map[string]object `json:"objects"`
}

// object is what is known of one object, by "scope/kind/id".
type object struct {
	Known   bool              `json:"known,omitempty"`
	Notes   map[string]string `json:"notes,omitempty"`   // what is no secret, by name
	Secrets map[string]string `json:"secrets,omitempty"` // HMAC-SHA256 in hexadecimal, by parameter
}

// Load reads the memory in a folder. A missing file, or folder, is no error. The returned memory is usable in every case: it is empty beside an
// error, which wraps [ErrUnusable] for a file that is corrupt or of another version.
func Load(dir string) (*Memory, error) {
	memory := &Memory{dir: dir, content: fresh()}
	data, err := os.ReadFile(memory.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return memory, nil
	}
	if err != nil {
		return memory, fmt.Errorf("read the memory of provision: %w", err)
	}
	if err := memory.decode(data); err != nil {
		memory.unusable, memory.content = true, fresh()
		return memory, fmt.Errorf("%w: %s: %w", ErrUnusable, memory.Path(), err)
	}
	return memory, nil
}

func fresh() content {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // it never fails
	return content{Version: version, Key: hex.EncodeToString(key), Objects: map[string]object{}}
}

func (m *Memory) decode(data []byte) error {
	var read content
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	if read.Version != version {
		return fmt.Errorf("version %d, this program knows version %d", read.Version, version)
	}
	if key, err := hex.DecodeString(read.Key); err != nil || len(key) != keyBytes {
		return errors.New("no key")
	}
	if read.Objects == nil {
		read.Objects = map[string]object{}
	}
	m.content = read
	return nil
}

// Path is the path of the memory's file.
func (m *Memory) Path() string { return filepath.Join(m.dir, fileName) }

// Save writes the memory so that the file is whole at every moment, readable to its owner alone. One that could not be used is renamed first.
func (m *Memory) Save() error {
	data, err := json.MarshalIndent(m.content, "", "  ")
	if err != nil {
		return fmt.Errorf("write the memory of provision: %w", err)
	}
	if m.unusable {
		if err := os.Rename(m.Path(), m.Path()+".unusable"); err != nil {
			return folderError(m.dir, err)
		}
		m.unusable = false
	}
	if err := renameio.WriteFile(m.Path(), append(data, '\n'), 0o600, renameio.WithTempDir(m.dir)); err != nil {
		return folderError(m.dir, err)
	}
	return nil
}

// Known reports whether provisioning made an object, or took it over.
func (m *Memory) Known(key plan.Key) bool { return m.content.Objects[name(key)].Known }

// SetKnown remembers whether it did.
func (m *Memory) SetKnown(key plan.Key, known bool) {
	entry := m.content.Objects[name(key)]
	entry.Known = known
	if !known {
		entry.Secrets = nil
	}
	m.content.Objects[name(key)] = entry
}

// Note returns what was noted about an object under a name; empty for nothing.
func (m *Memory) Note(key plan.Key, about string) string {
	return m.content.Objects[name(key)].Notes[about]
}

// SetNote notes something about an object. It must be no secret.
func (m *Memory) SetNote(key plan.Key, about, text string) {
	entry := m.content.Objects[name(key)]
	if entry.Notes == nil {
		entry.Notes = map[string]string{}
	}
	entry.Notes[about] = text
	m.content.Objects[name(key)] = entry
}

// Compare tells whether a secret is the one that was remembered last for a parameter of an object.
func (m *Memory) Compare(key plan.Key, parameter, secret string) Comparison {
	kept, found := m.content.Objects[name(key)].Secrets[parameter]
	switch {
	case !found:
		return Unknown
	case hmac.Equal([]byte(kept), []byte(m.hash(key, parameter, secret))):
		return Same
	default:
		return Changed
	}
}

// Remember keeps the hash of a secret.
func (m *Memory) Remember(key plan.Key, parameter, secret string) {
	entry := m.content.Objects[name(key)]
	if entry.Secrets == nil {
		entry.Secrets = map[string]string{}
	}
	entry.Secrets[parameter] = m.hash(key, parameter, secret)
	m.content.Objects[name(key)] = entry
}

// hash binds a secret to its place, so that equal secrets of two objects cannot be told to be equal.
func (m *Memory) hash(key plan.Key, parameter, secret string) string {
	random, _ := hex.DecodeString(m.content.Key)
	sum := hmac.New(sha256.New, random)
	for _, part := range []string{name(key), parameter, secret} {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func name(key plan.Key) string { return key.Scope + "/" + string(key.Kind) + "/" + key.ID }
