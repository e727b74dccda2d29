package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const declaredFile = `
version: 1
clusters:
  home:
    endpoints: [https://pve1.example:8006, https://pve2.example:8006]
    exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: home.exporter}
environments:
  prod: {guests: {pools: [prod]}, backup: {profile: prod, storage: nas}}
  rest: {guests: {nodes: [pve1, pve2]}}
exempt:
  - {vmid: 900, note: "scratch machine", until: 2027-01-31}
`

// healthy returns what is known of a small cluster with which nothing is wrong, after a change of the declared file.
func healthy(t *testing.T, change ...string) *facts {
	t.Helper()
	text := strings.NewReplacer(change...).Replace(declaredFile)
	file, err := config.LoadBytes("/etc/backup/config.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f := &facts{file: file, cluster: file.Clusters[0], now: noon, timeout: 30 * time.Second}
	f.connection, _ = f.cluster.Connection("/")
	for _, address := range f.connection.Endpoints {
		f.probes = append(f.probes, probe{address: address, host: strings.TrimSuffix(address[8:], ":8006"), addresses: []string{"192.0.2.11"}, certificate: certificate(noon.AddDate(1, 0, 0))})
		f.endpoints = append(f.endpoints, pve.EndpointStatus{Address: address, Up: optional.Some(true)})
	}
	f.version = got(pve.Version{Major: 9, Minor: 2, Patch: 11, Text: "9.2.11"})
	f.resources = got(pve.Resources{
		Nodes: []pve.NodeResource{{Node: "pve1", Status: "online", Online: true}, {Node: "pve2", Status: "online", Online: true}},
		Guests: []pve.GuestResource{
			{ID: "qemu/100", Type: "qemu", VMID: 100, Name: "web", Node: "pve1", Pool: "prod", Status: "running"},
			{ID: "lxc/101", Type: "lxc", VMID: 101, Name: "dns", Node: "pve2", Status: "running"},
			{ID: "lxc/900", Type: "lxc", VMID: 900, Name: "scratch", Node: "pve2", Status: "stopped"},
		},
		Storages: []pve.StorageResource{
			{Storage: "nas", Node: "pve1", Type: "nfs", Content: "backup", Shared: true, Active: true},
			{Storage: "nas", Node: "pve2", Type: "nfs", Content: "backup", Shared: true, Active: true},
		},
	})
	f.status = got(pve.ClusterStatus{Name: "home", Quorate: true, Nodes: []pve.ClusterNode{{Name: "pve1", Online: true, Local: true}, {Name: "pve2", Online: true}}})
	f.permissions = got(pve.Permissions{"/": auditor()})
	f.recent = got([]pve.Task{})
	f.jobs = got([]pve.Job{
		{ID: "nightly", Enabled: true, Schedule: "01:00", Storage: "nas", VMIDs: []int{100, 101}, NextRun: noon.Unix() + 13*3600},
	})
	f.cycle = 120 * time.Millisecond
	f.storages = got([]pve.StorageConfig{
		{ID: "nas", Type: "nfs", Content: []string{"backup"}, Shared: true, Retention: "keep-daily=7"},
		{ID: "local", Type: "dir", Content: []string{"iso"}},
	})
	f.pools = got([]pve.Pool{{ID: "prod"}})
	f.schedules = map[string]*answer[[]int64]{"01:00": new(got([]int64{noon.Unix() + 13*3600}))}
	task := pve.Task{UPID: "UPID:pve1:00001D70:00045579:6B03887B:vzdump::root@pam:", Node: "pve1", Type: "vzdump", Status: "OK", End: noon.Unix() - 3600}
	f.nodes = map[string]*nodeFacts{}
	for _, name := range []string{"pve1", "pve2"} {
		f.nodes[name] = &nodeFacts{
			clock:    clock(noon, "Etc/UTC"),
			defaults: got(pve.VZDumpDefaults{Storage: "local", Retention: "keep-all=1", Remove: true}),
			tasks:    got(taskList{[]pve.Task{task}, 30}),
		}
	}
	f.archives = []*archiveFacts{{storage: "nas", node: "pve1", shared: true, listed: got(make([]pve.Archive, 14))}}
	f.log = &logFacts{task: task, bytes: got(int64(2048)), says: vzdump.Report{Command: "vzdump 100 101", Complete: true, Guests: make([]vzdump.Guest, 2)}}
	return f
}

func got[T any](value T) answer[T] {
	return answer[T]{value: value, asked: true, began: noon, ended: noon}
}

func failed[T any](err error) answer[T] {
	return answer[T]{err: err, asked: true, began: noon, ended: noon}
}

func clock(shows time.Time, zone string) answer[pve.NodeTime] {
	return got(pve.NodeTime{Time: shows.Unix(), LocalTime: shows.Unix(), Zone: zone})
}

func auditor() map[string]bool {
	return map[string]bool{"Sys.Audit": true, "VM.Audit": true, "Datastore.Audit": true, "Pool.Audit": true, "SDN.Audit": true}
}

// findingsOf judges facts and returns what one check found.
func findingsOf(f *facts, check string) []Finding {
	if f.resources.read() {
		f.judge()
	}
	return slices.DeleteFunc(f.findings(), func(finding Finding) bool { return finding.Check != check })
}

// textOf is a report's text of some findings, without its heading and summary.
func textOf(t *testing.T, findings []Finding) string {
	t.Helper()
	var out strings.Builder
	for _, finding := range findings {
		Style{}.finding(&out, finding)
	}
	return out.String()
}

// trial changes healthy facts in one way, and says what a check must then find: in the text of the report, parts of it.
type trial struct {
	name   string
	change func(*facts)
	level  Level // the worst that is found
	want   []string
	not    []string
}

// try runs trials of one check, and that the check has nothing to say against healthy facts.
func try(t *testing.T, check string, trials []trial) {
	t.Helper()
	for _, finding := range findingsOf(healthy(t), check) {
		if finding.Level != OK && finding.Level != Info {
			t.Errorf("healthy: %+v", finding)
		}
	}
	for _, each := range trials {
		t.Run(each.name, func(t *testing.T) {
			f := healthy(t)
			each.change(f)
			findings := findingsOf(f, check)
			text := textOf(t, findings)
			if worst := worst(findings); worst != each.level {
				t.Errorf("the worst is %q, want %q", worst, each.level)
			}
			for _, part := range each.want {
				if !strings.Contains(text, part) {
					t.Errorf("%q is missing", part)
				}
			}
			for _, part := range each.not {
				if strings.Contains(text, part) {
					t.Errorf("%q should not be there", part)
				}
			}
			if t.Failed() {
				t.Log("\n" + text)
			}
		})
	}
}

func worst(findings []Finding) Level {
	order := []Level{"", OK, Info, Warning, Problem}
	at := 0
	for _, finding := range findings {
		at = max(at, slices.Index(order, finding.Level))
	}
	return order[at]
}
