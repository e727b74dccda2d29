package tasklog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

// Bounds of the search for a guest's attempts. A node keeps about a thousand tasks; of a log nothing tells beforehand which guests it is
// about, unless it is about one.
const (
	tasksOfNode = 500
	mostLogs    = 60
)

// guestName is a guest as people and metrics write it: 104, qemu/104. The number alone decides: a cluster has it once.
var guestName = regexp.MustCompile(`^(?:(?:qemu|lxc)/)?([1-9][0-9]{2,8})$`)

// errNoAttempt is a guest of which no log tells.
var errNoAttempt = errors.New("no backup of it in the tasks that the nodes still know")

// guest finds the newest attempts of a guest, on whatever node they ran, and answers with the log of the newest that failed, or of the
// newest where none did.
func (f Finder) guest(ctx context.Context, name string) (explain.Answer, error) {
	vmid, err := strconv.Atoi(guestName.FindStringSubmatch(name)[1])
	if err != nil {
		return explain.Answer{}, fmt.Errorf("guest %s: %w", name, err)
	}
	clusters, err := f.clusters()
	if err != nil {
		return explain.Answer{}, err
	}
	var found []search
	var failures []error
	for _, cluster := range clusters {
		client, err := f.Connect(cluster)
		if err != nil {
			failures = append(failures, fmt.Errorf("cluster %s: %w", cluster.Name, err))
			continue
		}
		defer client.Close() // there are a few clusters at most
		one := search{cluster: cluster.Name, client: client, guest: explain.Guest{VMID: vmid}, attempts: max(1, f.Attempts)}
		if err := one.look(ctx); err != nil {
			failures = append(failures, fmt.Errorf("cluster %s: %w", cluster.Name, err))
			continue
		}
		found = append(found, one)
	}
	return choose(ctx, name, found, failures)
}

// choose asks the one cluster that has the guest for its attempts; or all of them, where none has it: a job may still name it.
func choose(ctx context.Context, name string, found []search, failures []error) (explain.Answer, error) {
	var owners []string
	for _, each := range found {
		if each.guest.Node != "" {
			owners = append(owners, each.cluster)
		}
	}
	if len(owners) > 1 {
		return explain.Answer{}, ui.Hint(fmt.Errorf("guest %s is in the clusters %s", name, strings.Join(owners, ", ")), "choose one: --cluster=%s", owners[0])
	}
	for _, each := range found {
		if len(owners) == 1 && each.guest.Node == "" {
			continue
		}
		answer, err := each.answer(ctx)
		if err == nil {
			return answer, nil
		}
		failures = append(failures, fmt.Errorf("guest %s, cluster %s: %w", name, each.cluster, err))
	}
	return explain.Answer{}, errors.Join(failures...)
}

// search looks for the attempts of one guest in one cluster.
type search struct {
	cluster  string
	client   Client
	guest    explain.Guest
	nodes    []string
	attempts int
}

// look finds the guest and the nodes in the inventory.
func (s *search) look(ctx context.Context) error {
	resources, err := s.client.Resources(ctx)
	if err != nil {
		return err
	}
	for _, guest := range resources.Guests {
		if guest.VMID == s.guest.VMID {
			s.guest.Type, s.guest.Name, s.guest.Node = guest.Type, guest.Name, guest.Node
		}
	}
	for _, node := range resources.Nodes {
		if node.Online {
			s.nodes = append(s.nodes, node.Node)
		} else {
			s.guest.NotAsked = append(s.guest.NotAsked, node.Node)
		}
	}
	return nil
}

