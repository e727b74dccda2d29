package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/journal"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const (
	token  = "backup-drill@pve!drill"
	secret = "canary-0b0c1f5e-drill"

	machine   = 100
	container = 101
	first     = 990000
)

// bench is a simulated cluster of two nodes with a machine on the first and a container on the second, both backed up in the night, and a
// folder for drills of them.
type bench struct {
	t       *testing.T
	cluster *pvesim.Cluster
	clock   *pvesim.Clock
	folder  string
	sources map[int]string // digests of the guests' configurations at the beginning

	// before is called before each request is sent, after when it was answered; each gets its number from 1 on.
	before, after func(number int, request *http.Request)
	requests      int
	paused        func() // at each pause
}

func newBench(t *testing.T) *bench {
	t.Helper()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	b := &bench{t: t, clock: pvesim.NewClock(now), folder: t.TempDir(), sources: map[int]string{}}
	b.cluster = pvesim.Scale(pvesim.Options{Now: b.clock.Now, Start: now.Add(-34 * time.Hour), Seed: 1}, 2, 2)
	b.cluster.Build(func(m *pvesim.Model) {
		maps.Copy(m.Guests[machine].Config, map[string]string{
			"net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1", "usb0": "host=1-1", "onboot": "1", "protection": "1",
			"ide2": "local:iso/debian.iso,media=cdrom,size=600M", "startup": "order=1", "description": "the web server", "tags": "prod",
		})
		maps.Copy(m.Guests[container].Config, map[string]string{
			"net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:02,ip=dhcp,type=veth", "unprivileged": "1", "onboot": "1",
			"mp0": "local-zfs:subvol-101-disk-1,mp=/data,backup=1,size=4G", "mp1": "/srv/media,mp=/media",
		})
		for i := range m.Nodes {
			m.Nodes[i].Memory, m.Nodes[i].MemoryUsed = 32<<30, int64(8+i)<<30 // the first has more to give
		}
		grant(m)
	})
	b.cluster.Change(func(m *pvesim.Model) {
		for vmid, guest := range m.Guests {
			b.sources[vmid] = guest.Digest()
		}
	})
	b.write("d", secret, 0o600)
	b.write("e", "canary-exporter", 0o600)
	b.declare("{every: 30d}")
	return b
}

// grant gives the token what docs/permissions.md says, and nothing else.
func grant(m *pvesim.Model) {
	user, _, _ := strings.Cut(token, "!")
	m.Access.Users[user] = &access.User{}
	m.Access.Tokens[token] = &access.Token{Secret: secret, FullRights: true}
	m.Access.Roles["BackupDrill"] = []string{
		"VM.Allocate", "VM.Audit", "VM.PowerMgmt", "VM.GuestAgent.Audit",
		"VM.Config.CDROM", "VM.Config.Disk", "VM.Config.HWType", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options",
	}
	m.Access.Roles["BackupDrillSource"] = []string{"VM.Audit", "VM.Backup", "VM.Allocate"}
	m.Access.Grants = append(m.Access.Grants,
		access.Grant{Path: "/", Who: user, Role: "PVEAuditor"},
		access.Grant{Path: "/pool/backup-drill", Who: user, Role: "BackupDrill"},
		access.Grant{Path: "/vms", Who: user, Role: "BackupDrillSource"},
		access.Grant{Path: "/storage/backup-nfs", Who: user, Role: "PVEDatastoreUser"},
		access.Grant{Path: "/storage/pbs-remote", Who: user, Role: "PVEDatastoreUser"},
		access.Grant{Path: "/storage/local-zfs", Who: user, Role: "PVEDatastoreUser"},
	)
	m.Pools["backup-drill"] = &pvesim.Pool{}
}

func (b *bench) write(name, content string, mode os.FileMode) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, name), []byte(content), mode); err != nil {
		b.t.Fatal(err)
	}
}

// declare writes the declared file, with the drill section of the one environment.
func (b *bench) declare(environment string, cluster ...string) {
	b.write("config.yml", fmt.Sprintf(`
version: 1
clusters:
  home:
    endpoints: [https://pve1:8006]
    exporter: {token_id: e@pve!m, token_secret_file: e}
    drill: {token_id: %s, token_secret_file: d, storage: local-zfs%s}
environments:
  prod: {guests: {all: true}, drill: %s}
`, token, strings.Join(append([]string{""}, cluster...), ", "), environment), 0o600)
}

