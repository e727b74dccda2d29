package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// credentialsVariable is where systemd tells a service the folder of its credentials (LoadCredential=, SetCredential=).
const credentialsVariable = "CREDENTIALS_DIRECTORY"

// Path names a file in the declared file. The zero Path names none.
type Path struct {
	name   string
	folder string // of the declared file
	at     Position
}

// Name is the path as it is written. It is empty when there is none.
func (p Path) Name() string { return p.name }

// Position is where the declared file names it.
func (p Path) Position() Position { return p.at }

// IsZero reports that no file is named.
func (p Path) IsZero() bool { return p.name == "" }

// Resolve finds the file: an absolute path as it is; a bare name in the folder of the service's systemd credentials, if it is there; anything
// else from the folder of the declared file on. A named file that does not exist is not an error here.
func (p Path) Resolve() string {
	if p.name == "" || filepath.IsAbs(p.name) {
		return p.name
	}
	if credential, ok := credential(p.name); ok {
		return credential
	}
	return filepath.Join(p.folder, p.name)
}

// credential finds a systemd credential by its name.
func credential(name string) (string, bool) {
	folder := os.Getenv(credentialsVariable)
	if folder == "" || filepath.Base(name) != name {
		return "", false
	}
	path := filepath.Join(folder, name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) { //nolint:gosec // the folder is systemd's own, and the name is a bare one
		return "", false
	}
	return path, true
}

// MarshalText gives the path as it is written.
func (p Path) MarshalText() ([]byte, error) { return []byte(p.name), nil }
