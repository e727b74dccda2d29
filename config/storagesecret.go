package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// maxPassword is the longest password of a storage that Proxmox VE takes, in characters.
const maxPassword = 256

// StorageSecret is one of the secrets that a storage is declared with. Nothing is opened until Read is called: only provisioning does.
type StorageSecret struct {
	Parameter string // Proxmox VE's name of it: "password", "encryption-key"
	Key       string // the key of the declared file that names its file: "password_file", "encryption_key_file"
	File      SecretFile
}

// Secrets lists the secrets that the file declares for a storage.
func (s Storage) Secrets() []StorageSecret {
	var list []StorageSecret
	for _, secret := range []StorageSecret{{"password", "password_file", s.PasswordFile}, {"encryption-key", "encryption_key_file", s.EncryptionKey}} {
		if !secret.File.IsZero() {
			list = append(list, secret)
		}
	}
	return list
}

// Read opens the secret's file and returns its content in the form that Proxmox VE takes. See [SecretFile.Read] for what is refused. An encryption
// key may have several lines, and must be a key as proxmox-backup-client makes it, without a password: Proxmox VE has nobody to ask for one.
func (s StorageSecret) Read() (Secret, error) {
	if s.Key == "encryption_key_file" {
		return s.File.read(encryptionKey)
	}
	return s.File.read(password)
}

func password(content []byte) (string, error) {
	text, err := oneLine(content)
	if err == nil && utf8.RuneCountInString(text) > maxPassword {
		return "", ui.Hint(fmt.Errorf("has more than the %d characters that Proxmox VE takes", maxPassword), "is it the right file?")
	}
	return text, err
}

// encryptionKey checks a key and returns it as one line. Errors of the JSON reader are not passed on: they could show some of it.
func encryptionKey(content []byte) (string, error) {
	var key struct {
		KDF  json.RawMessage `json:"kdf"`
		Data string          `json:"data"`
	}
	var line bytes.Buffer
	switch err := json.Unmarshal(content, &key); {
	case err != nil || key.Data == "" || json.Compact(&line, content) != nil:
		return "", ui.Hint(errors.New("is not an encryption key"), "make one with `proxmox-backup-client key create --kdf none FILE`")
	case len(key.KDF) > 0 && string(key.KDF) != "null":
		return "", ui.Hint(errors.New("is an encryption key with a password, which Proxmox VE cannot ask for"),
			"take the password off a copy of it: `proxmox-backup-client key change-passphrase --kdf none FILE`")
	}
	return line.String(), nil
}
