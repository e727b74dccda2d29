package provisioner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sshsim"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/setup"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const (
	debian        = "debian-13-standard_13.1-2_amd64.tar.zst"
	serverProgram = "#!/bin/sh\nexit 0\n"
)

// yard is a bench whose cluster offers a container template, with a machine that stands for the container once it runs.
type yard struct {
	*bench
	machine *sshsim.Machine
}

func newYard(t *testing.T) *yard {
	t.Helper()
	y := &yard{bench: newBench(t), machine: sshsim.Start(t)}
	y.inProcess = true
	alive := httptest.NewServer(http.HandlerFunc(func(reply http.ResponseWriter, request *http.Request) {
		if y.machine.Read("/.machine/active") == "" && y.machine.Read("/.machine/systemctl") == "" || request.URL.Path != "/minio/health/live" {
			http.Error(reply, "no", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(alive.Close)
	y.machine.Forward["127.0.0.1:9000"] = strings.TrimPrefix(alive.URL, "http://")
	y.cluster.Change(func(m *pvesim.Model) {
		m.TemplateIndex = []*pvesim.Template{
			{Name: "debian-13-standard_13.0-9_amd64.tar.zst", Size: 100 << 20}, {Name: debian, Size: 100 << 20, HostKeys: map[string]string{"ed25519": y.machine.HostKey}},
		}
		for path, privileges := range map[string][]string{ // those of docs/permissions.md
			"/vms/130":                      {"VM.Audit", "VM.Allocate", "VM.PowerMgmt", "VM.Config.Disk", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options"},
			"/storage/local":                {"Datastore.Audit", "Datastore.AllocateTemplate"},
			"/storage/local-zfs":            {"Datastore.Audit", "Datastore.AllocateSpace"},
			"/sdn/zones/localnetwork/vmbr0": {"SDN.Use"},
		} {
			m.Access.Roles["Container"+path] = privileges
			for _, who := range []string{"backup-admin@pve", token} {
				m.Access.Grants = append(m.Access.Grants, access.Grant{Path: path, Who: who, Role: "Container" + path})
			}
		}
	})
	y.put("minio.ssh", y.machine.PrivateKey)
	y.put("minio.ssh.pub", y.machine.PublicKey)
	y.put("minio.access", "observer\n")
	y.put("minio.secret", "not-used-here\n")
	y.put("minio.root", "root-user\n")
	y.put("minio.root.password", canary+"\n")
	y.put("minio", serverProgram)
	return y
}

// declareStore writes a declared file with a store in a container of environment monitoring.
func (y *yard) declareStore(more string) {
	sum := sha256.Sum256([]byte(serverProgram))
	y.declare(fmt.Sprintf(`environments:
  monitoring:
    guests: {vmids: [130]}
    backup: {profile: monitoring, storage: nas}
stores:
  depot:
    kind: minio
    endpoint: http://192.0.2.30:9000
    access_key_file: minio.access
    secret_key_file: minio.secret
    container:
      node: pve1
      vmid: 130
      storage: local-zfs
      address: 192.0.2.30/24
      gateway: 192.0.2.1
      allow: [192.0.2.0/24, 198.51.100.7]
      allow_ssh: [192.0.2.10]
      ssh_public_key_file: minio.ssh.pub
      ssh_private_key_file: minio.ssh
      root_user_file: minio.root
      root_password_file: minio.root.password
      server: {file: minio, sha256: %s}
%s`, hex.EncodeToString(sum[:]), more))
}

// inYard has the time of the cluster pass while somebody waits, and finds the machine where the container is.
func (y *yard) inYard(o *Options) {
	o.hooks = hooks{
		wait:   func(_ context.Context, d time.Duration) error { y.clock.Advance(d); return nil },
		ssh:    func(string) string { return y.machine.Address },
		prefix: y.machine.Root,
	}
}

func (y *yard) config(name string) string { return y.guest(130, name) }

// isMade looks at the container, its firewall and its server.
func (y *yard) isMade() {
	y.t.Helper()
	var running bool
	var values map[string]string
	y.cluster.Change(func(m *pvesim.Model) {
		if guest := m.Guests[130]; guest != nil {
			running, values = !guest.Stopped && guest.Lock == "", guest.Config
		}
	})
	for name, want := range map[string]string{
		"hostname": "depot", "unprivileged": "1", "onboot": "1", "features": "nesting=1", "cores": "2", "memory": "2048",
	} {
		if values[name] != want {
			y.t.Errorf("%s is %q", name, values[name])
		}
	}
	if !running || !strings.Contains(values["mp0"], "mp=/srv/minio,backup=1,size=32G") || !strings.Contains(values["net0"], "ip=192.0.2.30/24,gw=192.0.2.1,firewall=1") ||
		!strings.Contains(values["description"], "[pve-backup-exporter store=depot]") || strings.Contains(fmt.Sprint(values), "5ec2e7") {
		y.t.Errorf("running %t: %v", running, values)
	}
	if state := y.machine.Read("/etc/minio/running"); state == "" {
		y.t.Error("the server does not run")
	}
	if vmids := y.job("backup-monitoring")["vmid"]; vmids != "130" {
		y.t.Errorf("the job covers %q", vmids)
	}
}

// settledYard runs once more: nothing is written, neither to the cluster nor to the machine.
func (y *yard) settledYard() {
	y.t.Helper()
	y.cluster.Requests.Reset()
	stamp, told := y.machine.Read("/etc/minio/running"), strings.Count(y.machine.Read("/.machine/systemctl"), "restart")
	y.mustRun(y.inYard)
	if writes := y.writes(); len(writes) > 0 || y.changes || y.machine.Read("/etc/minio/running") != stamp || strings.Count(y.machine.Read("/.machine/systemctl"), "restart") != told {
		y.t.Errorf("the next run wrote %v, changes %t:\n%s", writes, y.changes, y.printed)
	}
}

func TestAContainerIsMadeWithAllThatBelongsToIt(t *testing.T) {
	y := newYard(t)
	y.declareStore("")
	y.mustRun(func(o *Options) { y.inYard(o); o.DryRun = true })
	for _, want := range []string{
		"+ container template local:vztmpl/" + debian, "+ container lxc/130", "+ container firewall lxc/130", "+ container state lxc/130", "+ store server lxc/130", "(sensitive)",
	} {
		if !strings.Contains(y.printed, want) {
			t.Errorf("%q is not in the plan:\n%s", want, y.printed)
		}
	}
	if writes := y.writes(); len(writes) > 0 {
		t.Errorf("the dry run wrote %v", writes)
	}
	y.mustRun(y.inYard)
	y.isMade()
	for _, want := range []string{
		"Store depot: container 130 on node pve1 of home, 192.0.2.30\n", "endpoint  http://192.0.2.30:9000\n", "console   http://192.0.2.30:9001\n",
		"firewall  does not act: the cluster's firewall is off", "the firewall of cluster home is off", // which is told, and left off
	} {
		if !strings.Contains(y.printed+y.said, want) {
			t.Errorf("%q is not said:\n%s%s", want, y.printed, withoutLog(y.said))
		}
	}
	y.settledYard()

	y.mustRun(func(o *Options) { y.inYard(o); o.JSON = true })
	var document struct {
		Servers []struct {
			Address, Endpoint_URL, Console_URL string //nolint:revive // names of the document
			Container_ID                       int    //nolint:revive // as well
			Firewall_Acts                      bool   //nolint:revive // as well
		}
	}
	if err := json.Unmarshal([]byte(y.printed), &document); err != nil || len(document.Servers) != 1 || document.Servers[0].Container_ID != 130 ||
		document.Servers[0].Endpoint_URL != "http://192.0.2.30:9000" || document.Servers[0].Console_URL != "http://192.0.2.30:9001" || document.Servers[0].Address != "192.0.2.30" || document.Servers[0].Firewall_Acts {
		t.Errorf("%v %+v\n%s", err, document, y.printed)
	}
}

// TestTheContainerIsInTheBackup: the next run of the job backs up the container, data included.
func TestTheContainerIsInTheBackup(t *testing.T) {
	y := newYard(t)
	y.declareStore("")
	y.mustRun(y.inYard)
	y.clock.Advance(48 * time.Hour)
	found := false
	y.cluster.Change(func(m *pvesim.Model) {
		for _, archive := range m.Archives("nas", "pve1") {
			found = found || archive.VMID == 130
		}
	})
	if !found {
		t.Error("no archive of it was made")
	}

	alone := newYard(t)
	alone.declareStore("")
	content := strings.Replace(alone.declared(), "vmids: [130]", "vmids: [100]", 1)
	alone.put("config.yml", content)
	alone.fails(alone.inYard, "container 130 of store depot is in no environment: nobody would back it up", "environments: {monitoring: {guests: {vmids: [130]}}}")
	if writes := alone.writes(); len(writes) > 0 {
		t.Errorf("written all the same: %v", writes)
	}
}

func TestTheFirewallLetsDeclaredNetworksIn(t *testing.T) {
	y := newYard(t)
	y.declareStore("")
	y.mustRun(y.inYard)
	want := "ACCEPT 22 192.0.2.10, ACCEPT 9000:9001 192.0.2.0/24, ACCEPT 9000:9001 198.51.100.7"
	if got := y.rules(); got != want {
		t.Errorf("rules %s", got)
	}
	y.put("config.yml", strings.Replace(y.declared(), ", 198.51.100.7]", "]", 1))
	y.mustRun(y.inYard)
	if got := y.rules(); got != strings.TrimSuffix(want, ", ACCEPT 9000:9001 198.51.100.7") {
		t.Errorf("a network that is not declared any more: %s", got)
	}
	y.settledYard()
	y.cluster.Change(func(m *pvesim.Model) {
		m.Guests[130].Config["net0"] = strings.Replace(m.Guests[130].Config["net0"], ",firewall=1", ",hwaddr=BC:24:11:00:00:09,tag=7", 1)
	})
	y.mustRun(y.inYard)
	if net := y.config("net0"); !strings.Contains(net, "firewall=1") || !strings.Contains(net, "hwaddr=BC:24:11:00:00:09,tag=7") {
		t.Errorf("the network card's own switch: %s", net)
	}
	y.settledYard()
}

// rules lists the rules of the container's firewall that act, and nothing while it is off.
func (y *yard) rules() string {
	file, err := config.Load(filepath.Join(y.folder, "config.yml"))
	if err != nil {
		y.t.Fatal(err)
	}
	client, err := connect(file.Clusters[0], y.folder, y.options(nil).Logger, wire.InProcess{Handler: y.cluster.HandlerAt("pve1")}, nil)
	if err != nil {
		y.t.Fatal(err)
	}
	defer client.Close()
	at := pve.GuestFirewall("pve1", "lxc", 130)
	options, err := client.FirewallOptions(y.t.Context(), at)
	if err != nil || !options.Enabled(false) || options.Values["policy_in"] != "DROP" {
		return fmt.Sprintf("off: %v %v", options, err)
	}
	rules, err := client.FirewallRules(y.t.Context(), at)
	if err != nil {
		y.t.Fatal(err)
	}
	var list []string
	for _, rule := range rules {
		if rule.Enabled {
			list = append(list, rule.Action+" "+rule.DestPort+" "+rule.Source)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// TestEveryStepIsInterruptedAndResumed loses each request that changes something, before it arrives and after it took effect, then runs again.
func TestEveryStepIsInterruptedAndResumed(t *testing.T) {
	counting := newYard(t)
	counting.declareStore("")
	counting.mustRun(counting.inYard)
	writes := counting.writes()
	if len(writes) < 8 {
		t.Fatalf("only %d writes: %v", len(writes), writes)
	}
	for i := range writes {
		for what, fault := range map[string]wire.Fault{"before": {Abort: true}, "after": {Cut: 0.5}} {
			t.Run(fmt.Sprintf("%d %s", i, what), func(t *testing.T) {
				y := newYard(t)
				y.inProcess = false // connections are what breaks
				y.declareStore("")
				y.loseWrite(writes, i, fault)
				if err := y.run(y.inYard); err == nil && what == "before" {
					t.Fatalf("it was not noticed:\n%s", y.said)
				}
				y.cluster.Faults.Clear()
				y.clock.Advance(10 * time.Minute) // what had begun comes to its end
				y.mustRun(y.inYard)
				y.isMade()
				y.settledYard()
			})
		}
	}
}

// loseWrite lets a fault happen to the write of a number, counted over all that a run makes.
func (b *bench) loseWrite(writes []string, number int, fault wire.Fault) {
	b.t.Helper()
	fault.Method, _, _ = strings.Cut(writes[number], " ")
	fault.Times = 1
	for _, earlier := range writes[:number] {
		if strings.HasPrefix(earlier, fault.Method+" ") {
			fault.Skip++
		}
	}
	b.cluster.Faults.Add(fault)
}

// declared is the declared file as it is.
func (b *bench) declared() string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.folder, "config.yml"))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func TestSomebodyElsesGuestIsLeftAlone(t *testing.T) {
	for what, guest := range map[string]*pvesim.Guest{
		"a container": {VMID: 130, Type: "lxc", Node: "pve2", Config: map[string]string{"hostname": "depot", "rootfs": "local-zfs:subvol-130-disk-0,size=8G"}},
		"a machine":   {VMID: 130, Type: "qemu", Node: "pve2", Config: map[string]string{"name": "depot", "scsi0": "local-zfs:vm-130-disk-0,size=8G"}},
	} {
		t.Run(what, func(t *testing.T) {
			y := newYard(t)
			y.declareStore("")
			y.cluster.Change(func(m *pvesim.Model) { m.AddGuest(guest) })
			y.fails(y.inYard, "container lxc/130 exists, was not made by this tool", "choose another `vmid`")
			if writes := y.writes(); len(writes) > 0 || y.machine.Commands() > 0 {
				t.Errorf("written all the same: %v, %d commands", writes, y.machine.Commands())
			}
		})
	}
}

// TestAServerThatCannotBeReachedKeepsNothingElseFromItsPlace: jobs are brought in line although nobody can log in to the container.
func TestAServerThatCannotBeReachedKeepsNothingElseFromItsPlace(t *testing.T) {
	y := newYard(t)
	y.declareStore("")
	y.mustRun(y.inYard)
	y.put("config.yml", strings.Replace(y.declared(), "profile: monitoring,", `profile: monitoring, schedule: "04:00",`, 1))
	y.mustRun(func(o *Options) {
		y.inYard(o)
		o.hooks.ssh = func(string) string { return "127.0.0.1:1" }
	})
	if y.job("backup-monitoring")["schedule"] != "04:00" || !strings.Contains(y.said+y.printed, "left as it is, since it cannot be looked at") {
		t.Errorf("%v\n%s", y.job("backup-monitoring"), withoutLog(y.said))
	}
}

// TestAnotherMachineGetsNoSecrets: a host key that is not the one of the creation's log ends the run before anything is sent.
func TestAnotherMachineGetsNoSecrets(t *testing.T) {
	y := newYard(t)
	y.declareStore("")
	other := sshsim.Start(t)
	y.fails(func(o *Options) {
		y.inYard(o)
		o.hooks.ssh = func(string) string { return other.Address }
	}, setup.ErrHostKey.Error(), "ssh_host_key")
	if other.Commands() != 0 {
		t.Errorf("%d commands were run there", other.Commands())
	}
	y.mustRun(y.inYard)
	y.isMade()
}

// TestHostKeysAreFoundAgain: on a machine that remembers nothing they are taken from the log of the creation.
func TestHostKeysAreFoundAgain(t *testing.T) {
	y := newYard(t)
	y.declareStore("")
	y.mustRun(y.inYard)
	y.storage = t.TempDir()
	y.settledYard()
	y.storage = t.TempDir()
	y.cluster.Change(func(m *pvesim.Model) { m.LoseTaskIndex("pve1") })
	y.mustRun(y.inYard)
	if !strings.Contains(y.said+y.printed, "neither this machine nor the cluster remembers its creation") {
		t.Errorf("it was not said:\n%s%s", y.printed, withoutLog(y.said))
	}
	y.put("config.yml", strings.Replace(y.declared(), "      server:", "      ssh_host_key: "+y.machine.HostKey+"\n      server:", 1))
	y.settledYard()
}
