package provisioner

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const (
	token = "backup-admin@pve!provision"
	// canary is the token's secret: it must be seen nowhere.
	canary = "0dd5ec12-e7ca-4a12-9b1d-5ec2e7ca9a12"
)

// privileges are what provisioning needs.
var privileges = []string{
	"Sys.Audit", "Sys.Modify", "Datastore.Allocate", "Datastore.Audit", "Datastore.AllocateSpace", "VM.Audit", "VM.Backup", "VM.Config.Disk", "Pool.Audit",
}

// bench is a simulated cluster, a declared file for it, and a folder for the memory.
type bench struct {
	t       *testing.T
	clock   *pvesim.Clock
	cluster *pvesim.Cluster
	server  *wire.Server
	folder  string
	storage string
	said    string // by the last run on standard error
	printed string // by the last run on standard output
	changes bool   // what the last run returned

	inProcess    bool   // asks without connections: for tests with many runs or calls
	whileWaiting func() // called while a fault delays a request
}

// newBench starts a cluster of two nodes: guests 100, 102 (virtual machines) and 101, 103 (containers), the latter two of pool lab; 101 has a
// mount point that is not in its backups, and 102 a disk that is flagged out. There are storages and no jobs.
func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, folder: t.TempDir(), storage: t.TempDir()}
	clock := pvesim.NewClock(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	cluster := pvesim.New(pvesim.Options{Now: clock.Now, Seed: 1, Wait: func(context.Context, time.Duration) error {
		if b.whileWaiting != nil {
			b.whileWaiting()
		}
		return nil
	}})
	cluster.Build(func(m *pvesim.Model) {
		for i, name := range []string{"pve1", "pve2"} {
			m.Nodes = append(m.Nodes, &pvesim.Node{Name: name, Address: fmt.Sprintf("192.0.2.%d", i+11), Zone: time.UTC})
		}
		m.Storages = []*pvesim.Storage{
			{ID: "local", Type: "dir", Content: []string{"iso", "vztmpl", "backup"}, Config: map[string]string{"path": "/var/lib/vz"}, Size: 100 << 30},
			{ID: "local-zfs", Type: "zfspool", Content: []string{"images", "rootdir"}, Config: map[string]string{"pool": "rpool/data"}, Size: 4 << 40},
			{ID: "nas", Type: "nfs", Content: []string{"backup"}, Config: map[string]string{"server": "192.0.2.200", "export": "/backup"}, Size: 4 << 50},
			{
				ID: "pbs", Type: "pbs", Content: []string{"backup"}, Retention: "keep-weekly=8",
				Config: map[string]string{"server": "192.0.2.201", "datastore": "main", "username": "sync@pbs"}, Size: 4 << 50,
			},
		}
		m.Pools["lab"] = &pvesim.Pool{}
		for _, g := range []*pvesim.Guest{
			{VMID: 100, Type: "qemu", Node: "pve1", Config: map[string]string{"name": "web", "scsi0": "local-zfs:vm-100-disk-0,iothread=1,size=8G", "tags": "prod"}},
			{VMID: 101, Type: "lxc", Node: "pve2", Pool: "lab", Config: map[string]string{
				"hostname": "db", "rootfs": "local-zfs:subvol-101-disk-0,size=4G", "mp0": "local-zfs:subvol-101-disk-1,mp=/data,size=4G",
			}},
			{VMID: 102, Type: "qemu", Node: "pve2", Config: map[string]string{
				"name": "mail", "scsi0": "local-zfs:vm-102-disk-0,size=8G", "scsi1": "local-zfs:vm-102-disk-1,backup=0,discard=on,size=8G", "tags": "prod",
			}},
			{VMID: 103, Type: "lxc", Node: "pve1", Pool: "lab", Stopped: true, Config: map[string]string{"hostname": "test", "rootfs": "local-zfs:subvol-103-disk-0,size=4G"}},
		} {
			m.AddGuest(g)
		}
		m.Access.Users["backup-admin@pve"] = &access.User{}
		m.Access.Tokens[token] = &access.Token{Secret: canary}
		m.Access.Roles["BackupAdmin"] = slices.Clone(privileges)
		m.Access.Grants = append(m.Access.Grants,
			access.Grant{Path: "/", Who: "backup-admin@pve", Role: "BackupAdmin"}, access.Grant{Path: "/", Who: token, Role: "BackupAdmin"})
	})
	server, err := cluster.Start("pve1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	b.clock, b.cluster, b.server = clock, cluster, server
	b.put("ca.pem", string(server.CAPEM))
	b.put("home.provisioner", canary+"\n")
	return b
}

func (b *bench) put(name, content string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, name), []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// declare writes the declared file: what follows the cluster, which takes the first 6 lines.
func (b *bench) declare(rest string) {
	b.t.Helper()
	b.put("config.yml", fmt.Sprintf(`version: 1
clusters:
  home:
    endpoints: [%q]
    ca_file: ca.pem
    provisioner: {token_id: %q, token_secret_file: home.provisioner}
%s`, b.server.URL, token, strings.TrimLeft(rest, "\n")))
}

// options of a run; edit changes them.
func (b *bench) options(edit func(*Options)) Options {
	options := Options{
		ConfigFile: filepath.Join(b.folder, "config.yml"), StoragePath: b.storage, Root: b.folder, Now: b.clock.Now,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if b.inProcess {
		options.transport = wire.InProcess{Handler: b.cluster.HandlerAt("pve1")}
	}
	if edit != nil {
		edit(&options)
	}
	return options
}

// run runs provision and keeps what it said; no secret may be among it.
func (b *bench) run(edit func(*Options)) error {
	b.t.Helper()
	return b.runIn(b.t.Context(), edit)
}

func (b *bench) runIn(ctx context.Context, edit func(*Options)) error {
	b.t.Helper()
	var printed, said bytes.Buffer
	options := b.options(edit)
	options.Data, options.Talk = &printed, &said
	options.Logger = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	changes, err := Run(ctx, options)
	b.changes = changes
	if err != nil {
		ui.PrintError(&said, "provision", err)
	}
	b.printed, b.said = printed.String(), said.String()
	b.secretsAreSafe()
	return err
}

// secretsAreSafe looks for secrets in all that was said and kept.
func (b *bench) secretsAreSafe() {
	b.t.Helper()
	texts := map[string]string{"standard output": b.printed, "standard error": b.said}
	entries, _ := os.ReadDir(b.storage) // which may be none
	for _, entry := range entries {
		text, _ := os.ReadFile(filepath.Join(b.storage, entry.Name()))
		texts[entry.Name()] = string(text)
	}
	for name, text := range texts {
		if at := strings.Index(text, "5ec2e7"); at >= 0 {
			b.t.Errorf("%s holds a secret: %s", name, text[max(0, at-100):at+10])
		}
	}
}

func (b *bench) mustRun(edit func(*Options)) {
	b.t.Helper()
	if err := b.run(edit); err != nil {
		b.t.Fatalf("provision failed:\n%s\n%s", b.printed, b.said)
	}
}

// fails runs, and wants an error whose text, with the hints, contains all of these.
func (b *bench) fails(edit func(*Options), wanted ...string) {
	b.t.Helper()
	err := b.run(edit)
	if err == nil {
		b.t.Fatalf("it did not fail:\n%s", b.printed)
	}
	for _, want := range wanted {
		if !strings.Contains(b.said+b.printed, want) {
			b.t.Errorf("%q was not said:\n%s%s", want, b.printed, withoutLog(b.said))
		}
	}
	if !strings.Contains(b.said, "hint: ") {
		b.t.Errorf("no hint:\n%s", withoutLog(b.said))
	}
}

// withoutLog leaves out the log's lines.
func withoutLog(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "time=") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// writes lists the requests that change something since the last reset, as "METHOD path".
func (b *bench) writes() []string {
	var list []string
	for _, request := range b.cluster.Requests.Requests() {
		if request.Method != http.MethodGet {
			list = append(list, request.Method+" "+strings.TrimPrefix(request.Path, "/api2/json"))
		}
	}
	return list
}

// settled runs once more and wants nothing to be written.
func (b *bench) settled() {
	b.t.Helper()
	b.cluster.Requests.Reset()
	b.mustRun(nil)
	if writes := b.writes(); len(writes) > 0 || b.changes {
		b.t.Errorf("the second run wrote %v, changes %t:\n%s", writes, b.changes, b.printed)
	}
}

// jobOf returns a job of the cluster as texts, nil for none.
func (b *bench) job(id string) map[string]string {
	var found map[string]string
	b.cluster.Change(func(m *pvesim.Model) {
		if job := m.Job(id); job != nil {
			found = map[string]string{"schedule": job.Schedule, "enabled": fmt.Sprint(!job.Disabled)}
			for name, text := range job.Options {
				found[name] = text
			}
		}
	})
	return found
}

func (b *bench) jobIDs() string {
	var ids []string
	b.cluster.Change(func(m *pvesim.Model) {
		for _, job := range m.Jobs {
			ids = append(ids, job.ID)
		}
	})
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

func dryRun(o *Options) { o.DryRun = true }

// guest returns a line of a guest's configuration.
func (b *bench) guest(vmid int, name string) (text string) {
	b.cluster.Change(func(m *pvesim.Model) { text = m.Guests[vmid].Config[name] })
	return text
}
