package pvesim

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// lockWait is how long a run waits for the node's global lock: vzdump's default of 180 minutes.
const lockWait = 180 * 60

// backupRun is a vzdump task at work, and afterwards the record from which its log is written.
type backupRun struct {
	runlog.Run
	task     *task
	job      string // id of the job that started it; empty for a run by hand
	options  map[string]string
	todo     []int
	finished func() // called once when the task is over; may be nil
	step     int    // counts the planned steps, so that a stop makes the next one void
	partial  *Archive
	config   map[string]string // of the guest at work, as its archive keeps it
	keepLock bool              // the guest at work stays locked
	unpruned bool              // nothing of the guest at work is removed
}

// startRun starts a vzdump task on a node for the given guests of that node.
func (c *Cluster) startRun(node, job string, options map[string]string, local []int, external func() []int, user string) *backupRun {
	id := ""
	if len(local) == 1 {
		id = strconv.Itoa(local[0])
	}
	run := &backupRun{task: c.newTask(node, "vzdump", id, user), job: job, options: options, todo: local}
	run.task.run = run
	run.Run = runlog.Run{
		Seed: hash(c.options.Seed, uint64(c.at), hashText(node)), Options: c.model.logOptions(options), Location: c.nodes[node].node.Zone,
		Start: c.at, External: external,
	}
	run.PruneName = func(g *runlog.GuestRun, ctime int64) string { return run.prunedName(g, ctime) }
	if text := c.refusedStart(run); text != "" {
		run.Abort, run.AbortText, run.End = runlog.AbortStorage, text, c.at
		c.endTask(run.task, text, c.notice(run))
		return run
	}
	c.seekLock(run)
	return run
}

// refusedStart is the text of a task that fails before it takes the lock.
func (c *Cluster) refusedStart(run *backupRun) string {
	if rule := c.ruleFor(run, 0, func(r *Rule) bool { return r.Task != "" }); rule != nil {
		return rule.Task
	}
	if id := run.options["storage"]; id != "" {
		return c.model.backupRefusal(id, run.task.node)
	}
	return ""
}

// notice is how long it takes until the end of a run is noticed: at once for what the daemon forked, up to ten seconds for the scheduler's.
func (c *Cluster) notice(run *backupRun) int64 {
	if run.options["quiet"] != "1" && run.Abort != runlog.AbortCrash {
		return 0
	}
	return 1 + int64(hash(run.Seed, 11)%9)
}

// seekLock takes the node's global lock or queues for it.
func (c *Cluster) seekLock(run *backupRun) {
	state := c.nodes[run.task.node]
	if state.holder == nil {
		state.holder = run
		c.begin(run)
		return
	}
	run.LockWait = true
	state.queue = append(state.queue, run)
	wait := int64(lockWait)
	if minutes, err := strconv.ParseInt(run.options["lockwait"], 10, 64); err == nil {
		wait = minutes * 60
	}
	if c.ruleFor(run, 0, func(r *Rule) bool { return r.LockTimeout }) != nil {
		wait = 30
	}
	c.schedule(c.at+wait, func() {
		i := slices.Index(state.queue, run)
		if i < 0 {
			return
		}
		state.queue = slices.Delete(state.queue, i, i+1)
		c.giveUp(run, "got timeout")
	})
}

// giveUp ends a run that never got the lock.
func (c *Cluster) giveUp(run *backupRun, cause string) {
	run.Abort, run.AbortAt, run.AbortText = runlog.AbortLock, c.at, cause
	c.over(run)
}

// begin starts the work of a run that holds the lock.
func (c *Cluster) begin(run *backupRun) {
	if run.LockWait {
		run.LockGot = c.at
	}
	if c.ruleFor(run, 0, func(r *Rule) bool { return r.JobHookFails }) != nil {
		refusing := *run.Options
		refusing.Hook = cmp.Or(refusing.Hook, "/usr/local/bin/vzdump-hook.pl")
		run.Options, run.Abort = &refusing, runlog.AbortHook
		c.over(run)
		return
	}
	c.later(run, c.at+1, func() { c.nextGuest(run) })
}

// later plans the next step of a run; a stop makes it void.
func (c *Cluster) later(run *backupRun, at int64, do func()) {
	run.step++
	step := run.step
	c.schedule(at, func() {
		if run.step == step {
			do()
		}
	})
}

// over ends a run: the task is over, and the next one in the queue gets the lock.
func (c *Cluster) over(run *backupRun) {
	run.step++
	run.End = c.at
	c.endTask(run.task, runlog.Status(&run.Run), c.notice(run))
	state := c.nodes[run.task.node]
	if state.holder == run {
		state.holder = nil
		if len(state.queue) > 0 {
			next := state.queue[0]
			state.queue = state.queue[1:]
			state.holder = next
			c.begin(next)
		}
	}
	if run.finished != nil {
		run.finished()
	}
}

// stop ends a running task from outside: by a signal, as a click on "Stop" does, or by a crash, which leaves no last words.
func (c *Cluster) stop(run *backupRun, crash bool) {
	if !run.task.running() {
		return
	}
	state := c.nodes[run.task.node]
	if i := slices.Index(state.queue, run); i >= 0 {
		state.queue = slices.Delete(state.queue, i, i+1)
		c.giveUp(run, "interrupted by signal")
		return
	}
	outcome := runlog.Interrupted
	if crash {
		outcome = runlog.Crashed
	}
	if n := len(run.Guests); n > 0 && run.Guests[n-1].End > c.at {
		open := &run.Guests[n-1]
		open.Outcome, open.End, open.Pruned = outcome, c.at, nil
		c.endGuest(run)
		return
	}
	c.abort(run, outcome)
	c.over(run)
}

// abort notes why a run ends early.
func (c *Cluster) abort(run *backupRun, o runlog.Outcome) {
	run.Abort, run.AbortAt = runlog.AbortSignal, c.at
	if o == runlog.Crashed {
		run.Abort = runlog.AbortCrash
	}
}

// text is the run's log as far as it has come.
func (run *backupRun) text(now int64) []byte {
	if !run.task.running() {
		now = max(now, run.End)
	}
	return runlog.Text(&run.Run, now)
}

// running returns the guest that is being backed up; nil between guests.
func (run *backupRun) open(now int64) *runlog.GuestRun {
	if n := len(run.Guests); n > 0 && run.Guests[n-1].End > now {
		return &run.Guests[n-1]
	}
	return nil
}
