package cluster

import (
	"maps"
	"slices"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const storages = `storages:
  usb: {type: dir, path: /usb, is_mountpoint: "yes", create-base-path: false, shared: true, nodes: [pve2, pve1], retention: {keep-last: 3}, max-protected-backups: -1, content: [iso, backup]}
  nas: {type: nfs, server: nas, export: /backup, options: "vers=4.2,soft", enabled: false}
  share: {type: cifs, server: nas, share: backup, subdir: /pve, username: b, domain: W, smbversion: "3.0", password_file: share.password}
  far: {type: pbs, server: pbs, datastore: d, namespace: a/b, port: 443, username: b@pbs, password_file: far.password, encryption_key_file: far.key, fingerprint: "` + fingerprint + `"}
  plain: {type: dir, path: /plain, create-base-path: true, shared: false, is_mountpoint: "no"}
`

const fingerprint = "ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab"

func findStorage(t *testing.T, wish Wish, id string) plan.Desired {
	t.Helper()
	i := slices.IndexFunc(wish.Desired, func(one plan.Desired) bool { return one.Kind == plan.Storage && one.ID == id })
	if i < 0 {
		t.Fatalf("storage %s is not wanted", id)
	}
	return wish.Desired[i]
}

func TestWhatTheFileSaysOfAStorage(t *testing.T) {
	wish := Desired(load(t, storages), inventory(t), noon(), nil)
	if len(wish.Problems)+len(wish.Warnings) > 0 {
		t.Errorf("got %s%s", lines(wish.Problems), lines(wish.Warnings))
	}
	for id, want := range map[string]map[string]string{
		"usb": {
			"type": "dir", "path": "/usb", "is_mountpoint": "yes", "create-base-path": "0", "shared": "1", "nodes": "pve1,pve2", "prune-backups": "keep-last=3",
			"max-protected-backups": "-1", "content": "backup,iso",
		},
		"nas":   {"type": "nfs", "server": "nas", "export": "/backup", "options": "vers=4.2,soft", "disable": "1", "content": "backup"},
		"share": {"type": "cifs", "server": "nas", "share": "backup", "subdir": "/pve", "username": "b", "domain": "W", "smbversion": "3.0", "content": "backup", "password": ""},
		"far": {
			"type": "pbs", "server": "pbs", "datastore": "d", "namespace": "a/b", "port": "443", "username": "b@pbs", "content": "backup", "password": "", "encryption-key": "",
			"fingerprint": "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB",
		},
		"plain": {"type": "dir", "path": "/plain", "content": "backup"},
	} {
		wanted := findStorage(t, wish, id)
		if got := texts(wanted); !maps.Equal(got, want) {
			t.Errorf("%s: got\n%v, want\n%v", id, got, want)
		}
		for _, secret := range []string{"password", "encryption-key"} {
			if field, said := wanted.Fields[secret]; said && (!field.Sensitive || field.Text != "" || field.At == "") {
				t.Errorf("%s: %s is %+v", id, secret, field)
			}
		}
	}
	if wanted := findStorage(t, wish, "nas"); !slices.Equal(wanted.Contains, []string{"content"}) || !slices.Contains(wanted.Managed, "nodes") {
		t.Errorf("a storage that says no content holds more than backups, and is for every node: got %v, %v", wanted.Contains, wanted.Managed)
	}
	if wanted := findStorage(t, wish, "usb"); len(wanted.Contains) > 0 {
		t.Errorf("a storage that says its content holds that and no more: got %v", wanted.Contains)
	}
}

func TestSecretsOfAStorage(t *testing.T) {
	file := load(t, storages)
	for id, want := range map[string]map[string]string{"usb": {}, "share": {"password": "share.password"}, "far": {"password": "far.password", "encryption-key": "far.key"}} {
		i := slices.IndexFunc(file.Storages, func(one config.Storage) bool { return one.Name == id })
		got := map[string]string{}
		for name, path := range SecretFiles(&file.Storages[i]) {
			got[name] = path.Name()
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", id, got, want)
		}
	}
}

// TestAStorageAsItIs covers the words that different versions use for the same.
func TestAStorageAsItIs(t *testing.T) {
	for _, test := range []struct {
		what    string
		storage pve.StorageConfig
		want    map[string]string
	}{
		{"a folder", pve.StorageConfig{Type: "dir", Content: []string{"iso", "backup"}, Nodes: []string{"b", "a"}, Retention: "keep-daily=7,keep-last=0", Raw: map[string]any{
			"path": "/usb", "is_mountpoint": "1", "create-base-path": float64(1), "shared": float64(1), "max-protected-backups": "5", "maxfiles": "3", "digest": "x",
		}}, map[string]string{"type": "dir", "content": "backup,iso", "nodes": "a,b", "prune-backups": "keep-daily=7", "path": "/usb", "is_mountpoint": "yes", "shared": "1", "max-protected-backups": "5"}},
		{"a backup server", pve.StorageConfig{Type: "pbs", Content: []string{"backup"}, Disabled: true, Shared: true, Raw: map[string]any{
			"server": "pbs", "datastore": "d", "port": float64(8007), "encryption-key": "ab:cd", "fingerprint": fingerprint, "disable": float64(1),
		}}, map[string]string{
			"type": "pbs", "content": "backup", "disable": "1", "server": "pbs", "datastore": "d",
			"fingerprint": "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB",
		}},
		{"a share", pve.StorageConfig{Type: "cifs", Shared: true, Raw: map[string]any{"smbversion": "default", "is_mountpoint": "no", "username": "b"}}, map[string]string{"type": "cifs", "username": "b"}},
		{"another type", pve.StorageConfig{Type: "cephfs", Content: []string{"backup"}, Raw: map[string]any{"keyring": "s"}}, map[string]string{"type": "cephfs", "content": "backup"}},
	} {
		if got := StorageFields(&test.storage); !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.what, got, test.want)
		}
	}
}

func TestAnAdoptedStorageIsManagedAsFarAsTheFileSays(t *testing.T) {
	file := load(t, "storages:\n  backup-nfs: {type: nfs, server: nas, export: /b, adopt: true, max-protected-backups: 3}\n")
	wanted := findStorage(t, Desired(file, inventory(t), noon(), nil), "backup-nfs")
	if want := []string{"disable", "export", "max-protected-backups", "server", "type"}; !slices.Equal(wanted.Managed, want) || !wanted.Adopt {
		t.Errorf("got %v, want %v", wanted.Managed, want)
	}
}
