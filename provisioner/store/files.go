package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// lookAtFiles tells which files of an access key exist. A name without a secret is a wish for a key of that name; a secret without a name is nothing.
func lookAtFiles(key config.AccessKey) (AccessKey, error) {
	var found AccessKey
	for file, exists := range map[config.SecretFile]*bool{key.AccessKeyFile: &found.NameFile, key.SecretKeyFile: &found.SecretFile} {
		switch _, err := os.Stat(file.Resolve()); {
		case err == nil:
			*exists = true
		case !errors.Is(err, fs.ErrNotExist):
			return AccessKey{}, fmt.Errorf("%s: %w", file.Position(), err)
		}
	}
	for _, file := range []config.SecretFile{key.AccessKeyFile, key.SecretKeyFile} {
		folder := filepath.Dir(file.Resolve())
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return AccessKey{}, ui.Hint(fmt.Errorf("%s: there is no folder %s for the access key's files", file.Position(), folder), "create it: mkdir -p %s", folder)
		}
	}
	if found.SecretFile && !found.NameFile {
		return AccessKey{}, ui.Hint(fmt.Errorf("%s: there is a secret in %s, and no name in %s", key.AccessKeyFile.Position(), key.SecretKeyFile.Name(), key.AccessKeyFile.Name()),
			"write the access key's name there; or move the secret away, and a new key is made")
	}
	return found, nil
}

// keyName is the name of an environment's access key: as its file says, else the one that provisioning would choose.
func keyName(key config.AccessKey, written bool, owner, environment string) (string, error) {
	if !written {
		return newName(owner, environment), nil
	}
	name, err := key.AccessKeyFile.Read()
	return name.Reveal(), err
}

// newName is the name of the access keys that provisioning makes: always the same, so that a key whose files were lost is noticed.
func newName(owner, environment string) string {
	if owner != "" {
		environment = owner + "-" + environment
	}
	return "terraform-" + environment
}

// newSecret is a secret with more than 128 random bits.
func newSecret() string { return rand.Text() + rand.Text()[:14] }

// writeNew writes a secret into a file that must not exist, readable to its owner alone, and returns when the disk has it: a key whose secret is lost
// could never be used, and never be told again. The file is whole or not there.
func writeNew(path, secret string) (err error) {
	folder := filepath.Dir(path)
	temporary, err := os.CreateTemp(folder, ".new-*") // mode 0600
	if err != nil {
		return ui.Hint(fmt.Errorf("write %s: %w", path, err), "let the user that runs this write into its folder")
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.WriteString(secret + "\n")
	if err == nil {
		err = temporary.Sync()
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Link(temporary.Name(), path); err != nil { // unlike a rename it never replaces anything
		return fmt.Errorf("write %s: %w", path, err)
	}
	directory, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return errors.Join(directory.Sync(), directory.Close())
}
