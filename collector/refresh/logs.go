package refresh

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// logLines is how many lines of a running task's log are read at once.
const logLines = 5000

// readersPerNode is how many logs are read side by side for each node; the client bounds the calls.
const readersPerNode = 2

// follow is the log of a running task, read as it grows: what was read once is not read again.
type follow struct {
	task   pve.Task
	parser *vzdump.Parser
	lines  int
}

// readLog is one finished task with what its log says.
type readLog struct {
	task   pve.Task
	report vzdump.Report
	follow *follow // where it was followed while the task ran
	err    error
}

// readLogs reads the logs of finished tasks and takes over what they say, the newest first. A log that cannot be read is tried again in
// the next slow cycle; until then its task is pending. It returns by node why a log could not be read.
func (r *Refresher) readLogs(ctx context.Context, finished []pve.Task, runs *derive.Runs, touched touches, slow bool) map[string]error {
	failed := map[string]error{}
	var due []pve.Task
	for _, task := range finished {
		if _, tried := r.pending[task.UPID]; tried && !slow {
			failed[task.Node] = errPending
			continue
		}
		due = append(due, task)
	}
	slices.SortStableFunc(due, func(a, b pve.Task) int { return cmp.Compare(b.Start, a.Start) })
	for read := range r.eachLog(ctx, due) {
		if read.err != nil {
			r.pending[read.task.UPID] = read.task
			if read.follow != nil {
				r.follows[read.task.UPID] = read.follow
			}
			failed[read.task.Node] = read.err
			continue
		}
		delete(r.pending, read.task.UPID)
		report := read.report.WithStatus(vzdump.ParseStatus(read.task.Status))
		derive.FoldTask(r.Memory, r.world, read.task, report, runs)
		touched[derive.Place{Storage: derive.StorageOfTask(r.world, read.task, &report), Node: read.task.Node}] = true
		r.Memory.Node(read.task.Node).Folded[read.task.UPID] = read.task.Start
		r.showProgress(runs)
	}
	return failed
}

// eachLog reads logs side by side and sends them one by one.
func (r *Refresher) eachLog(ctx context.Context, tasks []pve.Task) <-chan readLog {
	results := make(chan readLog)
	queue := make(chan readLog, len(tasks))
	for _, task := range tasks {
		queue <- readLog{task: task, follow: r.follows[task.UPID]}
		delete(r.follows, task.UPID)
	}
	close(queue)
	var group sync.WaitGroup
	for range min(readersPerNode*max(1, len(r.world.NodeStates)), len(tasks)) {
		group.Go(func() {
			for one := range queue {
				results <- r.readOne(ctx, one)
			}
		})
	}
	go func() {
		group.Wait()
		close(results)
	}()
	return results
}

// readOne reads a finished log: whole, or the rest of one that was followed while its task ran.
func (r *Refresher) readOne(ctx context.Context, one readLog) readLog {
	if one.err = ctx.Err(); one.err != nil {
		return one
	}
	if one.follow != nil {
		one.err = r.readOn(ctx, one.follow)
		one.report = one.follow.parser.Report()
		return one
	}
	parser := vzdump.NewParser()
	_, one.err = r.Client.TaskLog(ctx, one.task.Node, one.task.UPID, parser)
	one.report = parser.Report()
	if r.isGone(ctx, one) { // cleaned up: the status is all that will ever be known
		one.report, one.err = vzdump.Report{NoLog: true}, nil
	}
	return one
}

// isGone reports that a log is not there any more. A download of it fails with words that differ between versions; the lines of a page say so
// with status 200.
func (r *Refresher) isGone(ctx context.Context, one readLog) bool {
	var refused *pve.Error
	if errors.As(one.err, &refused) && refused.Status == 500 && !errors.Is(one.err, pve.ErrNoLog) {
		_, _, one.err = r.Client.TaskLogPage(ctx, one.task.Node, one.task.UPID, 0, 1)
	}
	return errors.Is(one.err, pve.ErrNoLog)
}

// soFar is what is known of a task whose log is still to be read, in whole or to its end.
func (f *follow) soFar(task pve.Task) derive.RunningTask {
	if f == nil {
		return derive.RunningTask{Task: task}
	}
	return derive.RunningTask{Task: task, Report: f.parser.Report()}
}

// followLogs reads what running tasks wrote since the last cycle, and drops those that run no longer on the nodes whose tasks were found.
// It returns by node why a log could not be read.
func (r *Refresher) followLogs(ctx context.Context, running []pve.Task, nodes []nodeTasks) map[string]error {
	current := make(map[string]*follow, len(running))
	var due []*follow
	for _, task := range running {
		known := r.follows[task.UPID]
		if known == nil {
			known = &follow{task: task, parser: vzdump.NewParser()}
		}
		current[task.UPID] = known
		due = append(due, known)
	}
	for upid, known := range r.follows {
		_, pending := r.pending[upid]
		found := slices.ContainsFunc(nodes, func(one nodeTasks) bool { return one.node == known.task.Node })
		if pending || !found {
			current[upid] = known
		}
	}
	r.follows = current
	failed := map[string]error{}
	for i, got := range askAll(r.Now, due, func(known *follow) (struct{}, error) { return struct{}{}, r.readOn(ctx, known) }) {
		if got.err != nil {
			failed[due[i].task.Node] = got.err
		}
		r.world.Running = append(r.world.Running, due[i].soFar(due[i].task))
	}
	return failed
}

// readOn reads what was added to a log since it was read last.
func (r *Refresher) readOn(ctx context.Context, known *follow) error {
	for {
		lines, total, err := r.Client.TaskLogPage(ctx, known.task.Node, known.task.UPID, known.lines, logLines)
		if errors.Is(err, pve.ErrNoLog) {
			return nil // nothing was written yet
		}
		if err != nil {
			return err
		}
		for _, line := range lines {
			if _, err := io.WriteString(known.parser, line+"\n"); err != nil {
				return err
			}
		}
		known.lines += len(lines)
		if len(lines) == 0 || known.lines >= total {
			return nil
		}
	}
}
