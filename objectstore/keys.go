package objectstore

import (
	"errors"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// keys hands the access key to minio-go, and knows what no text may show.
type keys struct {
	read func() (accessKey, secretKey string, err error)

	mu      sync.Mutex
	current credentials.Value
	handed  credentials.Value
}

// load reads the key anew.
func (k *keys) load() error {
	access, secret, err := k.read()
	if err == nil && (access == "" || secret == "") {
		err = ui.Hint(errors.New("the access key is empty"), "it has a name and a secret, each in a file of its own")
	}
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.current.AccessKeyID, k.current.SecretAccessKey, k.current.SignerType = access, secret, credentials.SignatureV4
	return nil
}

// value returns the key that was loaded last.
func (k *keys) value() credentials.Value {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.current
}

// RetrieveWithCredContext implements credentials.Provider.
func (k *keys) RetrieveWithCredContext(*credentials.CredContext) (credentials.Value, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.handed = k.current
	return k.current, nil
}

// Retrieve implements credentials.Provider.
func (k *keys) Retrieve() (credentials.Value, error) { return k.RetrieveWithCredContext(nil) }

// IsExpired implements credentials.Provider: minio-go asks again for a key that has changed.
func (k *keys) IsExpired() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.handed != k.current
}

// hide takes the key out of a text of the server.
func (k *keys) hide(text string) string {
	value := k.value()
	for _, secret := range []string{value.SecretAccessKey, value.AccessKeyID} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}
