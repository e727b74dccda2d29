package pvesim_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func storageNamed(t *testing.T, client *pve.Client, id string) (pve.StorageConfig, bool) {
	t.Helper()
	list, err := client.Storages(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.ID == id {
			return s, true
		}
	}
	return pve.StorageConfig{}, false
}

func TestANewStorageMustAnswer(t *testing.T) {
	c, _, client := provisioned(t)
	ctx := context.Background()
	backupServer := options{"server": "192.0.2.40", "datastore": "main", "username": "u@pbs", "password": "secret", "port": "8008"}
	for _, tt := range []struct {
		kind    string
		options options
		words   string
	}{
		{"pbs", backupServer, "create storage failed: new: error fetching datastores - 500 Can't connect to 192.0.2.40:8008 (Connection refused)"},
		{"nfs", options{"server": "192.0.2.40", "export": "/b"}, "create storage failed: storage 'new' is not online"},
		{"cifs", options{"server": "192.0.2.40", "share": "b"}, "create storage failed: storage 'new' is not online"},
		{"dir", options{"path": "/mnt/usb", "is_mountpoint": "1"}, "create storage failed: unable to activate storage 'new' - directory is expected to be a mount point but is not mounted: '/mnt/usb'"},
	} {
		c.Change(func(m *pvesim.Model) {
			m.Unreachable = map[string]string{"192.0.2.40": "Connection refused", "/mnt/usb": "not mounted"}
		})
		wantRefusal(t, tt.kind, client.CreateStorage(ctx, "new", tt.kind, tt.options), 500, tt.words)
		if _, found := storageNamed(t, client, "new"); found {
			t.Errorf("%s: it was stored", tt.kind)
		}
		for _, elsewhere := range []options{{"disable": "1"}, {"nodes": "pve2"}} {
			for name, value := range tt.options {
				elsewhere[name] = value
			}
			if err := client.CreateStorage(ctx, "new", tt.kind, elsewhere); err != nil {
				t.Errorf("%s: one that this node does not use is not tried: %v", tt.kind, err)
			}
			c.Change(func(m *pvesim.Model) { m.RemoveStorage("new") })
		}
		c.Change(func(m *pvesim.Model) { m.Unreachable = nil })
		if err := client.CreateStorage(ctx, "new", tt.kind, tt.options); err != nil {
			t.Errorf("%s: %v", tt.kind, err)
		}
		s, _ := storageNamed(t, client, "new")
		if want := map[string]string{"pbs": "backup", "nfs": "images", "cifs": "images", "dir": "images,rootdir"}[tt.kind]; strings.Join(s.Content, ",") != want {
			t.Errorf("%s holds %v if nothing is said, want %s", tt.kind, s.Content, want)
		}
		c.Change(func(m *pvesim.Model) { m.RemoveStorage("new") })
	}
}

func TestStoragesRefuseWhatTheirTypeDoesNotHave(t *testing.T) {
	_, _, client := provisioned(t)
	ctx := context.Background()
	for _, tt := range []struct {
		kind    string
		options options
		status  int
		words   string
	}{
		{"dir", options{}, 500, "missing value for required option 'path'"},
		{"dir", options{"path": "/x", "password": "abcdef"}, 500, "unexpected property 'password'"},
		{"nfs", options{"server": "nas", "export": "/x", "shared": "1"}, 500, "unexpected property 'shared'"},
		{"pbs", options{"server": "nas", "datastore": "d", "content": "backup,iso"}, 500, "storage does not support content type 'iso'"},
		{"dir", options{"path": "/x", "content": "none,backup"}, 500, "unable to combine 'none' with other content types"},
		{"pbs", options{"server": "nas", "datastore": "d", "fingerprint": "ab"}, 400, "fingerprint: value does not match the regex pattern"},
		{"pbs", options{"server": "nas", "datastore": "d", "encryption-key": "abcdef"}, 500, "create storage failed: Value does not seems like a valid, JSON formatted encryption key!"},
		{"cifs", options{"server": "nas", "share": "s", "smbversion": "1"}, 400, "smbversion: value '1' does not have a value in the enumeration"},
		{"dir", options{"path": "/x", "nodes": "no_de"}, 400, "nodes: invalid format - value does not look like a valid node name"},
		{"dir", options{"path": "/x", "prune-backups": "keep-last=1,keep-last=2"}, 400, "duplicate key in comma-separated list property: keep-last"},
	} {
		wantRefusal(t, fmt.Sprint(tt.kind, tt.options), client.CreateStorage(ctx, "new", tt.kind, tt.options), tt.status, tt.words)
	}
}

