package refresh

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const (
	// history is how far back tasks are read when nothing is remembered. Task indexes hardly ever reach further.
	history = 35 * 24 * time.Hour
	// overlap is how much of what was read before is looked at again: a node's clock that was set back hides no task for longer.
	overlap = int64(time.Hour / time.Second)
	// pageSize is how many tasks are asked for at once: an index holds at most about 1,800.
	pageSize = 2000
)

// errOwnTasks stands for a list that would be short and say nothing of it.
var errOwnTasks = errors.New("the token sees only its own tasks: Sys.Audit is missing")

// typeVzdump is the type of backup tasks.
const typeVzdump = "vzdump"

// nodeTasks is what was found of one node's tasks in a cycle.
type nodeTasks struct {
	node   string
	window []pve.Task // out of GET /cluster/tasks
	tasks  []pve.Task // those that may bring news
}

// readTasks finds the tasks that ended since the last cycle, takes over their results, and follows those that run. It returns the
// storages whose archives may have changed, and whether there was any news.
func (r *Refresher) readTasks(ctx context.Context, recent []pve.Task, runs *derive.Runs, slow bool) (touched touches, news bool) {
	touched = touches{}
	r.world.Running = nil
	began := r.Now()
	nodes := r.findTasks(ctx, recent)
	var finished, running []pve.Task
	for _, found := range nodes {
		ended, goOn, other := r.takeOthers(found, touched)
		finished, running = append(finished, ended...), append(running, goOn...)
		news = news || other || len(ended) > 0
	}
	failed := r.readLogs(ctx, finished, runs, touched, slow)
	for node, err := range r.followLogs(ctx, running, nodes) {
		failed[node] = err
	}
	r.world.Unread = nil
	for upid, task := range r.pending {
		r.world.Unread = append(r.world.Unread, r.follows[upid].soFar(task))
	}
	for _, found := range nodes {
		r.sources.record(sourceKey{kind: snapshot.SourceLogs, node: found.node}, began, r.Now(), failed[found.node])
		r.advance(found)
	}
	return touched, news
}

// findTasks returns for each online node the tasks that may bring news: out of the cluster's window of recent tasks where that reaches
// back to what was seen before, else from the node's own list.
func (r *Refresher) findTasks(ctx context.Context, recent []pve.Task) []nodeTasks {
	var found []nodeTasks
	call := func(node string) (nodeTasks, error) {
		one := nodeTasks{node: node}
		for _, task := range recent {
			if task.Node == node {
				one.window = append(one.window, task)
			}
		}
		one.tasks = one.window
		if !r.sees("/nodes/"+node, "Sys.Audit") {
			return one, errOwnTasks
		}
		if recent != nil && r.windowReaches(node, one.window) {
			return one, nil
		}
		listed, err := r.listTasks(ctx, node)
		one.tasks = append(listed, one.window...)
		return one, err
	}
	askNodes(r, r.world.NodeStates, snapshot.SourceTasks, call, func(node string, got reply[nodeTasks]) {
		r.listed[node] = true
		found = append(found, got.value)
	})
	for _, node := range r.world.NodeStates {
		if !node.Online {
			now := r.Now()
			r.sources.record(sourceKey{kind: snapshot.SourceLogs, node: node.Node}, now, now, errOffline)
		}
		if !r.sees("/nodes/"+node.Node, "Sys.Audit") { // archives are all that there is
			facts := r.world.Nodes[node.Node]
			facts.TasksKnown = 0
			r.world.Nodes[node.Node] = facts
		}
	}
	return found
}

