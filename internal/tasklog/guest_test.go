package tasklog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

// fakeCluster has tasks, each with its log; a log of "!" cannot be read.
type fakeCluster struct {
	fakeClient

	resources pve.Resources
	tasks     []pve.Task
	logs      map[string]string
	read      *[]string
	err       error
}

func (c fakeCluster) Resources(context.Context) (pve.Resources, error) { return c.resources, c.err }

func (c fakeCluster) NodeTasks(_ context.Context, node string, query pve.TaskQuery) ([]pve.Task, int, error) {
	if query.Type != "vzdump" || query.Source != pve.TasksAll || query.Limit == 0 {
		return nil, 0, fmt.Errorf("asked for %+v", query)
	}
	if node == "broken" {
		return nil, 0, errors.New("595 no route")
	}
	var tasks []pve.Task
	for _, task := range c.tasks {
		if task.Node == node {
			tasks = append(tasks, task)
		}
	}
	return tasks, len(tasks), nil
}

func (c fakeCluster) TaskLog(_ context.Context, _, upid string, w io.Writer) (int64, error) {
	*c.read = append(*c.read, upid)
	switch c.logs[upid] {
	case "":
		return 0, pve.ErrNoLog
	case "!":
		return 0, errors.New("connection lost")
	}
	n, err := io.WriteString(w, c.logs[upid])
	return int64(n), err
}

func (c fakeCluster) TaskStatus(_ context.Context, _, upid string) (pve.Task, error) {
	for _, task := range c.tasks {
		if task.UPID == upid {
			return task, nil
		}
	}
	return pve.Task{}, errors.New("no such task")
}

const (
	good   = "INFO: starting new backup job: vzdump 104 105 --storage nas\nINFO: Starting Backup of VM 104 (qemu)\nINFO: Finished Backup of VM 104 (00:00:03)\nTASK OK\n"
	locked = "INFO: starting new backup job: vzdump 104 --storage pbs\nERROR: Backup of VM 104 failed - VM is locked (backup)\nTASK ERROR: job errors\n"
	other  = "INFO: starting new backup job: vzdump 105 --storage nas\nINFO: Starting Backup of VM 105 (qemu)\nINFO: Finished Backup of VM 105 (00:00:03)\nTASK OK\n"
)

func home(read *[]string) fakeCluster {
	return fakeCluster{
		resources: pve.Resources{
			Guests: []pve.GuestResource{{VMID: 104, Type: "qemu", Name: "crm", Node: "pve1"}},
			Nodes:  []pve.NodeResource{{Node: "pve1", Online: true}, {Node: "pve2", Online: true}, {Node: "pve3"}, {Node: "broken", Online: true}},
		},
		tasks: []pve.Task{
			{UPID: "running-twice", Node: "pve1", Start: 50, ID: "105"},
			{UPID: "new", Node: "pve1", Start: 40, Status: "OK"},
			{UPID: "new", Node: "pve1", Start: 40, Status: "OK"},
			{UPID: "others", Node: "pve2", Start: 35, Status: "OK"},
			{UPID: "before it moved", Node: "pve2", Start: 30, ID: "104", Status: "job errors"},
			{UPID: "gone", Node: "pve1", Start: 25, Status: "OK"},
			{UPID: "older", Node: "pve1", Start: 20, ID: "104", Status: "job errors"},
			{UPID: "oldest", Node: "pve1", Start: 10, Status: "OK"},
		},
		logs: map[string]string{"new": good, "others": other, "before it moved": locked, "older": locked, "oldest": good},
		read: read,
	}
}

func finderOf(clients map[string]Client) Finder {
	return Finder{
		Attempts: 3,
		Clusters: func() ([]config.Cluster, error) { return []config.Cluster{{Name: "away"}, {Name: "home"}}, nil },
		Connect: func(cluster config.Cluster) (Client, error) {
			if clients[cluster.Name] == nil {
				return nil, errors.New("refused")
			}
			return clients[cluster.Name], nil
		},
	}
}

func TestTheNewestFailureOfAGuestOnAnyNodeIsExplained(t *testing.T) {
	t.Chdir(t.TempDir())
	var read []string
	answer, err := finderOf(map[string]Client{"home": home(&read)}).Find(context.Background(), "104")
	if err != nil {
		t.Fatal(err)
	}
	if answer.Task != (explain.Task{Cluster: "home", Node: "pve2", UPID: "before it moved", Started: 30}) || answer.Result != vzdump.ResultFailed {
		t.Errorf("explains %+v", answer.Task)
	}
	var attempts []string
	for _, each := range answer.Guest.Attempts {
		attempts = append(attempts, fmt.Sprint(each.UPID, " ", each.Storage, " ", each.Result, " ", each.Explained))
	}
	if got, want := strings.Join(attempts, "; "), "new nas success false; before it moved pbs failed true; older pbs failed false"; got != want {
		t.Errorf("attempts: got %s, want %s", got, want)
	}
	if got, want := strings.Join(read, ", "), "new, others, before it moved, gone, older"; got != want {
		t.Errorf("read %s, want %s: neither another guest's task nor more than is needed", got, want)
	}
	if guest := answer.Guest; guest.ID() != "qemu/104" || guest.Name != "crm" || strings.Join(guest.NotAsked, ",") != "pve3,broken" {
		t.Errorf("the guest: %+v", guest)
	}
}

func TestGuestsByName(t *testing.T) {
	t.Chdir(t.TempDir())
	var read []string
	empty := fakeCluster{read: &read, resources: pve.Resources{Nodes: []pve.NodeResource{{Node: "n", Online: true}}}}
	unreadable := home(&read)
	unreadable.logs = map[string]string{"new": "!", "older": "!"}
	for _, test := range []struct {
		name    string
		clients map[string]Client
		cluster string
		want    string // part of the error, or the cluster and UPID
	}{
		{"qemu/104", map[string]Client{"home": home(&read), "away": empty}, "", "home before it moved"},
		{"104", map[string]Client{"home": home(&read), "away": home(&read)}, "", "in the clusters away, home"},
		{"104", map[string]Client{"home": home(&read), "away": home(&read)}, "home", "home before it moved"},
		{"104", nil, "office", "no cluster office"},
		{"104", nil, "", "cluster away: refused"},
		{"105", map[string]Client{"home": home(&read)}, "", "home others"}, // in no inventory, but tasks tell of it
		{"999", map[string]Client{"home": home(&read), "away": empty}, "", "no backup of it"},
		{"104", map[string]Client{"home": unreadable}, "", "connection lost"},
		{"lxc/10", nil, "", "no such file"},
	} {
		finder := finderOf(test.clients)
		finder.Cluster = test.cluster
		answer, err := finder.Find(context.Background(), test.name)
		got := answer.Task.Cluster + " " + answer.Task.UPID
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s of %q: got %s, want %s", test.name, test.cluster, got, test.want)
		}
	}
}
