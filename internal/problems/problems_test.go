package problems

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

const (
	now  = int64(1790000000)
	hour = int64(3600)
	day  = 24 * hour
)

func ago(seconds int64) snapshot.Seconds { return optional.Some(now - seconds) }
func in(seconds int64) snapshot.Seconds  { return optional.Some(now + seconds) }

// healthy is a cluster of two nodes and three guests where nothing is wrong.
func healthy() *snapshot.Cluster {
	c := &snapshot.Cluster{
		Name: "home", Taken: now, Up: true,
		Sources: []snapshot.Source{
			{Kind: snapshot.SourceArchives, Storage: "nas", Up: true, LastSuccess: ago(600), Duration: optional.Some(1.0), Interval: 900},
			{Kind: snapshot.SourceJobs, Up: true, LastSuccess: ago(20), Duration: optional.Some(0.1), Interval: 60},
			{Kind: snapshot.SourceResources, Up: true, LastSuccess: ago(20), Duration: optional.Some(0.1), Interval: 60},
			{Kind: snapshot.SourceSchedules, Up: true, LastSuccess: ago(9 * day), Duration: optional.Some(0.1), Interval: 900},
			{Kind: snapshot.SourceTasks, Node: "pve1", Up: true, LastSuccess: ago(20), Duration: optional.Some(0.1), Interval: 60},
			{Kind: snapshot.SourceTasks, Node: "pve2", Up: true, LastSuccess: ago(20), Duration: optional.Some(0.1), Interval: 60},
			{Kind: snapshot.SourceLogs, Node: "pve2", Up: true, LastSuccess: ago(20), Duration: optional.Some(0.1), Interval: 60},
		},
		Endpoints: []snapshot.Endpoint{{Address: "https://pve1.example:8006", Up: optional.Some(true)}, {Address: "https://pve2.example:8006"}},
		Nodes: []snapshot.Node{
			{Name: "pve1", Online: true, ClockSkew: optional.Some(0.4)}, {Name: "pve2", Online: true, ClockSkew: optional.Some(-0.2)},
		},
		Jobs: []snapshot.Job{{ID: "nightly", Storage: "nas", Schedule: "01:00", Enabled: true, Guests: 3, Exclusive: 3, NextRun: in(day)}},
		Storages: []snapshot.Storage{{
			ID: "nas", Type: "nfs", Shared: true, Nodes: []snapshot.StorageNode{{Node: "pve1", Up: true, Needed: true}, {Node: "pve2", Up: true, Needed: true}},
			Usage: []snapshot.StorageUsage{{Size: 4 << 40, Used: 2 << 40, Available: 2 << 40}},
		}},
	}
	for i, guest := range []snapshot.Guest{
		{ID: "lxc/1000", VMID: 1000, Name: "mail", Type: "lxc", Node: "pve2", Environment: snapshot.Unassigned},
		{ID: "qemu/104", VMID: 104, Name: "db", Type: "qemu", Node: "pve1", Environment: "prod"},
		{ID: "qemu/105", VMID: 105, Type: "qemu", Node: "pve1", Environment: "prod"},
	} {
		guest.Covered = optional.Some(true)
		guest.ExcludedDisks = optional.Some(0)
		c.Guests = append(c.Guests, guest)
		c.Targets = append(c.Targets, snapshot.Target{
			Key: snapshot.Key{Guest: guest.ID, Storage: "nas"}, VMID: guest.VMID, Environment: guest.Environment, Targeted: true,
			LastSuccess: ago(20 * hour), LastAttempt: ago(20 * hour), Due: in(28 * hour), Observed: ago(20),
			Archives: optional.Some(snapshot.Archives{Count: 8 + i, Protected: 1 + i, Newest: ago(20 * hour)}), Expected: optional.Some(7), Excess: optional.Some(0),
		})
	}
	return c
}

func fail(t *snapshot.Target, reason vzdump.Reason) {
	t.LastAttempt, t.LastAttemptFailed, t.FailureReason = ago(3*hour), true, reason
}

func uncover(g *snapshot.Guest, reason snapshot.UncoveredReason) {
	g.Covered, g.Uncovered = optional.Some(false), reason
}

// Indexes of the guests and targets of a healthy cluster.
const (
	mail = iota
	db
	nameless
)

func TestList(t *testing.T) {
	for _, test := range slices.Concat(aboutClusters, aboutGuests) {
		t.Run(test.name, func(t *testing.T) {
			cluster := healthy()
			test.change(cluster)
			var got []string
			for _, p := range List([]*snapshot.Cluster{cluster}, time.Unix(now, 0)) {
				got = append(got, fmt.Sprintf("%s %s: %s", p.Severity, p.Kind, p.Text))
				if p.Cluster != "home" {
					t.Errorf("%q has the cluster %q", p.Text, p.Cluster)
				}
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(test.want, "\n  "))
			}
		})
	}
}

