package pvesim

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// jobKey is a job on one node: every node evaluates every job for itself.
type jobKey struct{ job, node string }

// jobState is what a node's scheduler remembers of a job.
type jobState struct {
	schedule string // as it was planned for
	enabled  bool
	event    vzdump.CalendarEvent
	plan     int // counts the plans, so that an outdated one does nothing
	running  *backupRun
	late     bool // a run fell due while the previous one was still going
	missed   bool // a run fell due while the node was down
}

// syncJobs plans every job on every node, and plans anew what has changed. As in PVE, an edit of the schedule or of the enabling starts the
// job's time anew, and no other edit does.
func (c *Cluster) syncJobs() {
	wanted := map[jobKey]bool{}
	for _, job := range c.model.Jobs {
		for _, node := range c.model.Nodes {
			key := jobKey{job.ID, node.Name}
			wanted[key] = true
			c.syncJob(key, job, node)
		}
	}
	for key, state := range c.jobs {
		if !wanted[key] {
			state.plan++
			delete(c.jobs, key)
		}
	}
}

// syncJob plans one job on one node where it is new or was changed, and starts what was missed while the node was down.
func (c *Cluster) syncJob(key jobKey, job *Job, node *Node) {
	state := c.jobs[key]
	if state == nil {
		state = &jobState{}
		c.jobs[key] = state
	} else if state.schedule == job.Schedule && state.enabled == !job.Disabled {
		if state.missed && !node.Offline {
			state.missed = false
			c.startJob(key)
		}
		return
	}
	state.schedule, state.enabled, state.late = job.Schedule, !job.Disabled, false
	state.plan++
	event, err := vzdump.ParseCalendarEvent(job.Schedule)
	if err != nil || job.Disabled {
		return
	}
	state.event = event
	c.planJob(key, state)
}

// planJob plans the job's next tick on a node.
func (c *Cluster) planJob(key jobKey, state *jobState) {
	zone := c.nodes[key.node].node.Zone
	next, ok := state.event.Next(time.Unix(c.at, 0).In(zone))
	if !ok {
		return
	}
	plan := state.plan
	c.schedule(next.Unix(), func() {
		if state.plan != plan {
			return
		}
		c.tick(key, state)
		c.planJob(key, state)
	})
}

// tick is the moment at which a job is due on a node.
func (c *Cluster) tick(key jobKey, state *jobState) {
	node, job := c.nodes[key.node].node, c.model.Job(key.job)
	if only := job.Get("node"); only != "" && only != key.node || node.SchedulerStopped {
		return
	}
	switch {
	case node.Offline:
		state.missed = job.Get("repeat-missed") == "1"
	case state.running != nil:
		state.late = true
	default:
		// The scheduler wakes up once a minute and needs a moment for each job.
		delay := 1 + int64(hash(c.options.Seed, hashText(key.job), hashText(key.node), uint64(c.at))%4)
		plan := state.plan
		c.schedule(c.at+delay, func() {
			if state.plan == plan && !node.Offline {
				c.startJob(key)
			}
		})
	}
}

// startJob starts a job's task on a node, if the node has anything to do: a job that names ids or a pool makes no task where none of
// them lives, one that takes all guests does.
func (c *Cluster) startJob(key jobKey) {
	job, state := c.model.Job(key.job), c.jobs[key]
	if job == nil || state == nil || state.running != nil {
		return
	}
	sel := c.selection(job)
	local := sel.on(key.node)
	if len(local) == 0 && !sel.all {
		return
	}
	options := c.scheduledOptions(job)
	external := func() []int { return sel.elsewhere(key.node) }
	run := c.startRun(key.node, job.ID, options, local, external, "root@pam")
	if run.task.running() {
		state.running = run
		run.finished = func() { c.jobOver(key, state) }
	}
}

// jobOver is the end of a job's task: a run that fell due meanwhile starts with the next full minute.
func (c *Cluster) jobOver(key jobKey, state *jobState) {
	state.running = nil
	if !state.late {
		return
	}
	state.late = false
	plan := state.plan
	c.schedule(c.at/60*60+62, func() {
		if state.plan == plan {
			c.startJob(key)
		}
	})
}

// nextRun is the property "next-run" as a node answers it; false where the schedule never fires again.
func (c *Cluster) nextRun(job *Job, node string) (int64, bool) {
	state := c.nodes[node]
	event, err := vzdump.ParseCalendarEvent(job.Schedule)
	if err != nil || state == nil {
		return 0, false
	}
	next, ok := event.Next(time.Unix(c.at, 0).In(state.node.Zone))
	return next.Unix(), ok
}
