package pvesim

import (
	"fmt"
	"strings"
)

// task is one worker process of a node, running or finished.
type task struct {
	upid   string
	node   string
	pid    uint32
	pstart uint64 // jiffies since the node's boot
	start  int64  // Unix seconds
	kind   string // vzdump, qmstart, ...
	id     string // the guest or what else it is about; may be empty
	user   string // "root@pam", or with a token "user@realm!name"
	over   int64  // when the process ended; 0 while it runs
	status string // what the last line of the log says, once it is over
	end    int64  // when somebody noticed, and wrote the index; 0 before
	run    *backupRun
	work   *work
	// trouble is what was ordered for it; nil for success.
	trouble *Trouble
	lines   []string // the log of a task that is no backup, without its last line
	log     logState
}

// logState says what became of a task's log file.
type logState uint8

const (
	logWhole logState = iota
	logEmpty
	logGone
)

// newTask makes a task that starts now.
func (c *Cluster) newTask(node, kind, id, user string) *task {
	state := c.nodes[node]
	state.forks++
	pid := uint32(1000 + hash(c.options.Seed, hashText(node), state.forks)%4000000)
	t := &task{node: node, kind: kind, id: id, user: user, start: c.at, pid: pid, pstart: uint64(c.at-state.boot)*100 + state.forks%100}
	t.upid = fmt.Sprintf("UPID:%s:%08X:%08X:%08X:%s:%s:%s:", node, t.pid, t.pstart, t.start, kind, id, user)
	c.tasks[t.upid] = t
	state.index.started(t)
	return t
}

// endTask ends a task's process. A task that the daemon forked is noticed at once; one of the scheduler's when the next status round comes;
// one that died with its node when that is up again.
func (c *Cluster) endTask(t *task, status string, noticedAfter int64) {
	t.over, t.status = c.at, status
	if state := c.nodes[t.node]; state.node.Offline {
		state.unnoticed = append(state.unnoticed, t)
		return
	}
	if noticedAfter == 0 {
		c.archiveTask(t)
		return
	}
	c.schedule(c.at+noticedAfter, func() { c.archiveTask(t) })
}

// archiveTask writes a task that is over into its node's index.
func (c *Cluster) archiveTask(t *task) {
	t.end = c.at
	for _, lost := range c.nodes[t.node].index.archived(t) {
		// The daily clean-up would remove the log some hours later; who reads it until then is no matter of this simulation.
		delete(c.tasks, lost.upid)
	}
}

// running reports whether the task's process is alive.
func (t *task) running() bool { return t.over == 0 }

// owner splits the user into account and token name.
func (t *task) owner() (user, token string) {
	user, token, _ = strings.Cut(t.user, "!")
	return user, token
}

// failed reports whether PVE calls the task an error in its errors filter.
func (t *task) failed() bool { return t.status != "OK" && !strings.HasPrefix(t.status, "WARNINGS: ") }

// statusKind is what the statusfilter parameter compares with.
func (t *task) statusKind() string {
	switch {
	case t.end == 0, t.status == "unexpected status":
		return "unknown"
	case t.status == "OK":
		return "ok"
	case strings.HasPrefix(t.status, "WARNINGS: "):
		return "warning"
	}
	return "error"
}

// text returns the task's log as far as it has come.
func (t *task) text(now int64) []byte {
	switch {
	case t.log != logWhole:
		return nil
	case t.run != nil:
		return t.run.text(now)
	}
	lines := t.lines
	if t.work != nil {
		lines = t.work.log(now)
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	switch {
	case t.running() || t.status == "unexpected status":
	case t.status == "OK":
		b.WriteString("TASK OK\n")
	case strings.HasPrefix(t.status, "WARNINGS: "):
		b.WriteString("TASK " + t.status + "\n")
	default:
		b.WriteString("TASK ERROR: " + t.status + "\n")
	}
	return []byte(b.String())
}