func TestStoragesAreChanged(t *testing.T) {
	_, _, client := provisioned(t)
	ctx := context.Background()
	before, _ := storageNamed(t, client, "pbs")
	if err := client.UpdateStorage(ctx, "pbs", options{"prune-backups": "keep-daily=3", "nodes": "pve1,pve2", "port": "8008"}, nil, before.Digest); err != nil {
		t.Fatal(err)
	}
	after, _ := storageNamed(t, client, "pbs")
	if after.Retention != "keep-daily=3" || len(after.Nodes) != 2 || after.Raw["port"] != 8008.0 || after.Digest == before.Digest || after.Raw["datastore"] != "main" {
		t.Errorf("%+v", after)
	}
	if err := client.UpdateStorage(ctx, "nas", nil, []string{"prune-backups"}, before.Digest); !pve.IsConflict(err) {
		t.Errorf("another storage was changed since: %v", err)
	}
	if err := client.UpdateStorage(ctx, "pbs", options{"disable": "1"}, []string{"nodes", "port"}, after.Digest); err != nil {
		t.Fatal(err)
	}
	if s, _ := storageNamed(t, client, "pbs"); !s.Disabled || len(s.Nodes) != 0 || s.Raw["port"] != nil {
		t.Errorf("%+v", s)
	}
	wantRefusal(t, "server", client.UpdateStorage(ctx, "pbs", options{"server": "other"}, nil, ""), 500, "update storage failed: can't change value of fixed parameter 'server'")
	wantRefusal(t, "datastore", client.UpdateStorage(ctx, "pbs", options{"datastore": "other"}, nil, ""), 400, "datastore: property is not defined")
	wantRefusal(t, "remove", client.UpdateStorage(ctx, "pbs", nil, []string{"server"}, ""), 500, "unable to delete required option 'server'")
	wantRefusal(t, "unknown", client.UpdateStorage(ctx, "pbs", nil, []string{"bogus"}, ""), 500, "no such option 'bogus'")
	wantRefusal(t, "both", client.UpdateStorage(ctx, "pbs", options{"port": "1"}, []string{"port"}, ""), 500, "cannot set and delete property 'port' at the same time!")
}

// Passwords and keys are kept, and no reading shows them.
func TestSecretsOfStoragesAreNeverShown(t *testing.T) {
	c, _, client := provisioned(t)
	ctx := context.Background()
	const key = `{"kdf":null,"data":"S2V5TWF0ZXJpYWw=","fingerprint":"aa:bb"}`
	err := client.CreateStorage(ctx, "vault", "pbs", options{"server": "b", "datastore": "d", "username": "u@pbs", "password": "first-word", "encryption-key": key})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := storageNamed(t, client, "vault")
	if err := client.UpdateStorage(ctx, "vault", options{"password": "second-word"}, nil, before.Digest); err != nil {
		t.Fatal(err)
	}
	after, _ := storageNamed(t, client, "vault")
	shown := fmt.Sprint(after.Raw, sortedKeys(after.Raw))
	if strings.Contains(shown, "word") || strings.Contains(shown, "S2V5") || after.Raw["encryption-key"] != "aa:bb" || after.Digest != before.Digest {
		t.Errorf("shown: %s", shown)
	}
	c.Change(func(m *pvesim.Model) {
		if s := m.Storage("vault"); s.Secrets["password"] != "second-word" || s.Secrets["encryption-key"] != key {
			t.Errorf("kept: %v", s.Secrets)
		}
	})
	if err := client.UpdateStorage(ctx, "vault", nil, []string{"encryption-key", "password"}, ""); err != nil {
		t.Fatal(err)
	}
	if s, _ := storageNamed(t, client, "vault"); slices.Contains(sortedKeys(s.Raw), "encryption-key") {
		t.Errorf("the key is still there: %v", s.Raw)
	}
}
