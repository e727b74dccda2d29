package provisioner

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// storageOf returns a storage as texts, nil for none.
func (b *bench) storageOf(id string) (found map[string]string) {
	b.cluster.Change(func(m *pvesim.Model) {
		if s := m.Storage(id); s != nil {
			found = maps.Clone(s.Config)
			found["type"], found["prune-backups"] = s.Type, s.Retention
			found["content"], found["nodes"] = sorted(s.Content), sorted(s.Nodes)
			if s.Disabled {
				found["disable"] = "1"
			}
			for name, secret := range s.Secrets {
				found["secret "+name] = secret
			}
		}
	})
	return found
}

func sorted(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), ",") }

func (b *bench) wantStorage(id string, want map[string]string) {
	b.t.Helper()
	got := b.storageOf(id)
	for name, text := range want {
		if got[name] != text {
			b.t.Errorf("storage %s: %s is %q, want %q", id, name, got[name], text)
		}
	}
}

func TestStoragesOfEveryType(t *testing.T) {
	b := newBench(t)
	b.put("smb.password", "smb-5ec2e7-secret")
	b.put("far.password", "pbs-5ec2e7-secret")
	b.declare(`
storages:
  disk: {type: dir, path: /mnt/backup, is_mountpoint: "yes", shared: true, retention: {keep-last: 3}, nodes: [pve1, pve2]}
  share: {type: nfs, server: 192.0.2.20, export: /backup, options: "vers=4.2"}
  smb: {type: cifs, server: 192.0.2.21, share: backup, username: backup, password_file: smb.password, domain: WORK}
  far: {type: pbs, server: 192.0.2.22, datastore: main, username: "backup@pbs!pve", password_file: far.password, namespace: site-a, max-protected-backups: 5}
environments:
  prod: {guests: {vmids: [100]}, backup: {profile: prod, storage: far}}
`)
	b.mustRun(nil)
	b.wantStorage("disk", map[string]string{"type": "dir", "path": "/mnt/backup", "is_mountpoint": "yes", "prune-backups": "keep-last=3", "content": "backup", "nodes": "pve1,pve2"})
	b.wantStorage("share", map[string]string{"type": "nfs", "server": "192.0.2.20", "export": "/backup", "options": "vers=4.2"})
	b.wantStorage("smb", map[string]string{"type": "cifs", "username": "backup", "domain": "WORK", "secret password": "smb-5ec2e7-secret"})
	b.wantStorage("far", map[string]string{"type": "pbs", "namespace": "site-a", "max-protected-backups": "5", "secret password": "pbs-5ec2e7-secret"})
	if writes := b.writes(); !strings.HasPrefix(writes[0], "POST /storage") || writes[4] != "POST /cluster/backup" {
		t.Errorf("storages must come before the jobs on them: %v", writes)
	}
	b.settled()
}

// TestEveryFieldOfAStorage sets, changes and takes out what can be changed.
func TestEveryFieldOfAStorage(t *testing.T) {
	for _, c := range []struct {
		name, first, second string
		one, other, after   string
	}{
		{"prune-backups", "retention: {keep-last: 3}", "retention: {keep-daily: 2}", "keep-last=3", "keep-daily=2", ""},
		{"nodes", "nodes: [pve1]", "nodes: [pve2, pve1]", "pve1", "pve1,pve2", ""},
		{"disable", "enabled: false", "enabled: true", "1", "", ""},
		{"max-protected-backups", "max-protected-backups: 2", "max-protected-backups: -1", "2", "-1", ""},
		{"content", "content: [backup, iso]", "content: [backup]", "backup,iso", "backup", "backup"},
		{"shared", "shared: true", "shared: false", "1", "0", "0"},
		{"is_mountpoint", `is_mountpoint: "yes"`, "is_mountpoint: /mnt", "yes", "/mnt", ""},
		{"create-base-path", "create-base-path: false", "create-base-path: true", "0", "1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.inProcess = true
			for _, step := range []struct{ key, want string }{{"", ""}, {c.first, c.one}, {c.second, c.other}, {"", c.after}} {
				b.declare("storages:\n  disk: {type: dir, path: /mnt/backup, " + step.key + "}\n")
				b.mustRun(func(o *Options) { o.Accepted = plan.Risks() })
				if got := b.storageOf("disk")[c.name]; got != step.want && step.key != "" && got+step.want != "0" && got+step.want != "1" {
					t.Errorf("after %q: got %q, want %q", step.key, got, step.want)
				}
				b.settled()
			}
		})
	}
}

const farStorage = `
storages:
  far: {type: pbs, server: 192.0.2.22, datastore: main, username: backup@pbs, password_file: far.password}
`

func TestANewSecretIsSentOnce(t *testing.T) {
	b := newBench(t)
	b.put("far.password", "first-5ec2e7")
	b.declare(farStorage)
	b.mustRun(nil)
	b.settled()
	b.put("far.password", "second-5ec2e7")
	b.mustRun(dryRun)
	if !strings.Contains(b.printed, "(sensitive)") || !b.changes {
		t.Errorf("the change is not shown:\n%s", b.printed)
	}
	b.mustRun(nil)
	b.wantStorage("far", map[string]string{"secret password": "second-5ec2e7"})
	b.settled()

	b.cluster.Requests.Reset()
	b.mustRun(func(o *Options) { o.RotateSecrets = true })
	if got := strings.Join(b.writes(), ", "); got != "PUT /storage/far" {
		t.Errorf("rotating wrote %s", got)
	}
	b.settled()
}