func TestEveryProblemThatCallsForActionHasAHint(t *testing.T) {
	kinds := map[Kind]bool{ReloadFailed: true}
	for _, test := range slices.Concat(aboutClusters, aboutGuests) {
		cluster := healthy()
		test.change(cluster)
		for _, p := range List([]*snapshot.Cluster{cluster}, time.Unix(now, 0)) {
			kinds[p.Kind] = true
			waits := p.Kind == NodeOffline || p.Kind == ClusterNotRead || p.Kind == BackupAwaited
			if (p.Hint == "") != waits {
				t.Errorf("%s: hint %q", p.Kind, p.Hint)
			}
		}
	}
	for _, test := range aboutStores {
		store := wellStore()
		test.change(store)
		for _, p := range List(nil, time.Unix(now, 0), store) {
			kinds[p.Kind] = true
		}
	}
	for _, kind := range urgency {
		if !kinds[kind] {
			t.Errorf("no test has a problem of the kind %s", kind)
		}
	}
}

func TestDetailsNameEveryGuest(t *testing.T) {
	cluster := healthy()
	for i := range cluster.Targets {
		fail(&cluster.Targets[i], vzdump.ReasonStorageFull)
	}
	found := List([]*snapshot.Cluster{cluster}, time.Unix(now, 0))
	want := "VM 104 'db' (prod): failed 3 h ago; the last good one is 20 h old\n" +
		"VM 105 (prod): failed 3 h ago; the last good one is 20 h old\n" +
		"CT 1000 'mail': failed 3 h ago; the last good one is 20 h old"
	if len(found) != 1 || strings.Join(found[0].Details, "\n") != want {
		t.Fatalf("got %+v", found)
	}
	if subject := found[0].Subject; subject != (Subject{Cluster: "home", Storage: "nas"}) {
		t.Errorf("the subject is %+v", subject)
	}
}

func TestTheMostUrgentComesFirst(t *testing.T) {
	office, home := healthy(), healthy()
	office.Name = "office"
	office.Guests[db].ExcludedDisks = optional.Some(1)
	office.Nodes[0].UnattributedFailure = true
	home.Jobs[0].MissingGuests = 2
	home.Nodes[1].ClockSkew = optional.Some(60.0)
	var got []string
	for _, p := range List([]*snapshot.Cluster{home, office}, time.Unix(now, 0)) {
		got = append(got, fmt.Sprintf("%s %s", p.Cluster, p.Kind))
	}
	want := "office unattributed_failure, home clock_skew, home job_names_missing, office guest_partly_covered"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestHostileNamesStayOnOneLine(t *testing.T) {
	cluster := healthy()
	cluster.Guests[db].Name = "a\nb\x1b[31m\u202e\xff" + strings.Repeat("x", 10_000)
	fail(&cluster.Targets[db], vzdump.ReasonUnknown)
	found := List([]*snapshot.Cluster{cluster}, time.Unix(now, 0))
	if len(found) != 1 || strings.ContainsAny(found[0].Text, "\n\x1b\u202e") || len(found[0].Text) > 500 {
		t.Errorf("got %q", found)
	}
}

func TestReload(t *testing.T) {
	one := errors.New("config.yml:3:5: unknown key 'endpoint'\n  endpoint: x\n  ^")
	two := errors.New("config.yml:9:1: no such cluster")
	for _, test := range []struct {
		err  error
		want string
	}{
		{one, "config.yml:3:5: unknown key 'endpoint'"},
		{errors.Join(one, two), "config.yml:3:5: unknown key 'endpoint' and config.yml:9:1: no such cluster"},
		{fmt.Errorf("cluster home: %w", errors.Join(two, one)), "cluster home: config.yml:9:1: no such cluster"},
		{errors.Join(two, two, two, two, two), strings.Repeat("config.yml:9:1: no such cluster, ", 2) + "config.yml:9:1: no such cluster and 2 more"},
	} {
		got := Reload(test.err, time.Unix(now-7200, 0), time.Unix(now, 0))
		want := "The declared file could not be loaded 2 h ago, and the older one stays in effect: " + test.want
		if got.Text != want || got.Kind != ReloadFailed || got.Severity != Warning || got.Hint == "" {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

func TestDetailsNameEveryDriftedObject(t *testing.T) {
	cluster := healthy()
	drift := snapshot.Drift{Kind: snapshot.DriftJob}
	for _, id := range []string{"a1", "b2", "c3", "d4"} {
		drift.Objects = append(drift.Objects, snapshot.Drifted{ID: id, What: "is not there"})
	}
	cluster.Drift = []snapshot.Drift{drift}
	found := List([]*snapshot.Cluster{cluster}, time.Unix(now, 0))
	if len(found) != 1 || strings.Join(found[0].Details, "\n") != "a1 (is not there)\nb2 (is not there)\nc3 (is not there)\nd4 (is not there)" {
		t.Fatalf("got %+v", found)
	}
}
