package pvesim_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// build makes a built-in scenario that ends at t.
func build(tb testing.TB, name string, t time.Time) (*pvesim.Cluster, *pvesim.Clock) {
	tb.Helper()
	s, err := pvesim.LoadScenario(name)
	if err != nil {
		tb.Fatal(err)
	}
	clock := pvesim.NewClock(t)
	return s.Build(pvesim.Options{Now: clock.Now}), clock
}

// everything writes down all that a cluster's nodes, storages and logs hold.
func everything(c *pvesim.Cluster) string {
	var b bytes.Buffer
	c.Change(func(m *pvesim.Model) {
		for _, node := range m.Nodes {
			for _, upid := range m.Tasks(node.Name, "") {
				fmt.Fprintf(&b, "%s %s %d\n", upid, m.TaskStatus(upid), len(m.Log(upid)))
			}
			for _, storage := range m.Storages {
				for _, a := range m.Archives(storage.ID, node.Name) {
					fmt.Fprintf(&b, "%s %d %v\n", a.Volume(), a.Size, a.Protected)
				}
			}
		}
	})
	return b.String()
}

func TestTheSameSeedMakesTheSameHistory(t *testing.T) {
	for _, name := range pvesim.Scenarios() {
		one, _ := build(t, name, start())
		two, clock := build(t, name, start())
		if a, b := everything(one), everything(two); a != b || len(a) < 1000 {
			t.Errorf("%s: two builds differ", name)
		}
		clock.Advance(24 * time.Hour)
		if everything(one) == everything(two) {
			t.Errorf("%s: a day goes by and nothing happens", name)
		}
	}
}

func TestHistoryDoesNotDependOnHowOftenSomebodyAsks(t *testing.T) {
	patient, far := build(t, "small", start())
	curious, near := build(t, "small", start())
	far.Advance(30 * time.Hour)
	for range 30 * 60 {
		near.Advance(time.Minute)
		curious.Change(func(*pvesim.Model) {})
	}
	if everything(patient) != everything(curious) {
		t.Error("asking every minute made another history")
	}
}

// TestHomeHasOneOfEveryTrouble looks at several times of the day, since jobs run at fixed hours and ages count from now.
func TestHomeHasOneOfEveryTrouble(t *testing.T) {
	for _, hour := range []int{0, 1, 3, 5, 10, 17, 23} {
		t.Run(fmt.Sprintf("at %d", hour), func(t *testing.T) {
			c, clock := build(t, "home", time.Date(2026, 11, 24, hour, 20, 0, 0, time.UTC))
			results, reasons := lastResults(t, c)
			for key, want := range map[string]vzdump.GuestResult{
				"100 backup-nfs": vzdump.GuestSuccess, "100 pbs-remote": vzdump.GuestSuccess, "114 backup-nfs": vzdump.GuestWarning, "300 local-backup": vzdump.GuestSuccess,
			} {
				if results[key] != want {
					t.Errorf("%s: %s, want %s", key, results[key], want)
				}
			}
			for key, want := range map[string]vzdump.Reason{
				"104 backup-nfs": vzdump.ReasonQMPTimeout, "116 backup-nfs": vzdump.ReasonIOError, "112 backup-nfs": vzdump.ReasonPruneFailed,
				"112 pbs-remote": vzdump.ReasonNetwork, "117 backup-nfs": vzdump.ReasonGuestLocked, "998 local-backup": vzdump.ReasonGuestMissing,
			} {
				if reasons[key] != want {
					t.Errorf("%s: %q, want %q", key, reasons[key], want)
				}
			}
			checkHome(t, c, clock)
		})
	}
}

// lastResults reads all logs and returns the newest result and reason of each guest on each storage.
func lastResults(t *testing.T, c *pvesim.Cluster) (results map[string]vzdump.GuestResult, reasons map[string]vzdump.Reason) {
	t.Helper()
	results, reasons = map[string]vzdump.GuestResult{}, map[string]vzdump.Reason{}
	newest := map[string]string{}
	c.Change(func(m *pvesim.Model) {
		for _, node := range m.Nodes {
			for _, upid := range m.Tasks(node.Name, "vzdump") {
				report, err := vzdump.Parse(newReader(m.Log(upid)))
				if err != nil {
					t.Fatal(err)
				}
				command, _ := vzdump.ParseCommandLine(report.Command)
				u, _ := vzdump.ParseUPID(upid)
				for _, g := range report.Guests {
					key := fmt.Sprint(g.VMID, " ", command.Options["storage"])
					if when := fmt.Sprintf("%012d", u.Start); when > newest[key] && g.Result != vzdump.GuestNotRun {
						newest[key], results[key], reasons[key] = when, g.Result, g.Reason
					}
				}
			}
		}
	})
	return results, reasons
}