func TestAStorageOfSomebodyElse(t *testing.T) {
	b := newBench(t)
	same := "storages:\n  nas: {type: nfs, server: 192.0.2.200, export: /backup%}\n"
	b.declare(strings.Replace(same, "%", "", 1))
	b.mustRun(nil)
	if writes := b.writes(); len(writes) > 0 {
		t.Errorf("wrote %v although it is as declared", writes)
	}
	b.declare(strings.Replace(same, "%", ", retention: {keep-last: 2}", 1))
	b.fails(nil, "config.yml:", "storage nas exists, was not made by this tool", "adopt: true")
	b.declare(strings.Replace(same, "%", ", retention: {keep-last: 2}, adopt: true", 1))
	b.mustRun(nil)
	b.wantStorage("nas", map[string]string{"prune-backups": "keep-last=2"})
	b.settled()
	b.declare(strings.Replace(same, "%", ", retention: {keep-last: 4}", 1)) // it is known by now
	b.mustRun(nil)
	b.wantStorage("nas", map[string]string{"prune-backups": "keep-last=4"})
	b.declare("storages:\n  nas: {type: nfs, server: 192.0.2.201, export: /backup, adopt: true}\n")
	b.fails(nil, "server", "cannot be changed")
	b.declare("environments:\n  prod: {guests: {vmids: [100]}, backup: {profile: prod, storage: local}}\n")
	b.mustRun(func(o *Options) { o.Policy, o.Accepted = plan.Sync, plan.Risks() })
	if b.storageOf("nas") == nil {
		t.Error("a storage was removed")
	}
}

// TestASecretThatNobodyCanCompare: the storage was there before; the password of the file is taken for the one in use, until it changes.
func TestASecretThatNobodyCanCompare(t *testing.T) {
	b := newBench(t)
	b.put("pbs.password", "old-5ec2e7")
	b.declare(`storages:
  pbs: {type: pbs, server: 192.0.2.201, datastore: main, username: sync@pbs, password_file: pbs.password, retention: {keep-weekly: 8}, adopt: true}
`)
	b.mustRun(nil)
	if writes := b.writes(); len(writes) > 0 || !strings.Contains(b.printed+b.said, "taken for granted") {
		t.Errorf("wrote %v:\n%s", writes, b.printed)
	}
	b.settled()
	if strings.Contains(b.printed+b.said, "taken for granted") {
		t.Errorf("it is said for ever:\n%s", b.printed)
	}
	b.put("pbs.password", "new-5ec2e7")
	b.mustRun(nil)
	b.wantStorage("pbs", map[string]string{"secret password": "new-5ec2e7"})
	b.settled()
}

func TestTheMemoryIsLostOrCannotBeUsed(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"lost":    os.Remove,
		"corrupt": func(path string) error { return os.WriteFile(path, []byte("{"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.put("far.password", "first-5ec2e7")
			b.declare(farStorage)
			b.mustRun(nil)
			path := filepath.Join(b.storage, "provision.json")
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			b.cluster.Requests.Reset()
			b.mustRun(dryRun)
			b.mustRun(nil)
			if writes := b.writes(); len(writes) > 0 {
				t.Errorf("wrote %v", writes)
			}
			if name == "corrupt" && (!strings.Contains(b.said, "cannot be used") || !strings.Contains(b.said, "hint: ")) {
				t.Errorf("not told:\n%s", withoutLog(b.said))
			}
			b.settled()
			b.declare(strings.Replace(farStorage, "backup@pbs,", "backup@pbs, retention: {keep-last: 1},", 1))
			b.fails(nil, "was not made by this tool", "adopt: true")
		})
	}
	t.Run("no place for it", func(t *testing.T) {
		b := newBench(t)
		b.put("far.password", "first-5ec2e7")
		b.declare(farStorage)
		b.storage = filepath.Join(b.folder, "config.yml") // no folder
		b.fails(nil, "storage path ", "--storage.path")
		if total := b.cluster.Requests.Total(); total > 0 {
			t.Errorf("%d requests before it was seen", total)
		}
	})
	t.Run("somebody else's", func(t *testing.T) {
		b := newBench(t)
		b.declare(minimal)
		if err := os.Mkdir(filepath.Join(b.storage, "provision.json"), 0o700); err != nil {
			t.Fatal(err)
		}
		b.fails(nil, "read the memory of provision", "chown")
		b.mustRun(dryRun)
	})
}

func TestASecretThatIsNotThere(t *testing.T) {
	b := newBench(t)
	b.declare(farStorage)
	b.fails(nil, "storage far: ", "far.password", "config.yml:8:", "no such file")
	if writes := b.writes(); len(writes) > 0 {
		t.Errorf("wrote %v", writes)
	}
}