// answer reads logs, newest task first, until there are enough attempts.
func (s *search) answer(ctx context.Context) (explain.Answer, error) {
	tasks, err := s.tasks(ctx)
	if err != nil {
		return explain.Answer{}, err
	}
	var chosen explain.Answer
	var failures []error
	logs := 0
	for _, task := range tasks {
		if len(s.guest.Attempts) == s.attempts || logs == mostLogs {
			break
		}
		logs++
		report, err := read(ctx, s.client, task.Node, task.UPID)
		if errors.Is(err, pve.ErrNoLog) || pve.IsNotFound(err) {
			continue // cleaned up in the meantime
		}
		if err != nil {
			s.notAsked(task.Node)
			failures = append(failures, err)
			continue
		}
		of := slices.IndexFunc(report.Guests, func(g vzdump.Guest) bool { return g.VMID == s.guest.VMID })
		if of < 0 {
			continue
		}
		from := explain.Task{Cluster: s.cluster, Node: task.Node, UPID: task.UPID, Started: task.Start}
		attempt := explain.Attempt{Task: from, Storage: explain.StorageOf(report), Result: report.Guests[of].Result, Reason: report.Guests[of].Reason}
		s.guest.Attempts = append(s.guest.Attempts, attempt)
		if chosen.Guest == nil || failed(attempt) && !failed(s.explained()) {
			chosen = explain.Answer{Report: report, Task: from, Guest: &s.guest}
			s.explain(len(s.guest.Attempts) - 1)
		}
	}
	if chosen.Guest == nil && len(failures) > 0 {
		return chosen, errors.Join(failures...)
	}
	if chosen.Guest == nil {
		return chosen, ui.Hint(fmt.Errorf("%w: %d tasks of %d nodes, %d logs read", errNoAttempt, len(tasks), len(s.nodes), logs),
			"`pve-backup-exporter check` tells whether a job covers the guest; a log that was saved can be read from a file")
	}
	return chosen, nil
}

// notAsked notes a node of which not everything is known.
func (s *search) notAsked(node string) {
	if !slices.Contains(s.guest.NotAsked, node) {
		s.guest.NotAsked = append(s.guest.NotAsked, node)
	}
}

func (s *search) explain(at int) {
	for i := range s.guest.Attempts {
		s.guest.Attempts[i].Explained = i == at
	}
}

func (s *search) explained() explain.Attempt {
	return s.guest.Attempts[slices.IndexFunc(s.guest.Attempts, func(a explain.Attempt) bool { return a.Explained })]
}

func failed(attempt explain.Attempt) bool {
	return attempt.Result == vzdump.GuestFailed || attempt.Result == vzdump.GuestInterrupted || attempt.Result == vzdump.GuestNotRun
}

// tasks lists the backup tasks of all nodes that may be about the guest, newest first. A node that cannot be asked is noted.
func (s *search) tasks(ctx context.Context) ([]pve.Task, error) {
	var all []pve.Task
	var failures []error
	asked := 0
	for _, node := range s.nodes {
		tasks, _, err := s.client.NodeTasks(ctx, node, pve.TaskQuery{Type: "vzdump", Source: pve.TasksAll, Limit: tasksOfNode})
		if err != nil {
			s.notAsked(node)
			failures = append(failures, err)
			continue
		}
		asked++
		all = append(all, tasks...)
	}
	if asked == 0 {
		return nil, errors.Join(failures...)
	}
	// The id of a task is that of the guest if it is about one, and empty if it is about several.
	all = slices.DeleteFunc(all, func(task pve.Task) bool { return task.ID != "" && task.ID != strconv.Itoa(s.guest.VMID) })
	slices.SortStableFunc(all, func(a, b pve.Task) int { return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(a.UPID, b.UPID)) })
	return slices.CompactFunc(all, func(a, b pve.Task) bool { return a.UPID == b.UPID }), nil // one that just ended may be listed twice
}

// clusters are the configured ones, or the one that was chosen.
func (f Finder) clusters() ([]config.Cluster, error) {
	clusters, err := f.Clusters()
	if err != nil || f.Cluster == "" {
		return clusters, err
	}
	var names []string
	for _, cluster := range clusters {
		if cluster.Name == f.Cluster {
			return []config.Cluster{cluster}, nil
		}
		names = append(names, cluster.Name)
	}
	return nil, ui.Hint(fmt.Errorf("the declared file has no cluster %s", f.Cluster), "it has %s", strings.Join(names, ", "))
}