// checkHome looks at what is no matter of logs.
func checkHome(t *testing.T, c *pvesim.Cluster, clock *pvesim.Clock) {
	t.Helper()
	c.Change(func(m *pvesim.Model) {
		if m.Guests[117].Lock != "backup" || m.Guests[113].Node != "pve2" || m.Guests[950] != nil || !m.Node("pve-lab").SchedulerStopped {
			t.Error("a locked, a migrated and a deleted guest, and a dead scheduler")
		}
		if n := len(m.Archives("backup-nfs", "pve1")); n < 100 {
			t.Errorf("%d archives", n)
		}
		orphans, kinds := 0, map[string]int{}
		for _, a := range m.Archives("backup-nfs", "pve1") {
			orphans += map[bool]int{true: 1}[m.Guests[a.VMID] == nil]
			kinds[map[bool]string{true: "protected"}[a.Protected]+map[bool]string{true: "renamed"}[a.Renamed != ""]]++
		}
		if orphans < 3 || kinds["protected"] != 1 || kinds["renamed"] != 1 {
			t.Errorf("%d orphans, %v", orphans, kinds)
		}
		if last := m.TaskStatus(m.Tasks("pve-lab", "vzdump")[0]); !strings.HasPrefix(last, "could not activate storage 'old-nas'") {
			t.Errorf("nothing follows the failure that names no guest: %q", last)
		}
		if running := m.RunningBackups("pve2"); len(running) == 0 {
			t.Error("no backup is going on")
		}
		if used := m.Used("backup-nfs", "pve1"); used < 0.81 || used > 0.94 {
			t.Errorf("backup-nfs is %.0f %% full", used*100)
		}
	})
	running := 0
	for range 12 {
		clock.Advance(10 * time.Minute)
		c.Change(func(m *pvesim.Model) { running += min(1, len(m.RunningBackups("pve2"))) })
	}
	if running < 6 {
		t.Errorf("of the next two hours, backups run in %d of 12 moments only", running)
	}
}

func TestScenarioFilesAreStrict(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "nodes: [{name: a, colour: red}]", `unknown key "colour"`},
		{"no nodes", "cluster: x", "it has no nodes"},
		{"zone", "nodes: [{name: a, zone: Europe/Atlantis}]", `zone "Europe/Atlantis"`},
		{"guest's kind", "nodes: [{name: a}]\nguests: [{id: 100, type: kvm, node: a}]", `guest 100: type "kvm"`},
		{"guest's node", "nodes: [{name: a}]\nguests: [{id: 100, type: lxc, node: b}]", `guest 100: unknown node "b"`},
		{"guest's pool", "nodes: [{name: a}]\nguests: [{id: 100, type: lxc, node: a, pool: p}]", `guest 100: unknown pool "p"`},
		{"guest twice", "nodes: [{name: a}]\nguests: [{id: 100, type: lxc, node: a}, {id: 100, type: qemu, node: a}]", "guest 100: stated twice"},
		{"schedule", "nodes: [{name: a}]\njobs: [{id: j, schedule: noon}]", `job "j": calendar event "noon"`},
		{"retention", "nodes: [{name: a}]\njobs: [{id: j, schedule: daily, options: {prune-backups: keep-foo=1}}]", `job "j": retention rule`},
		{"outcome", "nodes: [{name: a}]\noutcomes: [{outcome: explosion}]", `outcome 1: "explosion" is none of`},
		{"archive's storage", "nodes: [{name: a}]\narchives: [{storage: s, type: lxc}]", `archive 1: unknown storage "s"`},
		{"event without action", "nodes: [{name: a}]\nevents: [{at: 1d}]", "event 1: has 0 actions instead of one"},
		{"age", "nodes: [{name: a}]\nevents: [{at: yesterday, crash: {node: a}}]", "yesterday"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pvesim.ParseScenario("x", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "x:") || len(ui.Hints(err)) == 0 {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestScenariosByNameAndFile(t *testing.T) {
	if got := pvesim.Scenarios(); !slices.Equal(got, []string{"home", "small"}) {
		t.Errorf("built in: %q", got)
	}
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte("nodes: [{name: a}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := pvesim.LoadScenario(file); err != nil || s.Nodes[0].Name != "a" {
		t.Errorf("from a file: %v %v", s, err)
	}
	if _, err := pvesim.LoadScenario("nowhere"); err == nil || !strings.Contains(strings.Join(ui.Hints(err), ""), "home, small") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkHome(b *testing.B) {
	for b.Loop() {
		c, _ := build(b, "home", start())
		c.Change(func(*pvesim.Model) {})
	}
}
