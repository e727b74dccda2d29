package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// everyKey says all that a job and a storage can say.
const everyKey = clusterHome + `
provision: {owner: team-a}
environments:
  prod:
    guests: {all: true, exclude: [105]}
    backup:
      storage: pbs-remote
      schedule: "mon..fri 22:30"
      mode: default
      compress: default
      retention: {keep-last: 3}
      id: nightly
      enabled: false
      adopt: true
      node: pve1
      comment: "ünï: # as it is"
      protected: false
      notes-template: '{{cluster}} {{guestname}}\n{{node}} {{vmid}}'
      repeat-missed: true
      notification-mode: legacy-sendmail
      mailto: [ops@example.org, root]
      mailnotification: failure
      zstd: 0
      bwlimit: 0
      fleecing: {storage: local-lvm}
      pbs-change-detection-mode: metadata
      disks: unmanaged
      offsite: {storage: backup-cifs, schedule: daily, enabled: false, bwlimit: 51200, protected: true}
  lab:
    cluster: home
    guests: {vmids: [104]}
    backup: {profile: lab, storage: local-backup, adopt: true, excluded_disks: [{vmid: 104, disks: [scsi0, virtio15, sata5, ide3, efidisk0, tpmstate0, mp255]}]}
storages:
  local-backup: {type: dir, path: /mnt/backup, is_mountpoint: "yes", create-base-path: false, shared: false, content: [backup, iso], nodes: [pve2, pve1]}
  backup-nfs:   {type: nfs, server: 192.0.2.20, export: /backup, options: "vers=4.2,soft", enabled: false, max-protected-backups: -1, retention: {keep-last: 3}}
  backup-cifs:  {type: cifs, server: nas, share: backup$, subdir: /proxmox, domain: HOME, smbversion: 3.0, username: backup, password_file: cifs.password, options: noserverino}
  old-cifs:     {type: cifs, server: nas, share: backup, username: backup, adopt: true}
  pbs-remote:
    type: pbs
    server: pbs.example
    port: 8008
    datastore: store
    namespace: site-a/prod
    username: backup@pbs!pve
    password_file: pbs.password
    encryption_key_file: pbs.key
    fingerprint: 4e0b675c911fa2d8337ce09548bd06f12a8e57c41960d3fb74a80d92e63f51bc
`

func TestEveryKeyLoads(t *testing.T) {
	file := load(t, everyKey)
	job := file.Jobs()[0]
	if job.ID != "nightly" || job.Enabled || !job.Adopt || job.Protected == nil || *job.Protected || !*job.RepeatMissed || *job.Zstd != 0 || *job.BandwidthLimit != 0 {
		t.Errorf("job %+v", job)
	}
	if job.Mode != "default" || job.Fleecing.Storage != "local-lvm" || !slices.Equal(job.MailTo, []string{"ops@example.org", "root"}) {
		t.Errorf("job %+v", job)
	}
	offsite := file.Jobs()[1]
	if offsite.ID != "backup-prod-offsite" || offsite.Mode != "default" || offsite.Zstd != nil || offsite.MailTo != nil || offsite.Adopt || offsite.Node != "" {
		t.Errorf("the off-site job has more of the first than mode and compression: %+v", offsite)
	}
	for i, storage := range file.Storages {
		if storage.Enabled != (i != 1) {
			t.Errorf("storage %s: enabled %v", storage.Name, storage.Enabled)
		}
	}
	local, nfs, pbs := file.Storages[0], file.Storages[1], file.Storages[4]
	if local.CreateBasePath == nil || *local.CreateBasePath || *local.Shared || nfs.Shared != nil || *nfs.MaxProtectedBackups != -1 {
		t.Errorf("what was said and what was not: %+v, %+v", local, nfs)
	}
	if !strings.HasPrefix(pbs.Fingerprint, "4E:0B:67:5C:") || pbs.Port != 8008 {
		t.Errorf("storage %+v", pbs)
	}
	printed, err := file.Redacted()
	if err != nil {
		t.Fatal(err)
	}
	again := load(t, string(printed))
	if second, err := again.Redacted(); err != nil || !bytes.Equal(printed, second) {
		t.Errorf("got:\n%s\nwant:\n%s\n%v", second, printed, err)
	}
	for _, line := range []string{"protected: false", "zstd: 0", "bwlimit: 0", "shared: false", "create-base-path: false", "max-protected-backups: -1"} {
		if !bytes.Contains(printed, []byte(line+"\n")) {
			t.Errorf("%q is lost in:\n%s", line, printed)
		}
	}
}