// RoundTrip carries requests to the first node.
func (b *bench) RoundTrip(request *http.Request) (*http.Response, error) {
	b.requests++
	number := b.requests
	if b.before != nil {
		b.before(number, request)
	}
	answer, err := wire.InProcess{Handler: b.cluster.HandlerAt("pve1")}.RoundTrip(request)
	if b.after != nil {
		b.after(number, request)
	}
	return answer, err
}

func (b *bench) pause(ctx context.Context, length time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.clock.Advance(length)
	b.watch()
	if b.paused != nil {
		b.paused()
	}
	return ctx.Err()
}

// watch asserts what must hold at every moment: a scratch guest that runs is marked and reaches nothing.
func (b *bench) watch() {
	b.cluster.Change(func(m *pvesim.Model) {
		for vmid := first; vmid <= first+4; vmid++ {
			guest := m.Guests[vmid]
			if guest == nil || guest.Stopped {
				continue
			}
			for key := range guest.Config {
				if strings.HasPrefix(key, "net") || strings.HasPrefix(key, "usb") || key == "mp1" || key == "startup" {
					b.t.Errorf("scratch guest %d runs with %s: %s", vmid, key, guest.Config[key])
				}
			}
			if _, marked := plan.FindMark(guest.Config["description"]); !marked || guest.Config["onboot"] == "1" || guest.Config["protection"] == "1" {
				b.t.Errorf("scratch guest %d runs as %v", vmid, guest.Config)
			}
		}
	})
}

// outcome is what a run printed and left.
type outcome struct {
	err        error
	data, talk string
	document   document
}

// run runs drills. A run whose goroutine ends early, as that of a process that is killed, has no error and no document.
func (b *bench) run(ctx context.Context, change func(*Options)) outcome {
	b.t.Helper()
	var data, talk bytes.Buffer
	options := Options{
		ConfigFile: filepath.Join(b.folder, "config.yml"), StoragePath: b.folder, Root: "/nowhere", JSON: true, Data: &data, Talk: &talk,
		Now: b.clock.Now, transport: b, wait: b.pause,
	}
	if change != nil {
		change(&options)
	}
	b.requests = 0
	var made outcome
	done := make(chan struct{})
	go func() {
		defer close(done)
		made.err = Run(ctx, options)
	}()
	<-done
	made.data, made.talk = data.String(), talk.String()
	if options.JSON && made.data != "" {
		if err := json.Unmarshal(data.Bytes(), &made.document); err != nil {
			b.t.Fatalf("%v: %s", err, data.String())
		}
	}
	if strings.Contains(made.data+made.talk+fmt.Sprint(made.err, ui.Hints(made.err)), "canary") {
		b.t.Errorf("a secret is shown:\n%s\n%s\n%v", made.data, made.talk, made.err)
	}
	return made
}

func guests(names ...string) func(*Options) {
	return func(o *Options) { o.Guests = names }
}

// left lists the guests in the range of ids that is kept for scratch guests.
func (b *bench) left() (vmids []int) {
	b.cluster.Change(func(m *pvesim.Model) {
		for vmid := range m.Guests {
			if vmid >= first {
				vmids = append(vmids, vmid)
			}
		}
	})
	slices.Sort(vmids)
	return vmids
}

// clean asserts that nothing is left behind, and that the sources are as they were.
func (b *bench) clean() {
	b.t.Helper()
	if vmids := b.left(); len(vmids) > 0 {
		b.t.Errorf("left behind: %v", vmids)
	}
	entries, err := journal.Load(b.folder)
	if err != nil || len(entries.Of("home")) > 0 {
		b.t.Errorf("the journal holds %+v, %v", entries.Of("home"), err)
	}
	b.untouched()
}

// untouched asserts that the sources are as they were.
func (b *bench) untouched() {
	b.t.Helper()
	b.cluster.Change(func(m *pvesim.Model) {
		for vmid, digest := range b.sources {
			if guest := m.Guests[vmid]; guest == nil || guest.Digest() != digest || guest.Stopped {
				b.t.Errorf("guest %d was changed", vmid)
			}
		}
	})
}

// known returns what is remembered of a guest.
func (b *bench) known(guest string) result.Guest {
	b.t.Helper()
	file, err := result.Load(filepath.Join(b.folder, result.FileName))
	if err != nil {
		b.t.Fatal(err)
	}
	return file.Clusters["home"][guest]
}

// kill ends the goroutine of a run, as the process would end: nothing of it goes on.
func kill() { runtime.Goexit() }