// windowReaches reports whether no task can have come and gone between the last window and this one.
func (r *Refresher) windowReaches(node string, window []pve.Task) bool {
	memory := r.Memory.Nodes[node]
	if memory == nil || memory.Cursor == 0 || !r.listed[node] || !r.sees("/", "Sys.Audit") {
		return false
	}
	present, ended := map[string]bool{}, map[string]bool{}
	for _, task := range window {
		present[task.UPID], ended[task.UPID] = true, !task.Running()
	}
	for upid, follow := range r.follows {
		if follow.task.Node == node && !present[upid] {
			return false // it ran when last seen, and fell out of the window unseen
		}
	}
	if len(memory.Window) == 0 {
		return len(window) < windowSize
	}
	// Those that run stay in the window whatever comes and goes behind them: only one that had ended shows that nothing fell out.
	return slices.ContainsFunc(memory.Window, func(upid string) bool { return ended[upid] })
}

// windowSize is how many recent tasks of a node GET /cluster/tasks shows at most.
const windowSize = 25

func (r *Refresher) sees(path, privilege string) bool {
	return r.world.Permissions == nil || r.world.Permissions.Has(path, privilege)
}

// listTasks reads a node's own list, from the oldest task that may still bring news.
func (r *Refresher) listTasks(ctx context.Context, node string) ([]pve.Task, error) {
	since := r.world.Now - int64(history/time.Second)
	if memory := r.Memory.Nodes[node]; memory != nil && memory.Cursor != 0 {
		since = memory.Cursor
	}
	var all []pve.Task
	for {
		page, _, err := r.Client.NodeTasks(ctx, node, pve.TaskQuery{Since: since, Source: "all", Start: len(all), Limit: pageSize})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < pageSize {
			return all, nil
		}
	}
}

// takeOthers sorts one node's new tasks and takes over at once those that are no backups: ends of guests must come first, so that
// nothing older counts for a successor.
func (r *Refresher) takeOthers(found nodeTasks, touched touches) (finished, running []pve.Task, news bool) {
	memory := r.Memory.Node(found.node)
	for _, task := range r.pending {
		if task.Node == found.node {
			found.tasks = append(found.tasks, task)
		}
	}
	for _, task := range newTasks(found.tasks, memory) {
		switch {
		case task.Type == typeVzdump && task.End == 0:
			running = append(running, task)
		case task.Type == typeVzdump:
			finished = append(finished, task)
		case task.End != 0:
			derive.FoldDestroy(r.Memory, task)
			touched.task(task)
			memory.Folded[task.UPID] = task.Start
			news = true
		}
	}
	return finished, running, news
}

// newTasks leaves out what was taken over before, and one task listed twice; the newest come first.
func newTasks(tasks []pve.Task, memory *state.Node) []pve.Task {
	byUPID := map[string]int{}
	var result []pve.Task
	for _, task := range tasks {
		if _, done := memory.Folded[task.UPID]; done || task.Start < memory.Cursor || task.UPID == "" {
			continue
		}
		if at, twice := byUPID[task.UPID]; twice {
			if result[at].End == 0 {
				result[at] = task
			}
			continue
		}
		byUPID[task.UPID] = len(result)
		result = append(result, task)
	}
	slices.SortFunc(result, func(a, b pve.Task) int { return int(b.Start - a.Start) })
	return result
}

// advance moves the node's cursor to the oldest task that may still bring news, and remembers the window.
func (r *Refresher) advance(found nodeTasks) {
	memory := r.Memory.Node(found.node)
	cursor, known := max(memory.Cursor, r.world.Now-int64(history/time.Second)), r.world.Now
	for _, start := range memory.Folded {
		cursor = max(cursor, start)
	}
	for _, task := range newTasks(found.tasks, memory) {
		cursor = min(cursor, task.Start)
	}
	for _, task := range r.pending {
		if task.Node == found.node {
			cursor, known = min(cursor, task.Start), min(known, task.Start)
		}
	}
	memory.Cursor = min(cursor, r.world.Now-overlap)
	for upid, start := range memory.Folded {
		if start < cursor {
			delete(memory.Folded, upid)
		}
	}
	memory.Window = memory.Window[:0]
	for _, task := range found.window {
		if !task.Running() {
			memory.Window = append(memory.Window, task.UPID)
		}
	}
	facts := r.world.Nodes[found.node]
	facts.TasksKnown = known
	r.world.Nodes[found.node] = facts
}