// What exists already may be declared as it is, however it overlaps and whatever its jobs are called.
func TestAdoptedJobsMayOverlap(t *testing.T) {
	file := load(t, clusterHome+`
environments:
  daily:  {guests: {all: true}, backup: {id: 2f7c9a10-1, adopt: true, schedule: daily, storage: nfs}}
  weekly: {guests: {vmids: [100]}, backup: {id: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b:1", adopt: true, schedule: sun, storage: pbs, comment: "[pve-backup-exporter owner=x environment=y]"}}
  other:  {guests: {vmids: [100]}, backup: {id: monthly, adopt: true, schedule: monthly, storage: pbs}}
`)
	if got := len(file.Jobs()); got != 3 {
		t.Errorf("%d jobs", got)
	}
}

func TestStorageSecrets(t *testing.T) {
	const key = `{"kdf":null,"created":"2026-01-01T00:00:00Z","data":"` + canary + `","fingerprint":"aa:bb"}`
	for _, test := range []struct{ name, parameter, content, want, message, hint string }{
		{name: "a password", parameter: "password", content: canary + "\n", want: canary},
		{name: "a long password", parameter: "password", content: strings.Repeat(canary, 30), message: "more than the 256 characters", hint: "right file"},
		{name: "two passwords", parameter: "password", content: canary + "\n" + canary, message: "more than one line", hint: "alone"},
		{name: "a key", parameter: "encryption-key", content: key + "\n", want: key},
		{name: "a key of several lines", parameter: "encryption-key", content: strings.ReplaceAll(key, `,"`, ",\n  \""), want: key},
		{name: "a key with a password", parameter: "encryption-key", content: strings.Replace(key, "null", `{"Scrypt":{"n":1}}`, 1), message: "is an encryption key with a password", hint: "--kdf none"},
		{name: "no key", parameter: "encryption-key", content: canary, message: "is not an encryption key", hint: "key create"},
		{name: "half a key", parameter: "encryption-key", content: key[:len(key)-3], message: "is not an encryption key", hint: "key create"},
		{name: "another JSON", parameter: "encryption-key", content: `["` + canary + `"]`, message: "is not an encryption key", hint: "key create"},
		{name: "an empty file", parameter: "encryption-key", content: "\n", message: "is not an encryption key", hint: "key create"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, test.parameter), test.content, 0o600)
			secret, err := storageSecret(t, folder, test.parameter).Read()
			if test.message == "" {
				if err != nil || secret.Reveal() != test.want {
					t.Errorf("got %q, %v; want %q", secret.Reveal(), err, test.want)
				}
				return
			}
			checkSecretError(t, err, filepath.Join(folder, test.parameter), test.message, test.hint)
		})
	}
}

// storageSecret loads a file from folder with a storage whose secrets are files called as Proxmox VE's parameters, and finds one of them.
func storageSecret(t *testing.T, folder, parameter string) config.StorageSecret {
	t.Helper()
	file, err := config.LoadBytes(filepath.Join(folder, "config.yml"), []byte(`version: 1
clusters: {home: {endpoints: [https://pve1], provisioner: {token_id: p@pve!m, token_secret_file: absent}}}
storages:
  pbs: {type: pbs, server: pbs, datastore: store, username: b@pbs, password_file: password, encryption_key_file: encryption-key}
  nfs: {type: nfs, server: nas, export: /backup}
`))
	if err != nil {
		t.Fatal(err)
	}
	if none := file.Storages[1].Secrets(); len(none) != 0 {
		t.Errorf("secrets of a storage without: %v", none)
	}
	for _, secret := range file.Storages[0].Secrets() {
		if secret.Parameter == parameter {
			if at := file.Position("storages", "pbs", secret.Key); at != secret.File.Position() {
				t.Errorf("%s stands at %s, not at %s", secret.Key, secret.File.Position(), at)
			}
			return secret
		}
	}
	t.Fatalf("no secret %s", parameter)
	return config.StorageSecret{}
}

// Loading opens no secret, and neither does listing them.
func TestStorageSecretsAreReadLazily(t *testing.T) {
	folder := t.TempDir()
	secret := storageSecret(t, folder, "password")
	if _, err := secret.Read(); err == nil {
		t.Fatal("a secret that is not there")
	}
	if err := os.WriteFile(filepath.Join(folder, "password"), []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	if read, err := secret.Read(); err != nil || read.Reveal() != canary || strings.Contains(fmt.Sprintf("%+v", secret), canary) {
		t.Errorf("got %+v, %v", secret, err)
	}
}
